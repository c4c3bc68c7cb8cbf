/**
 * One run of a test's body on a loop of its own, and what it must not leave behind.
 *
 * A body fails its test by throwing, and also by an orphan, a lost error, an
 * error in a callback, a line in the log that was not expected, a timer that is
 * left when it ends, or by never ending.
 */
import { TimeoutError } from "../base/index.ts";
import {
  type Coroutine,
  type CoroutineGenerator,
  formatLocation,
  formatWaitingTree,
  startCoroutine,
  type WaitingNode,
  waitingTree,
  withoutOwner,
} from "../gen/index.ts";
import { IOLoop, type Poller } from "../loop/index.ts";
import { TestLog } from "./test-log.ts";

/** What a test runs: a generator function (or one made by `coroutine`), which is given the loop. */
export type TestBody = (loop: IOLoop) => CoroutineGenerator<unknown> | Coroutine<unknown>;

export interface TestOptions {
  /** The longest that the body may take, in milliseconds of the loop's time. Default 5000. */
  readonly timeoutMs?: number;
  /** Let timers be left over when the body ends? Default false. */
  readonly allowTimers?: boolean;
}

const DEFAULT_TIMEOUT_MS = 5000;

/** Passes that the loop is given after the body, so that what is about to be reported is. */
const LAST_PASSES = 4;

export class TestRun {
  readonly loop: IOLoop;
  readonly #log = new TestLog();
  readonly #body: TestBody;
  readonly #timeoutMs: number;
  readonly #allowTimers: boolean;
  readonly #callbackErrors: unknown[] = [];
  #work: Coroutine<unknown> | undefined = undefined;
  #late: Error | undefined = undefined;
  #leftTimers = 0;

  constructor(
    body: TestBody,
    poller: Poller,
    { timeoutMs = DEFAULT_TIMEOUT_MS, allowTimers = false }: TestOptions,
  ) {
    if (typeof body !== "function") {
      throw new TypeError("Cannot make a test: its body is no function, a generator function is wanted");
    }
    this.#body = body;
    this.#timeoutMs = timeoutMs;
    this.#allowTimers = allowTimers;
    this.loop = new IOLoop({ poller, log: this.#log });
    this.loop.handleCallbackError = (error) => {
      this.#callbackErrors.push(error);
    };
  }

  /** Queue the body on the loop, which is started afterwards. */
  begin(): void {
    this.loop.addCallback(() => {
      const work = withoutOwner(() => startCoroutine<unknown>(this.#body as never, undefined, [this.loop]));
      this.#work = work;
      const limit = this.loop.callLater(this.#timeoutMs, () => this.#expire());
      this.loop.addFuture(work, () => {
        this.loop.removeTimeout(limit);
        this.#leftTimers = this.loop.statistics().timers;
        this.#lastPass(LAST_PASSES);
      });
    });
  }

  /** Throw what makes the test fail. Called when the loop has ended. */
  finish(): void {
    const work = this.#work;
    if (work === undefined)
      throw new Error("Cannot end the test: the loop was stopped before the body began");
    if (!work.done()) {
      throw this.#waiting(
        (tree) => new Error(`Cannot end the test: the loop was stopped while it waited:\n${tree}`),
      );
    }
    if (this.#late !== undefined) throw this.#late;
    const [first, ...others] = this.#callbackErrors;
    const failure = work.error() ?? first;
    if (failure !== undefined) {
      for (const error of others) this.#log.error("Another error in a callback", error);
      throw failure;
    }
    const problems = [...this.#log.unexpected];
    // An orphan that sleeps has left its timer: that is said already.
    const hasOrphan = problems.some((text) => text.startsWith("orphan: "));
    if (this.#leftTimers > 0 && !this.#allowTimers && !hasOrphan) {
      const timers = this.#leftTimers === 1 ? "1 timer is" : `${this.#leftTimers} timers are`;
      problems.push(`${timers} left when the test ended, none is wanted (cancel them, or wait)`);
    }
    if (problems.length > 0)
      throw new Error(`The test passed, but left this behind:\n${problems.join("\n")}`);
  }

  /** The limit passed: say where everything waits, then throw it in, so that clean-ups run. */
  #expire(): void {
    const work = this.#work as Coroutine<unknown>;
    const { timers, callbacks, ready, handlers } = this.loop.statistics();
    // On virtual time the limit is reached at once when nothing else is left to happen.
    const stuck = this.loop.poller.virtual && timers + callbacks + ready + handlers === 0;
    const why = stuck ? "nothing is left that could wake it" : `${this.#timeoutMs} ms passed`;
    this.#late = this.#waiting((tree) => {
      return new TimeoutError(
        `Cannot wait longer for the test: ${why}; what waits:\n${tree}`,
        this.#timeoutMs,
      );
    });
    work.cancel(this.#late);
  }

  #waiting<E extends Error>(make: (tree: string) => E): E {
    const nodes = waitingTree(this.loop);
    return withWaitingStack(make(formatWaitingTree(nodes, "  ")), nodes);
  }

  #lastPass(left: number): void {
    if (left === 0) this.loop.stop();
    else this.loop.addCallback(() => this.#lastPass(left - 1));
  }
}

/** Give `error` the lines at which the coroutines wait as its stack, innermost first: that is where it comes from. */
function withWaitingStack<E extends Error>(error: E, nodes: readonly WaitingNode[]): E {
  const frames: string[] = [];
  const collect = ({ coroutine, waitsAt, children }: WaitingNode): void => {
    for (const child of children) collect(child);
    if (waitsAt !== undefined) frames.push(`    at ${coroutine.name} (${formatLocation(waitsAt)})`);
  };
  for (const node of nodes) collect(node);
  error.stack = `${error.name}: ${error.message}\n${frames.join("\n")}`;
  return error;
}
