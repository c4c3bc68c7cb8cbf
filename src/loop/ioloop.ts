/**
 * The loop: runs callbacks, timers, handlers and what is ready, in one order.
 *
 * The order, which is the same over every poller. One pass is:
 *
 * 1. What is ready runs: coroutines whose wait is over, done callbacks.
 * 2. The callbacks that were there when the pass began, first in, first out.
 * 3. The timers that were due when the pass began, by deadline, then by entry.
 *    One that was removed by a callback or an earlier timer is passed over.
 * 4. Poll: for nothing when callbacks or ready work are left, else until the
 *    next deadline, at most an hour. The handlers of what happened run, in the
 *    order in which they were registered.
 *
 * After each single callback, timer or handler, what it made ready runs, within
 * the ready queue's budget. A callback added during a pass runs in the next one,
 * so I/O gets its turn whatever callbacks do.
 *
 * Source: Tornado `PollIOLoop.start`.
 */
import { checkFunction, checkInstantMs, describe, LoopStateError, TimeoutError } from "../base/index.ts";
import {
  type ContextState,
  captureContexts,
  isWrapped,
  NullContext,
  runInContexts,
} from "../context/index.ts";
import { enterReadyQueue, Future, isThenable, ReadyQueue, setCallbackErrorHandler } from "../future/index.ts";
import { HandlerTable, type IOHandler } from "./handlers.ts";
import { type Log, stderrLog } from "./log.ts";
import { NodePoller } from "./node-poller.ts";
import type { PollEvent, Poller } from "./poller.ts";
import type { Report, ReportListener } from "./report.ts";
import { Timeout, TimerHeap } from "./timers.ts";
import { startWork } from "./work.ts";

/** The longest single poll, in milliseconds; an idle loop wakes once an hour. */
const LONGEST_POLL_MS = 3_600_000;

export interface IOLoopOptions {
  /** What the loop stands on; a `NodePoller` if absent. */
  readonly poller?: Poller;
  /** Where errors that nobody else receives are written; standard error if absent. */
  readonly log?: Log;
  /** End `start()` when nothing is left that could ever run. Default: for a virtual poller only. */
  readonly stopWhenIdle?: boolean;
}

interface Callback {
  readonly fn: (...args: never[]) => unknown;
  readonly args: unknown[];
  readonly contexts: ContextState;
}

/** The loop whose pass or drain is on the stack. */
let current: IOLoop | undefined;
/** Loops between `start()` and their end, over pollers that wait for real time. */
const started: IOLoop[] = [];
let processLoop: IOLoop | undefined;

/** The loop of code that no loop has called. */
function outerLoop(): IOLoop {
  const last = started.at(-1);
  if (last !== undefined) return last;
  if (processLoop === undefined) {
    processLoop = new IOLoop();
    processLoop._makeAmbient();
  }
  return processLoop;
}

function enter(loop: IOLoop | undefined): IOLoop | undefined {
  const before = current;
  current = loop;
  enterReadyQueue((loop ?? outerLoop())._ready);
  return before;
}

export class IOLoop {
  readonly poller: Poller;
  /** Where this loop writes what nobody else can be told. May be replaced. */
  log: Log;
  /** @internal */ readonly _ready: ReadyQueue;
  /** @internal The coroutines without an owner, kept here by the layer that knows them. */ _roots:
    | object
    | undefined = undefined;
  #callbacks: Callback[] = [];
  readonly #timers = new TimerHeap();
  readonly #handlers: HandlerTable;
  readonly #reportListeners = new Set<ReportListener>();
  readonly #stopWhenIdle: boolean;
  /** Does the loop turn by itself, without `start()`? Only the process's own does. */
  #ambient = false;
  #running = false;
  #stopped = false;
  #closed = false;
  #inPass = false;
  #polling = false;
  /** What `start()` gave out, until it is over. */
  #end: Future<void> | undefined = undefined;
  #droppedCallbacks = 0;

  constructor(options: IOLoopOptions = {}) {
    this.poller = options.poller ?? new NodePoller();
    this.log = options.log ?? stderrLog;
    this.#stopWhenIdle = options.stopWhenIdle ?? this.poller.virtual;
    this._ready = new ReadyQueue(this.#onReady, this.poller.virtual ? undefined : this.#drainSoon);
    this.#handlers = new HandlerTable(this);
  }

  /**
   * The loop that runs now. Outside of any: the one started last, else the process's own, which turns by itself.
   *
   * The process's own loop needs no `start()`: a coroutine called from any
   * callback of Node's just runs. Started, it also keeps the process alive while idle.
   */
  static current(): IOLoop {
    return current ?? outerLoop();
  }

  /** Milliseconds on this loop's clock, the only one that its timers know. Source: Tornado `IOLoop.time`, in seconds there. */
  time(): number {
    return this.poller.now();
  }

  /**
   * Turn until `stop()`.
   *
   * Over a virtual poller this call does all the work and the Future is settled
   * when it returns; on Node it settles after `stop()`. A `stop()` that came
   * before makes this call do nothing, once.
   *
   * @throws {LoopStateError} when the loop runs already or is closed
   */
  start(): Future<void> {
    if (this.#closed) throw new LoopStateError("Cannot start the loop: it is closed, make a new one");
    if (this.#running)
      throw new LoopStateError("Cannot start the loop: it is already running, start it once");
    const end = new Future<void>();
    if (this.#stopped) {
      this.#stopped = false;
      end.setResult();
      return end;
    }
    this.#running = true;
    this.#end = end;
    if (this.poller.virtual) {
      const before = enter(this);
      this.#turn();
      enter(before);
      // It has ended here: an error that ended it belongs to the caller.
      end.result();
    } else {
      started.push(this);
      enter(current);
      // The first pass comes in a turn of its own, like every later one.
      this.#poll(0);
    }
    return end;
  }

  /**
   * Make `start()` end after the pass that runs now: its remaining callbacks and
   * due timers still run, and callbacks added meanwhile are kept for the next start.
   */
  stop(): void {
    this.#running = false;
    this.#stopped = true;
    this.poller.wake();
  }

  /** Is it between `start()` and the end that `stop()` asks for? */
  get running(): boolean {
    return this.#running;
  }

  /**
   * Start the loop, run `fn` (plain, async or a generator function) and stop.
   *
   * @param options.timeoutMs - the longest that `fn` may take; then it is cancelled
   * @returns a promise of its result; rejects with what it failed with, with
   *   `TimeoutError`, or with `LoopStateError` when the loop is stopped first or runs already
   * Source: Tornado `IOLoop.run_sync`.
   */
  async run<T>(fn: () => T, options: { timeoutMs?: number } = {}): Promise<Awaited<T>> {
    const outcome = this.#launch(fn, options.timeoutMs);
    await this.start();
    return outcome() as Awaited<T>;
  }

  /**
   * As `run`, but the result is there when the call returns: for virtual time, where nothing has to be waited for.
   *
   * @throws as `run` rejects; also {LoopStateError} over a poller that cannot block, such as Node's
   */
  runSync<T>(fn: () => T, options: { timeoutMs?: number } = {}): ResultOf<T> {
    if (!this.poller.virtual) {
      throw new LoopStateError(
        "Cannot run synchronously: the poller waits for real time, call run() and await it",
      );
    }
    const outcome = this.#launch(fn, options.timeoutMs);
    this.start();
    return outcome() as ResultOf<T>;
  }

  /**
   * Call `fn(...args)` in the next pass, in the stack contexts in force now.
   *
   * Never inside this call. After `close()` it is dropped, and counted.
   */
  addCallback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkFunction(fn, "add a callback");
    if (this.#closed) {
      this.#droppedCallbacks++;
      return;
    }
    this.#callbacks.push({ fn: fn as (...args: never[]) => unknown, args, contexts: captureContexts() });
    if (!this.#inPass) this.#wake();
  }

  /** Call `fn` after `delayMs` milliseconds; 0 means in the next pass, and so does less. */
  callLater<A extends unknown[]>(delayMs: number, fn: (...args: A) => unknown, ...args: A): Timeout {
    return this.callAt(this.time() + checkInstantMs(delayMs, "call later"), fn, ...args);
  }

  /** Call `fn` at `atMs` on this loop's clock (`time()`); an instant that is past means in the next pass. */
  callAt<A extends unknown[]>(atMs: number, fn: (...args: A) => unknown, ...args: A): Timeout {
    checkFunction(fn, "call at an instant");
    checkInstantMs(atMs, "call at an instant");
    const before = this.#timers.firstDeadlineMs();
    const timeout = this.#timers.add(
      atMs,
      args.length === 0 ? (fn as () => unknown) : () => fn(...args),
      captureContexts(),
    );
    // A later timer does not change how long the poll may take.
    if (!this.#inPass && (before === undefined || atMs < before)) this.#wake();
    return timeout;
  }

  /**
   * Do not call what `callLater` or `callAt` were asked for; harmless when it has run or was removed.
   *
   * @throws {TypeError} for anything that is not a timeout
   */
  removeTimeout(timeout: Timeout): void {
    if (!(timeout instanceof Timeout)) {
      throw new TypeError(
        `Cannot remove a timeout: came ${describe(timeout)}, what callLater or callAt returned is wanted`,
      );
    }
    this.#timers.remove(timeout);
    // Nothing is left to wait for, so nothing may keep the process alive.
    if (this.#polling && !this.#running && this.#callbacks.length === 0 && this.#timers.size === 0) {
      this.#polling = false;
      this.poller.cancelPoll();
    }
  }

  /** Call `callback(future)` in a pass of this loop once `future` is settled, in the contexts in force now. */
  addFuture<F extends Future<unknown>>(future: F, callback: (future: F) => unknown): void {
    checkFunction(callback, "add a future's callback");
    const contexts = captureContexts();
    future._listen({
      settled: () => {
        this.#callbacks.push({ fn: callback as (...args: never[]) => unknown, args: [future], contexts });
        if (!this.#inPass) this.#wake();
      },
    });
  }

  /**
   * Start `fn` (plain, async or a generator function) in the next pass on nobody's behalf.
   *
   * No contexts, no owner, so no orphan report; a failure is logged.
   * Source: Tornado `IOLoop.spawn_callback`.
   */
  spawnCallback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkFunction(fn, "spawn a callback");
    new NullContext().run(() => this.addCallback(() => startWork(() => fn(...args))));
  }

  /**
   * Watch a file descriptor: `handler(fd, events)` runs whenever one of `events` holds.
   *
   * @throws {Error} when it is watched already, or the poller has no descriptors
   */
  addHandler(fd: number, handler: IOHandler, events: number): void {
    this.#handlers.add(fd, handler, events);
  }

  /** Watch `fd` for other events. @throws {Error} when it is not watched */
  updateHandler(fd: number, events: number): void {
    this.#handlers.update(fd, events);
  }

  /** Watch `fd` no longer; an event of it that is pending is dropped. Harmless when it is not watched. */
  removeHandler(fd: number): void {
    this.#handlers.remove(fd);
  }

  /**
   * An error that a callback, timer or done callback threw. Override it to do other than log.
   *
   * @param callback - the function that threw, where it is known
   * Source: Tornado `IOLoop.handle_callback_exception`.
   */
  handleCallbackError(error: unknown, callback: unknown): void {
    const name = typeof callback === "function" && callback.name !== "" ? ` "${callback.name}"` : "";
    this.log.error(`Error in callback${name}`, error);
  }

  /** Be told of this loop's reports; they are then no longer logged. @returns a function that ends it */
  onReport(listener: ReportListener): () => void {
    this.#reportListeners.add(listener);
    return () => this.#reportListeners.delete(listener);
  }

  /** @internal Hand a report to whoever listens, else to the log. */
  _report(report: Report): void {
    if (this.#reportListeners.size === 0) this.log.warn(report.text);
    for (const listener of this.#reportListeners) {
      try {
        listener(report);
      } catch (error) {
        this._onCallbackError(error, listener);
      }
    }
  }

  /** What waits in this loop, by count. */
  statistics(): {
    callbacks: number;
    timers: number;
    ready: number;
    handlers: number;
    droppedCallbacks: number;
  } {
    return {
      callbacks: this.#callbacks.length,
      timers: this.#timers.size,
      ready: this._ready.size,
      handlers: this.#handlers.size,
      droppedCallbacks: this.#droppedCallbacks,
    };
  }

  /**
   * Drop what is queued and give back what the poller holds. Twice is harmless.
   *
   * @throws {LoopStateError} while the loop runs
   */
  close(): void {
    if (this.#running) throw new LoopStateError("Cannot close the loop: it is running, stop it first");
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.clear();
    this.#callbacks = [];
    this.poller.close();
  }

  /** @internal A loop that turns whenever there is something to do. */
  _makeAmbient(): void {
    this.#ambient = true;
  }

  /** @internal Run one user function as the loop does: errors handled, then what it made ready. */
  _runGuarded(fn: (...args: never[]) => unknown, args: unknown[], contexts: ContextState): void {
    try {
      const result = isWrapped(fn)
        ? fn(...(args as never[]))
        : runInContexts(contexts, fn as (...a: unknown[]) => unknown, ...args);
      if (result instanceof Future || isThenable(result)) this.#watchResult(result, fn);
    } catch (error) {
      this._onCallbackError(error, fn);
    }
    this._ready.drain(this.#now);
  }

  readonly #now = (): number => this.poller.now();

  readonly #onReady = (): void => {
    // Inside a pass the queue is drained after each callback anyway.
    if (this.#inPass || this.poller.virtual) return;
    if (this.#ambient || this.#running) this.poller.soon(this.#drainSoon);
  };

  readonly #drainSoon = (): void => {
    // A loop that has not begun, or has ended, keeps what is ready for its next start.
    if (!this.#ambient && !this.#running) return;
    const before = enter(this);
    const empty = this._ready.drain(this.#now);
    enter(before);
    if (!empty) this.#wake();
  };

  readonly #resume = (events: readonly PollEvent[]): void => {
    this.#polling = false;
    const before = enter(this);
    this.#inPass = true;
    this.#handlers.dispatch(events);
    this.#inPass = false;
    this.#turn();
    enter(before);
  };

  /** Passes and polls, until the poller answers "later" or the loop is to stop. */
  #turn(): void {
    for (;;) {
      const timeoutMs = this.#pass();
      if (timeoutMs === undefined) {
        this.#finish(undefined);
        return;
      }
      const events = this.#poll(timeoutMs);
      if (events === undefined) return;
      this.#inPass = true;
      this.#handlers.dispatch(events);
      this.#inPass = false;
    }
  }

  /** One pass; the milliseconds that the poll may take, or `undefined` when the loop is to stop. */
  #pass(): number | undefined {
    this.#inPass = true;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    const due = this.#timers.takeDue(this.time());
    this._ready.drain(this.#now);
    for (const { fn, args, contexts } of callbacks) this._runGuarded(fn, args, contexts);
    for (const timeout of due) {
      const callback = timeout._callback;
      if (callback === undefined) continue;
      timeout._callback = undefined;
      this._runGuarded(callback, [], timeout._contexts);
    }
    this.#inPass = false;
    if (!this.#running && !this.#ambient) return undefined;
    if (this.#stopped && this.#end !== undefined) return undefined;
    if (this.#callbacks.length > 0 || this._ready.size > 0) return 0;
    const first = this.#timers.firstDeadlineMs();
    if (first === undefined && this.#handlers.size === 0 && (this.#stopWhenIdle || !this.#running))
      return undefined;
    return first === undefined
      ? LONGEST_POLL_MS
      : Math.min(Math.max(first - this.time(), 0), LONGEST_POLL_MS);
  }

  /** The events, or `undefined` when the poller will call `#resume`, or the loop has ended by an error. */
  #poll(timeoutMs: number): readonly PollEvent[] | undefined {
    try {
      const events = this.poller.poll(timeoutMs, this.#resume);
      this.#polling = events === "later";
      return events === "later" ? undefined : events;
    } catch (error) {
      // A signal came while the system waited: nothing is wrong, look again.
      if ((error as NodeJS.ErrnoException)?.code === "EINTR") return [];
      this.#finish({ error });
      return undefined;
    }
  }

  /** `start()` is over. Its state is reset whatever happened, so that it can be called again. */
  #finish(thrown: { error: unknown } | undefined): void {
    const end = this.#end;
    if (end === undefined) return;
    this.#end = undefined;
    this.#running = false;
    this.#stopped = false;
    const at = started.indexOf(this);
    if (at >= 0) started.splice(at, 1);
    if (thrown === undefined) end.setResult();
    else end.setError(thrown.error);
    // The process's own loop goes on by itself with what is left.
    if (this.#ambient && (this.#callbacks.length > 0 || this.#timers.size > 0)) this.#poll(0);
  }

  /** Something is to be done: see to it that a pass comes. */
  #wake(): void {
    if (this.#polling) this.poller.wake();
    else if (this.#ambient && !this.#running && !this.#inPass) this.#poll(0);
  }

  #launch(fn: () => unknown, timeoutMs: number | undefined): () => unknown {
    if (this.#running) {
      throw new LoopStateError(
        "Cannot run a function on the loop: it is already running, call the function there",
      );
    }
    let work: Future<unknown> | undefined;
    let limit: Timeout | undefined;
    let timedOut = false;
    this.addCallback(() => {
      work = startWork(fn);
      this.addFuture(work, () => this.stop());
    });
    if (timeoutMs !== undefined) {
      limit = this.callLater(timeoutMs, () => {
        timedOut = true;
        // What is cancelled may clean up; its end stops the loop.
        if (work === undefined || !work.cancel(`the limit of ${timeoutMs} ms passed`)) this.stop();
      });
    }
    return () => {
      if (limit !== undefined) this.removeTimeout(limit);
      if (timedOut) {
        throw new TimeoutError(
          `Cannot finish the function that the loop runs: ${timeoutMs} ms passed`,
          timeoutMs as number,
        );
      }
      if (work?.done()) return work.result();
      throw new LoopStateError("Cannot give the result of the function: the loop ended before it was done");
    };
  }

  #watchResult(result: Future<unknown> | PromiseLike<unknown>, callback: unknown): void {
    const failed = (error: unknown): void => this._onCallbackError(error, callback);
    if (!(result instanceof Future)) {
      result.then(undefined, failed);
      return;
    }
    result._listen({
      settled: (source) => {
        const error = source.error();
        if (error !== undefined && !source.cancelled()) failed(error);
      },
    });
  }

  /** @internal Guarded, because a hook that throws must not end the loop. */
  _onCallbackError(error: unknown, callback: unknown): void {
    try {
      this.handleCallbackError(error, callback);
    } catch (second) {
      this.log.error("Error in callback", error);
      this.log.error("Error in handleCallbackError, while it handled the one above", second);
    }
  }
}

/** The result type of a function that may be plain, async, or a coroutine. */
export type ResultOf<T> = T extends Generator<unknown, infer R, never> ? Awaited<R> : Awaited<T>;

setCallbackErrorHandler((error, callback) => {
  const loop = IOLoop.current();
  if (callback === undefined) loop.log.error("Error after a Future was cancelled", error);
  else loop._onCallbackError(error, callback);
});

// The ready queue must be there before the first Future of the process is waited for.
enter(undefined);
