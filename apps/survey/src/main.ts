/** `npm start`: runs the survey service until it gets a signal. */
import { IOLoop } from "gyre";
import { stopOnSignals } from "gyre/web";
import { legacySurveyUrl } from "./handlers/legacy-urls.ts";
import { stormSurvey } from "./model/index.ts";
import { readServiceOptions, type ServiceOptions, serviceHelp } from "./options.ts";
import { runProgram } from "./program.ts";
import { type RunningService, startService } from "./running-service.ts";
import { timestampedLog } from "./service/log.ts";
import { reviewUrl, surveyUrl } from "./views/index.ts";

await runProgram(serviceHelp, readServiceOptions, async (options) => {
  const log = timestampedLog();
  await IOLoop.current().run(function* () {
    const running = yield* startService(options, log);
    process.stdout.write(greeting(running, options));
    const signal = yield* stopOnSignals({ stop: () => running.stop() });
    process.stdout.write(`Stopped after ${signal}.\n`);
  });
});

function greeting({ url, port }: RunningService, options: ServiceOptions): string {
  const lines = [
    `The survey service runs: open ${url}/`,
    "",
    `  fill in a survey    ${url}${surveyUrl(stormSurvey)}`,
    `  review the files    ${url}${reviewUrl}`,
    ...(options.hasLegacy ? [`  watch the old bug   ${url}${legacySurveyUrl(stormSurvey)}`] : []),
    `  answers and files   ${options.folder}`,
    "  stop                Ctrl+C",
    "",
  ];
  if (options.port !== 0 && port !== options.port)
    lines.splice(1, 0, `  (port ${options.port} is taken, ${port} is the next free one)`);
  return `${lines.join("\n")}\n`;
}
