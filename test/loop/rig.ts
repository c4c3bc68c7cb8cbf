/**
 * A loop for one test, with all it logs and reports kept.
 *
 * The test fails for what it did not take.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  IOLoop,
  type IOLoopOptions,
  type PollEvent,
  type Poller,
  type Report,
} from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/poller.ts";

/** Virtual time that notes each poll, and answers as the test says. */
export class ScriptedPoller extends SimPoller {
  /** The timeouts that were asked for. */
  readonly polls: number[] = [];
  /** Taken one a poll, and may throw; when none is left time moves on. */
  readonly answers: ((timeoutMs: number) => readonly PollEvent[])[] = [];

  override poll(timeoutMs: number): readonly PollEvent[] {
    this.polls.push(timeoutMs);
    const answer = this.answers.shift();
    return answer === undefined ? super.poll(timeoutMs) : answer(timeoutMs);
  }
}

export class Rig<P extends Poller> {
  readonly poller: P;
  readonly loop: IOLoop;
  /** What happened, in order: for the test to fill. */
  readonly events: unknown[] = [];
  #logged: { message: string; error?: unknown }[] = [];
  #reports: Report[] = [];

  constructor(poller: P, options: Omit<IOLoopOptions, "poller" | "log">) {
    this.poller = poller;
    const write = (message: string, error?: unknown): void => {
      this.#logged.push(error === undefined ? { message } : { message, error });
    };
    this.loop = new IOLoop({ ...options, poller, log: { warn: write, error: write } });
    this.loop.onReport((report) => this.#reports.push(report));
  }

  /** A function that notes `name` when it is called. */
  note = (name: unknown): (() => void) => {
    return () => {
      this.events.push(name);
    };
  };

  /** What was logged so far, which is then expected. */
  takeLogged = (): { message: string; error?: unknown }[] => {
    const taken = this.#logged;
    this.#logged = [];
    return taken;
  };

  /** The errors logged so far, which are then expected. */
  takeErrors = (): unknown[] => this.takeLogged().map(({ error }) => error);

  checkNothingLeft(): void {
    assert.deepEqual(this.takeLogged(), [], "nothing is logged that the test did not take");
    assert.deepEqual(this.#reports, [], "nothing is reported");
  }
}

/** A rig in virtual time that notes its polls. */
export function rig(
  test: Pick<TestContext, "after">,
  options: Omit<IOLoopOptions, "poller" | "log"> = {},
): Rig<ScriptedPoller> {
  const made = new Rig(new ScriptedPoller(), options);
  test.after(() => made.checkNothingLeft());
  return made;
}

/** An error as the system gives it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`the system says ${code}`), { code });
}
