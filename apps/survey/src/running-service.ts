/** The service with everything that it runs on: stores in a folder, a port, the worker, the sweep. */
import {
  CancelledError,
  type Coroutine,
  type CoroutineGenerator,
  coroutine,
  detach,
  type Future,
  IOLoop,
  PeriodicCallback,
  recordSites,
} from "gyre";
import type { Application, HttpServer } from "gyre/web";
import { makeApplication } from "./handlers/routes.ts";
import type { ServiceOptions } from "./options.ts";
import { runReviewWorker } from "./review/review-worker.ts";
import type { ServiceLog } from "./service/log.ts";
import { resumeSubmissions } from "./service/submit-form.ts";
import { SurveyService } from "./service/survey-service.ts";
import { makeTools, type Tools } from "./service/tools.ts";
import { openStores } from "./stores/index.ts";

/** Uploads that nobody submitted go after a day; looked for each ten minutes. */
const uploadLimitMs = 24 * 3600 * 1000;
const sweepEveryMs = 600_000;
/** What was cut off when a process died is looked for as often. */
const resumeEveryMs = 60_000;
/** So many ports are tried behind one that is taken. */
const portAttempts = 100;
/** Longer than a rename may take: a submission that has come is finished. */
const graceMs = 15_000;

export interface RunningService {
  readonly service: SurveyService;
  readonly application: Application;
  /** With which addresses begin, "http://127.0.0.1:8080". */
  readonly url: string;
  readonly port: number;
  /** Finish the requests in process, then close everything. */
  stop(): Future<void>;
}

export interface StartOptions extends ServiceOptions {
  /** Where the console listens, without its token; the list of surveys links to it. */
  readonly consoleUrl?: string | undefined;
}

/**
 * Open the stores and listen.
 *
 * Reports of the loop, and what nobody else is told, go to `log` from here on.
 *
 * @throws {StoreError} when the folder cannot be used
 * @throws {Error} Node's own, when the address cannot be had
 */
export const startService: (options: StartOptions, log: ServiceLog) => Coroutine<RunningService> = coroutine(
  function* startService(options: StartOptions, log: ServiceLog): CoroutineGenerator<RunningService> {
    IOLoop.current().log = log;
    // So that an orphan report has the line that started it.
    recordSites(true);
    const stores = yield* openStores({
      folder: options.folder,
      onError: (error) => log.error("A task of the stores failed; it is tried again", error),
    });
    const tools = makeTools(stores, log);
    const service = new SurveyService({ tools, maxFileBytes: options.maxFileBytes });
    const { hasLegacy, consoleUrl } = options;
    const application = makeApplication(service, { hasLegacy, consoleUrl });
    let server: HttpServer;
    try {
      server = yield* listen(application, options);
    } catch (error) {
      yield* stores.close();
      throw error;
    }
    const sweep = new PeriodicCallback(() => sweepUploads(service, log), sweepEveryMs, { jitter: 0.1 });
    sweep.start();
    const resume = new PeriodicCallback(() => resumeCutOff(service, log), resumeEveryMs, { jitter: 0.1 });
    resume.start();
    const worker = options.hasWorker
      ? detach(runReviewWorker(tools), "it works until the service stops")
      : undefined;
    const { url, port } = server.address;
    return {
      service,
      application,
      url,
      port,
      stop: () => stopService({ application, periodic: [sweep, resume], worker, tools }),
    };
  },
);

/** Listen on the wanted port, or on the next one that is free. */
function* listen(application: Application, { host, port }: ServiceOptions): CoroutineGenerator<HttpServer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return yield* application.listen(port + attempt, host);
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!isTaken || attempt === portAttempts || port + attempt === 65_535) throw error;
    }
  }
}

const sweepUploads = coroutine(function* sweepUploads(
  service: SurveyService,
  log: ServiceLog,
): CoroutineGenerator<void> {
  const count = yield* service.uploads.sweep(uploadLimitMs);
  if (count > 0) log.info(`removed ${count} uploads that were never submitted`);
});

const resumeCutOff = coroutine(function* resumeCutOff(
  service: SurveyService,
  log: ServiceLog,
): CoroutineGenerator<void> {
  const count = yield* resumeSubmissions(service);
  if (count > 0) log.info(`finished ${count} submissions that were cut off`);
});

interface Parts {
  readonly application: Application;
  readonly periodic: readonly PeriodicCallback[];
  readonly worker: Coroutine<never> | undefined;
  readonly tools: Tools;
}

const stopService = coroutine(function* stopService(parts: Parts): CoroutineGenerator<void> {
  const { application, periodic, worker, tools } = parts;
  yield* application.stop({ graceMs });
  for (const each of periodic) each.stop();
  if (worker !== undefined) yield* stopWorker(worker);
  yield* tools.stores.close();
});

/** Cancel a worker, and wait until it has let go of what it holds. */
export function* stopWorker(worker: Coroutine<never>): CoroutineGenerator<void> {
  worker.cancel("the service stops");
  try {
    yield* worker;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
}
