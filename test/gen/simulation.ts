/**
 * A loop on virtual time for one test.
 *
 * The test fails for what it did not take: log lines, reports, timers left over.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { IOLoop, type Log, type Report } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import "../../src/gen/index.ts";

export interface LogLine {
  readonly message: string;
  readonly error: unknown;
}

export class Simulation {
  readonly poller: SimPoller = new SimPoller();
  readonly loop: IOLoop;
  /** Let reports go to the log, as they do when nobody listens. */
  readonly stopListening: () => void;
  /** What happened, in order: for the tests to fill. */
  readonly events: unknown[] = [];
  #closed = false;
  #logged: LogLine[] = [];
  #reports: Report[] = [];

  constructor() {
    const write = (message: string, error?: unknown): number => this.#logged.push({ message, error });
    const log: Log = { warn: write, error: write };
    this.loop = new IOLoop({ poller: this.poller, log });
    this.stopListening = this.loop.onReport((report) => this.#reports.push(report));
  }

  /** The log lines so far, which are then expected. */
  takeLogged(): LogLine[] {
    const taken = this.#logged;
    this.#logged = [];
    return taken;
  }

  /** The errors that were logged so far, which are then expected. */
  takeErrors(): unknown[] {
    return this.takeLogged().map(({ error }) => error);
  }

  /** The reports so far, which are then expected. */
  takeReports(): Report[] {
    const taken = this.#reports;
    this.#reports = [];
    return taken;
  }

  /** Close the loop before the test ends, to look at what that reports. */
  close(): void {
    this.#closed = true;
    this.loop.close();
  }

  /** Run what is left until nothing is; then nothing unexpected may be there. */
  end(): void {
    const { timers } = this.loop.statistics();
    if (!this.#closed) {
      this.loop.start();
      this.close();
    }
    assert.deepEqual(this.takeLogged(), [], "nothing is logged that the test did not take");
    assert.deepEqual(this.takeReports(), [], "nothing is reported that the test did not take");
    assert.equal(timers, 0, "no timer is left");
  }
}

/** A simulation that ends with the test, and fails it for what is left then. */
export function simulation(test: Pick<TestContext, "after">): Simulation {
  const made = new Simulation();
  test.after(() => made.end());
  return made;
}
