/** `npm run worker`: looks into photos and videos for a service that runs with `--no-worker`, or beside its worker. */
import { coroutine, detach, IOLoop } from "gyre";
import { stopOnSignals } from "gyre/web";
import { readWorkerOptions, workerHelp } from "./options.ts";
import { runProgram } from "./program.ts";
import { runReviewWorker } from "./review/review-worker.ts";
import { stopWorker } from "./running-service.ts";
import { timestampedLog } from "./service/log.ts";
import { makeTools } from "./service/tools.ts";
import { openStores } from "./stores/index.ts";

await runProgram(workerHelp, readWorkerOptions, async ({ folder }) => {
  const log = timestampedLog();
  const loop = IOLoop.current();
  loop.log = log;
  await loop.run(function* () {
    const stores = yield* openStores({
      folder,
      onError: (error) => log.error("A task of the stores failed; it is tried again", error),
    });
    const worker = detach(runReviewWorker(makeTools(stores, log)), "it works until a signal comes");
    process.stdout.write(`The review worker runs on ${folder}; stop it with Ctrl+C\n`);
    const stop = coroutine(function* stopOnSignal() {
      yield* stopWorker(worker);
      yield* stores.close();
    });
    const signal = yield* stopOnSignals({ stop });
    process.stdout.write(`Stopped after ${signal}.\n`);
  });
});
