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
import {
  checkDurationMs,
  checkFunction,
  checkInstantMs,
  describe,
  FatalError,
  LoopStateError,
} from "../base/index.ts";
import {
  type ContextState,
  captureContexts,
  isWrapped,
  NullContext,
  runInContexts,
} from "../context/index.ts";
import { Future, isThenable, ReadyQueue, setCallbackErrorHandler } from "../future/index.ts";
import {
  addStarted,
  currentLoop,
  dropStarted,
  enterLoop,
  leaveLoop,
  replaceProcessLoop,
  setProcessLoopMaker,
} from "./current.ts";
import { HandlerTable, type IOHandler } from "./handlers.ts";
import { Launch } from "./launch.ts";
import { type Log, stderrLog } from "./log.ts";
import { NodePoller } from "./node-poller.ts";
import type { PollEvent, Poller, Resume } from "./poller.ts";
import type { Report, ReportListener } from "./report.ts";
import { Timeout, TimerHeap } from "./timers.ts";
import { Watchdog } from "./watchdog.ts";
import { endWork, reportDry, runOutside, startWork } from "./work.ts";

/** The longest single poll, in milliseconds; an idle loop wakes once an hour. */
const LONGEST_POLL_MS = 3_600_000;
const NO_EVENTS: readonly PollEvent[] = [];
const NO_CONTEXTS: ContextState = new NullContext().run(captureContexts);

/**
 * What happens to children that nobody waits for when their owner ends: they are reported and go on; the owner's
 * end waits for all its children; they are cancelled and their clean-up is waited for; or the owner fails.
 */
export type OrphanPolicy = "report" | "wait" | "cancel" | "throw";

export interface IOLoopOptions {
  /** For the coroutines of this loop that do not say it themselves. Default "report". */
  readonly orphans?: OrphanPolicy;
  /** What the loop stands on; a `NodePoller` if absent. */
  readonly poller?: Poller;
  /** Where errors that nobody else receives are written; standard error if absent. */
  readonly log?: Log;
  /**
   * End `start()` when nothing is left that could ever run. Default: for a virtual poller only.
   * On Node it does not know what promises and sockets of others will bring.
   */
  readonly stopWhenIdle?: boolean;
}

/** A user's function, whose arguments are kept beside it. */
type LoopFunction = (...args: never[]) => unknown;

interface Callback {
  readonly fn: LoopFunction;
  readonly args: unknown[];
  readonly contexts: ContextState;
}

/** What ends a loop other than `stop()`, in a box, so that `undefined` can be thrown too. */
interface Failure {
  readonly error: unknown;
}

export class IOLoop {
  readonly poller: Poller;
  /** Where this loop writes what nobody else can be told. May be replaced. */
  log: Log;
  /** @internal */ readonly _ready: ReadyQueue;
  /** @internal */ readonly _orphans: OrphanPolicy;
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
  /** Has this pass used up the ready queue's budget? Then the rest waits until I/O had its turn. */
  #spent = false;
  /** Can only a descriptor's event, which the next poll would show, make it go on? */
  #idle = false;
  /** What `start()` gave out, until it is over. */
  #end: Future<void> | undefined = undefined;
  /** An error that nobody may swallow; it ends the loop after the pass. */
  #fatal: Failure | undefined = undefined;
  #droppedCallbacks = 0;
  #watchdog: Watchdog | undefined = undefined;

  constructor(options: IOLoopOptions = {}) {
    this.poller = options.poller ?? new NodePoller();
    this.log = options.log ?? stderrLog;
    this._orphans = options.orphans ?? "report";
    this.#stopWhenIdle = options.stopWhenIdle ?? this.poller.virtual;
    this._ready = new ReadyQueue(this, this.#now, this.#onReady);
    this.#handlers = new HandlerTable(this);
  }

  /**
   * The loop that runs now. Outside of any: the one started last, else the process's own, which turns by itself.
   *
   * The process's own loop needs no `start()`: a coroutine called from any
   * callback of Node's just runs. Started, it also keeps the process alive while idle.
   */
  static current(): IOLoop {
    return currentLoop();
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
   * before makes this call do nothing, once. However it ends, it can be called again.
   *
   * @returns a Future that fails with what the poller threw, or with a callback's `FatalError`
   * @throws {LoopStateError} when the loop runs already or is closed
   * @throws over a virtual poller, what the Future would have failed with
   */
  start(): Future<void> {
    this.#checkStartable("start the loop");
    const end = new Future<void>();
    if (this.#stopped) {
      this.#stopped = false;
      end.setResult();
      return end;
    }
    if (this.#end !== undefined) {
      throw new LoopStateError("Cannot start the loop: it was stopped and has not ended, wait for its end");
    }
    this.#running = true;
    this.#setTurns();
    this.#end = end;
    this.#watchdog?.setActive(true);
    if (this.poller.virtual) {
      const before = enterLoop(this);
      runOutside(() => this.#turn(NO_EVENTS));
      leaveLoop(before);
      // It has ended here: an error that ended it belongs to the caller.
      end.result();
    } else {
      addStarted(this);
      if (!this.#inPass) this.#begin();
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
   * @param options.timeoutMs - the longest that `fn` may take; then it is cancelled, and its clean-up waited for
   * @returns a promise of its result; rejects with what it failed with, with
   *   `TimeoutError`, or with `LoopStateError` when the loop is stopped first or runs already
   * Source: Tornado `IOLoop.run_sync`.
   */
  run<T>(fn: () => GeneratorOf<T>, options?: { timeoutMs?: number }): Promise<Awaited<T>>;
  run<T>(fn: () => T, options?: { timeoutMs?: number }): Promise<ResultOf<T>>;
  async run(fn: () => unknown, options: { timeoutMs?: number } = {}): Promise<unknown> {
    const launch = this.#launch(fn, options.timeoutMs);
    try {
      await this.start();
      return launch.result();
    } finally {
      launch.end();
    }
  }

  /**
   * As `run`, but the result is there when the call returns: for virtual time, where nothing has to be waited for.
   *
   * @throws as `run` rejects; also {LoopStateError} over a poller that cannot block, such as Node's
   */
  runSync<T>(fn: () => GeneratorOf<T>, options?: { timeoutMs?: number }): Awaited<T>;
  runSync<T>(fn: () => T, options?: { timeoutMs?: number }): ResultOf<T>;
  runSync(fn: () => unknown, options: { timeoutMs?: number } = {}): unknown {
    if (!this.poller.virtual) {
      throw new LoopStateError(
        "Cannot run synchronously: the poller waits for real time, call run() and await it",
      );
    }
    const launch = this.#launch(fn, options.timeoutMs);
    try {
      this.start();
      return launch.result();
    } finally {
      launch.end();
    }
  }

  /**
   * Call `fn(...args)` in the next pass, in the stack contexts in force now.
   *
   * Never inside this call. After `close()` it is dropped, and counted. A Future
   * or promise that `fn` returns is watched: its failure is handled as an error of `fn`.
   */
  addCallback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkFunction(fn, "add a callback");
    this.#enqueue(fn as LoopFunction, args, captureContexts());
  }

  /**
   * As `addCallback`, for a listener of `process.on("SIGTERM", ...)`: wakes a
   * loop that sleeps, and keeps no stack context, because a signal comes in whosever.
   *
   * Source: Tornado `IOLoop.add_callback_from_signal`.
   */
  addCallbackFromSignal<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkFunction(fn, "add a callback from a signal");
    this.#enqueue(fn as LoopFunction, args, NO_CONTEXTS);
  }

  /** Call `fn` after `delayMs` milliseconds; 0 means in the next pass, and so does less. */
  callLater<A extends unknown[]>(delayMs: number, fn: (...args: A) => unknown, ...args: A): Timeout {
    checkFunction(fn, "call later");
    return this.#addTimer(this.time() + checkInstantMs(delayMs, "call later"), fn as LoopFunction, args);
  }

  /** Call `fn` at `atMs` on this loop's clock (`time()`); an instant that is past means in the next pass. */
  callAt<A extends unknown[]>(atMs: number, fn: (...args: A) => unknown, ...args: A): Timeout {
    checkFunction(fn, "call at an instant");
    return this.#addTimer(checkInstantMs(atMs, "call at an instant"), fn as LoopFunction, args);
  }

  /**
   * Call `fn` after a duration in milliseconds, or at a date.
   *
   * A date is turned into a duration now; a clock that is set later changes nothing.
   *
   * Source: Tornado `IOLoop.add_timeout`. Differs: a number is a duration there only as a `timedelta`.
   *
   * @throws {TypeError} for a date on a virtual poller, whose clock has no date
   */
  addTimeout<A extends unknown[]>(when: number | Date, fn: (...args: A) => unknown, ...args: A): Timeout {
    checkFunction(fn, "add a timeout");
    let delayMs = when;
    if (delayMs instanceof Date) {
      if (this.poller.virtual) {
        throw new TypeError(
          "Cannot add a timeout: came a Date, a number of milliseconds is wanted by a loop in virtual time",
        );
      }
      delayMs = delayMs.getTime() - Date.now();
    }
    return this.#addTimer(this.time() + checkInstantMs(delayMs, "add a timeout"), fn as LoopFunction, args);
  }

  /**
   * Do not call what `callLater`, `callAt` or `addTimeout` were asked for; harmless when it has run or was removed.
   *
   * @throws {TypeError} for anything that is not a timeout of this loop
   */
  removeTimeout(timeout: Timeout): void {
    if (!(timeout instanceof Timeout)) {
      throw new TypeError(
        `Cannot remove a timeout: came ${describe(timeout)}, what callLater or callAt returned is wanted`,
      );
    }
    if (timeout._heap !== this.#timers) {
      throw new TypeError("Cannot remove a timeout: it is another loop's, one of this loop is wanted");
    }
    this.#timers.remove(timeout);
    this.#restIfIdle();
  }

  /** Call `callback(future)` in a pass of this loop once `future` is settled, in the contexts in force now. */
  addFuture<F extends Future<unknown>>(future: F, callback: (future: F) => unknown): void {
    checkFunction(callback, "add a future's callback");
    const contexts = captureContexts();
    future._listen({ settled: () => this.#enqueue(callback as LoopFunction, [future], contexts) });
  }

  /**
   * Start `fn` (plain, async or a generator function) in the next pass on nobody's behalf.
   *
   * No contexts, no owner, so no orphan report; a failure is logged.
   * Source: Tornado `IOLoop.spawn_callback`.
   */
  spawnCallback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkFunction(fn, "spawn a callback");
    const body = args.length === 0 ? (fn as () => unknown) : (): unknown => fn(...args);
    if (body !== fn) Object.defineProperty(body, "name", { value: fn.name });
    this.#enqueue(() => this.#watchResult(startWork(body), fn), [], NO_CONTEXTS);
  }

  /**
   * Watch a file descriptor: `handler(fd, events)` runs whenever one of `events` holds.
   *
   * @throws {Error} when it is watched already, or the poller has no descriptors
   */
  addHandler(fd: number, handler: IOHandler, events: number): void {
    this.#handlers.add(fd, handler, events);
    if (!this.#inPass) this.#wake();
  }

  /** Watch `fd` for other events. @throws {Error} when it is not watched */
  updateHandler(fd: number, events: number): void {
    this.#handlers.update(fd, events);
  }

  /** Watch `fd` no longer; an event of it that is pending is dropped. Harmless when it is not watched. */
  removeHandler(fd: number): void {
    this.#handlers.remove(fd);
    this.#restIfIdle();
  }

  /**
   * An error that a callback, timer or done callback threw. Override it to do other than log.
   *
   * @param callback - the function that threw, where it is known
   * Source: Tornado `IOLoop.handle_callback_exception`.
   */
  handleCallbackError(error: unknown, callback: unknown): void {
    this.log.error(`Error in callback${quotedName(callback)}`, error);
  }

  /** Be told of this loop's reports; they are then no longer logged. @returns a function that ends it */
  onReport(listener: ReportListener): () => void {
    this.#reportListeners.add(listener);
    return () => this.#reportListeners.delete(listener);
  }

  /** @internal Hand a report to whoever listens, else to the log. Never throws. */
  _report(report: Report): void {
    try {
      if (this.#reportListeners.size === 0) this.log.warn(report.text);
    } catch (error) {
      this.#fail(error);
    }
    for (const listener of this.#reportListeners) {
      try {
        listener(report);
      } catch (error) {
        this._onCallbackError(error, listener);
      }
    }
  }

  /**
   * Report, of kind "blocked", which stack keeps this thread busy for longer than
   * `thresholdMs` without a pause; while it blocks, and once each time. `undefined` ends it.
   *
   * A thread of its own watches while the loop is started, the process's own loop always. It
   * cannot read the stack of a loop in a worker thread, nor under Node's
   * permission model: then the report says so, and comes when the block is over.
   *
   * Source: Tornado `IOLoop.set_blocking_signal_threshold`, in seconds there.
   *
   * @throws {TypeError} {RangeError} when the threshold is no finite number > 0
   */
  setBlockingThreshold(thresholdMs: number | undefined): void {
    if (thresholdMs !== undefined && checkDurationMs(thresholdMs, "set the blocking threshold") === 0) {
      throw new RangeError("Cannot set the blocking threshold: it is 0 ms, a number > 0 is wanted");
    }
    this.#watchdog?.stop();
    this.#watchdog = undefined;
    if (thresholdMs === undefined) return;
    try {
      this.#watchdog = new Watchdog(
        thresholdMs,
        (report) => this._report(report),
        (error) => this._logError("Error in the watchdog, blocking is no longer watched", error),
      );
      this.#watchdog.setActive(this.#ambient || this.#end !== undefined);
    } catch (error) {
      this._logError("Error when the watchdog was started, blocking is not watched", error);
    }
  }

  /** What waits in this loop, by count, and what is marked or was dropped. */
  statistics(): {
    callbacks: number;
    timers: number;
    /** Removed, and not swept from memory yet. */
    removedTimers: number;
    ready: number;
    handlers: number;
    /** Callbacks and timers that came after `close()`. */
    droppedCallbacks: number;
  } {
    return {
      callbacks: this.#callbacks.length,
      timers: this.#timers.size,
      removedTimers: this.#timers.removed,
      ready: this._ready.size,
      handlers: this.#handlers.size,
      droppedCallbacks: this.#droppedCallbacks,
    };
  }

  /**
   * End what still runs, drop what is queued, and give back what the poller holds. Twice is harmless.
   *
   * A coroutine that has not ended is reported and gets a `CancelledError`; its
   * clean-up runs, but can wait for nothing any more.
   *
   * @param allFds - also close the descriptors that are watched
   * @throws {LoopStateError} while the loop runs, or has been stopped and has not ended
   */
  close(allFds: boolean = false): void {
    if (this.#running || this.#end !== undefined || this.#inPass) {
      throw new LoopStateError("Cannot close the loop: it is running, stop it and wait for its end");
    }
    if (this.#closed) return;
    this.#closed = true;
    const before = enterLoop(this);
    endWork(this);
    // Whoever waits for what has ended now is told.
    this._ready.drain();
    leaveLoop(before);
    this.#setTurns();
    this.#handlers.clear(allFds);
    this.#callbacks = [];
    this.#timers.clear();
    this.setBlockingThreshold(undefined);
    this.poller.close();
    replaceProcessLoop(this);
  }

  /** @internal The process's own loop: it turns whenever there is something to do. */
  static _makeAmbient(): IOLoop {
    const loop = new IOLoop();
    loop.#ambient = true;
    loop.#setTurns();
    return loop;
  }

  /** @internal Run one user function in `contexts`, and watch what it returns. @throws what it throws */
  _invoke(fn: LoopFunction, args: unknown[], contexts: ContextState): void {
    const result = isWrapped(fn)
      ? fn(...(args as never[]))
      : runInContexts(contexts, fn as (...a: unknown[]) => unknown, ...args);
    if (result !== undefined) this.#watchResult(result, fn);
  }

  /** @internal Run what is ready, once a pass up to the budget. */
  _drain(): void {
    if (!this.#spent) this.#spent = !this._ready.drain();
  }

  /** @internal Guarded, because a hook that throws must not end the loop. Never throws. */
  _onCallbackError(error: unknown, callback: unknown): void {
    if (error instanceof FatalError) {
      this.#fail(error);
      return;
    }
    try {
      this.handleCallbackError(error, callback);
    } catch (second) {
      this._logError(`Error in callback${quotedName(callback)}`, error);
      this._logError("Error in handleCallbackError, while it handled the one above", second);
    }
  }

  /** @internal Log an error that nobody can be told. Never throws. */
  _logError(message: string, error: unknown): void {
    if (error instanceof FatalError) {
      this.#fail(error);
      return;
    }
    try {
      this.log.error(message, error);
    } catch (second) {
      // Nothing is left that could be told of it.
      this.#fail(second);
    }
  }

  readonly #now = (): number => this.poller.now();

  readonly #onReady = (): void => {
    // Inside a pass the queue is drained after each callback anyway.
    if (!this.#inPass && this._ready.ownTurns) this.poller.soon(this.#drainSoon);
  };

  /** May what is ready run from microtasks now? A loop that has not begun, or has ended, keeps it for its next start. */
  #setTurns(): void {
    this._ready.ownTurns = !this.poller.virtual && !this.#closed && (this.#ambient || this.#running);
  }

  readonly #drainSoon = (): void => {
    if (this._ready.ownTurns && !this._ready.drain()) this.#wake();
  };

  readonly #resume = (events: readonly PollEvent[]): void => {
    this.#polling = false;
    const before = enterLoop(this);
    this.#turn(events);
    leaveLoop(before);
  };

  /** What the poll saw is dropped: the first pass comes before the first handlers, and the next poll sees it again. */
  readonly #resumeFirst = (): void => this.#resume(NO_EVENTS);

  /** Ask for a first pass, in a turn of its own like every later one. */
  #begin(): void {
    let answered = false;
    try {
      answered = this.#poll(0, this.#resumeFirst) !== undefined;
    } catch (error) {
      this.#finish({ error });
    }
    if (answered) this.#resumeFirst();
  }

  /** Handlers, passes and polls, until the poller answers "later" or the loop is to stop. */
  #turn(events: readonly PollEvent[]): void {
    let failure: Failure | undefined;
    try {
      for (let happened = events; ; ) {
        this.#inPass = true;
        this.#watchdog?.turnBegins();
        if (happened.length > 0) this.#handlers.dispatch(happened);
        const timeoutMs = this.#pass();
        this.#inPass = false;
        if (timeoutMs === undefined) break;
        const next = this.#poll(timeoutMs, this.#resume);
        if (next === undefined) return;
        if (this.#idle && next.length === 0) break;
        happened = next;
      }
    } catch (error) {
      // The poller or its clock failed: user code is guarded, one by one.
      this.#inPass = false;
      failure = { error };
    }
    // It has run dry: nobody stopped it.
    if (failure === undefined && this.#fatal === undefined && this.#running && this.poller.virtual)
      reportDry(this);
    this.#finish(failure ?? this.#fatal);
  }

  /** One pass; the milliseconds that the poll may take, or `undefined` when the loop is to stop. */
  #pass(): number | undefined {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    const due = this.#timers.takeDue(this.time());
    this._drain();
    for (const { fn, args, contexts } of callbacks) this.#runGuarded(fn, args, contexts);
    for (const timeout of due) {
      const { _callback: callback, _args: args } = timeout;
      if (callback === undefined) continue;
      timeout._clear();
      this.#runGuarded(callback, args, timeout._contexts);
    }
    if (this.#fatal !== undefined) return undefined;
    // Started, it goes on until stop(); not started, only the process's own does.
    if (this.#end === undefined ? !this.#ambient : !this.#running) return undefined;
    this.#idle = false;
    if (this.#callbacks.length > 0 || this._ready.size > 0) return 0;
    const firstMs = this.#timers.firstDeadlineMs();
    if (firstMs !== undefined) return Math.min(Math.max(firstMs - this.time(), 0), LONGEST_POLL_MS);
    if (this.#running && !this.#stopWhenIdle) return LONGEST_POLL_MS;
    if (this.#handlers.size === 0) return undefined;
    // In virtual time what no poll shows now will never be there.
    this.#idle = this.poller.virtual;
    return this.#idle ? 0 : LONGEST_POLL_MS;
  }

  /** Run one user function as the loop does: errors handled, then what it made ready. */
  #runGuarded(fn: LoopFunction, args: unknown[], contexts: ContextState): void {
    try {
      this._invoke(fn, args, contexts);
    } catch (error) {
      this._onCallbackError(error, fn);
    }
    this._drain();
  }

  /** The events, or `undefined` when the poller will call `resume`. */
  #poll(timeoutMs: number, resume: Resume): readonly PollEvent[] | undefined {
    this.#spent = false;
    this.#watchdog?.turnEnds();
    try {
      const events = this.poller.poll(timeoutMs, resume);
      this.#polling = events === "later";
      return events === "later" ? undefined : events;
    } catch (error) {
      // A signal came while the system waited: nothing is wrong, look again.
      if ((error as NodeJS.ErrnoException | undefined)?.code === "EINTR") return NO_EVENTS;
      throw error;
    }
  }

  /** `start()` is over. Its state is reset whatever happened, so that it can be called again. */
  #finish(failure: Failure | undefined): void {
    this.#fatal = undefined;
    this.#watchdog?.turnEnds();
    const end = this.#end;
    if (end !== undefined) {
      this.#end = undefined;
      this.#running = false;
      this.#setTurns();
      this.#stopped = false;
      dropStarted(this);
      this.#watchdog?.setActive(this.#ambient);
      if (failure === undefined) end.setResult();
      else end.setError(failure.error);
    }
    if (failure !== undefined && !this.poller.virtual) {
      // Nobody awaits start(), or it was never called: then it is an uncaught error, as in any callback of Node's.
      setImmediate(() => {
        if (end === undefined || !end._taken) throw failure.error;
      });
    }
    // The process's own loop goes on by itself with what is left.
    if (this.#ambient && this.#hasWork()) this.#begin();
  }

  /** Something is to be done: see to it that a pass comes. */
  #wake(): void {
    if (this.#polling) this.poller.wake();
    else if (this.#ambient && !this.#inPass) this.#begin();
  }

  /** Nothing is left to wait for, so nothing may keep the process alive; unless `start()` was asked to do that. */
  #restIfIdle(): void {
    if (!this.#polling || this.#end !== undefined || this.#hasWork()) return;
    this.#polling = false;
    this.poller.cancelPoll();
  }

  #hasWork(): boolean {
    return (
      this.#callbacks.length > 0 || this.#timers.size > 0 || this._ready.size > 0 || this.#handlers.size > 0
    );
  }

  #enqueue(fn: LoopFunction, args: unknown[], contexts: ContextState): void {
    if (this.#closed) {
      this.#droppedCallbacks++;
      return;
    }
    this.#callbacks.push({ fn, args, contexts });
    if (!this.#inPass) this.#wake();
  }

  #addTimer(atMs: number, fn: LoopFunction, args: unknown[]): Timeout {
    const firstMs = this.#inPass ? atMs : this.#timers.firstDeadlineMs();
    const timeout = this.#timers.add(atMs, fn, args, captureContexts());
    if (this.#closed) {
      this.#timers.clear();
      this.#droppedCallbacks++;
    } else if (firstMs === undefined || atMs < firstMs) this.#wake(); // else the poll ends in time
    return timeout;
  }

  #checkStartable(action: string): void {
    if (this.#closed) throw new LoopStateError(`Cannot ${action}: it is closed, make a new one`);
    if (this.#running) throw new LoopStateError(`Cannot ${action}: it is already running, start it once`);
  }

  #launch(fn: () => unknown, timeoutMs: number | undefined): Launch {
    checkFunction(fn, "run a function");
    // Before anything is scheduled: a function that is refused must not run later.
    this.#checkStartable("run a function on the loop");
    if (timeoutMs !== undefined) checkDurationMs(timeoutMs, "run a function with a limit");
    return new Launch(this, fn, timeoutMs);
  }

  /** A failure of what a callback returned is one of the callback. */
  #watchResult(result: unknown, callback: LoopFunction): void {
    if (result instanceof Future) {
      result._listen({
        settled: (source) => {
          const error = source.error();
          // In a callback of its own, because user code must not run inside the call that settles.
          if (error !== undefined && !source.cancelled())
            this.#enqueue(() => this._onCallbackError(error, callback), [], NO_CONTEXTS);
        },
      });
    } else if (isThenable(result)) {
      result.then(undefined, (error: unknown) => this._onCallbackError(error, callback));
    } else if (Object.prototype.toString.call(result) === "[object Generator]") {
      throw new TypeError(
        `Cannot use what callback${quotedName(callback)} returned: a generator, which nothing runs (was coroutine() or spawnCallback() forgotten?)`,
      );
    }
  }

  /** End the loop after this pass, with an error that nobody may swallow. */
  #fail(error: unknown): void {
    this.#fatal ??= { error };
    if (!this.#inPass) this.#wake();
  }
}

function quotedName(callback: unknown): string {
  return typeof callback === "function" && callback.name !== "" ? ` "${callback.name}"` : "";
}

/** What a generator function makes that yields anything; the `any` is what its untyped `yield` gives. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type GeneratorOf<T> = Generator<unknown, T, any>;

/** The result type of a function that may be plain, async, or a coroutine. */
export type ResultOf<T> = T extends Generator<unknown, infer R, never> ? Awaited<R> : Awaited<T>;

setCallbackErrorHandler((error, callback) => {
  const loop = currentLoop();
  if (callback === undefined) loop._logError("Error after a Future was cancelled", error);
  else loop._onCallbackError(error, callback);
});

setProcessLoopMaker(IOLoop._makeAmbient);
