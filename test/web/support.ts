/** What the tests of the web layer share: a log that remembers, and applications on simulated loops. */
import assert from "node:assert/strict";
import { IOLoop, type Report, type ResultOf } from "../../src/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import {
  Application,
  type ApplicationSettings,
  type MemoryRequest,
  type MemoryResponse,
  type RouteRow,
  type WebLog,
} from "../../src/web/index.ts";

/** Keeps what it is told. Errors that a test does not take fail it. */
export class RecordingLog implements WebLog {
  readonly lines: string[] = [];
  #errors: string[] = [];

  info(message: string): void {
    this.lines.push(message);
  }

  warn(message: string): void {
    this.#errors.push(message);
  }

  error(message: string, error?: unknown): void {
    this.#errors.push(error === undefined ? message : `${message}: ${error}`);
  }

  /** What went wrong so far; it counts as expected from then on. */
  takeErrors(): string[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }
}

/** An application on a simulated loop, with all that was noticed about it. */
export class Simulation {
  readonly log = new RecordingLog();
  readonly poller = new SimPoller();
  readonly loop = new IOLoop({ poller: this.poller, log: this.log });
  readonly reports: Report[] = [];
  readonly application: Application;

  constructor(routes: readonly RouteRow[], settings: ApplicationSettings = {}) {
    this.application = new Application(routes, { log: this.log, ...settings });
    this.loop.onReport((report) => this.reports.push(report));
  }

  /** Run `fn` to its end in virtual time. */
  run<T>(fn: () => T): ResultOf<T> {
    return this.loop.runSync(fn);
  }

  /** One request, and all that follows from it. */
  request(request: MemoryRequest): MemoryResponse {
    return this.run(() => this.application.request(request));
  }

  get(path: string, headers: MemoryRequest["headers"] = {}): MemoryResponse {
    return this.request({ path, headers });
  }

  /** Everything was quiet: no error was logged that the test does not know of, and nothing was reported. */
  assertQuiet(): void {
    assert.deepEqual(this.log.takeErrors(), []);
    assert.deepEqual(
      this.reports.map((report) => report.text),
      [],
    );
  }
}
