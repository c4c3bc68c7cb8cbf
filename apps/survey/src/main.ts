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
import { startWatching, type Watching } from "./watching.ts";

await runProgram(serviceHelp, readServiceOptions, async (options) => {
  const log = timestampedLog();
  const watching = await startWatching(options, log);
  try {
    await IOLoop.current().run(function* main() {
      const running = yield* startService({ ...options, consoleUrl: watching.consoleUrl }, log);
      process.stdout.write(greeting(running, options, watching));
      const signal = yield* stopOnSignals({ stop: () => running.stop() });
      process.stdout.write(`Stopped after ${signal}.\n`);
    });
  } finally {
    await watching.stop();
  }
});

function greeting({ url, port }: RunningService, options: ServiceOptions, watching: Watching): string {
  const lines = [
    `The survey service runs: open ${url}/`,
    "",
    `  fill in a survey    ${url}${surveyUrl(stormSurvey)}`,
    `  review the files    ${url}${reviewUrl}`,
    ...(options.hasLegacy ? [`  watch the old bug   ${url}${legacySurveyUrl(stormSurvey)}`] : []),
    `  watch it run        ${watching.consoleAddress ?? "npm start -- --console"}`,
    `  answers and files   ${options.folder}`,
    ...(options.traceFile === undefined ? [] : [`  recording           ${options.traceFile}`]),
    "  stop                Ctrl+C",
    "",
  ];
  if (options.port !== 0 && port !== options.port)
    lines.splice(1, 0, `  (port ${options.port} is taken, ${port} is the next free one)`);
  return `${lines.join("\n")}\n`;
}
