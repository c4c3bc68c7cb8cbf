/**
 * The loop: callbacks, timers, handlers, and the coroutines that run in between.
 *
 * What a program sees of it. In which order things run is said, and done, in
 * `turns.ts`; this file checks what comes in and names what goes out.
 *
 * Source: Tornado `IOLoop`.
 */
import { checkDurationMs, checkFunction, checkInstantMs, describe, LoopStateError } from "../base/index.ts";
import { captureContexts } from "../context/index.ts";
import { type Future, type ReadyQueue, setCallbackErrorHandler } from "../future/index.ts";
import { currentLoop, replaceProcessLoop, setProcessLoopMaker } from "./current.ts";
import { DefaultExecutor } from "./default-executor.ts";
import { type Executor, startInExecutor } from "./executor.ts";
import type { IOHandler } from "./handlers.ts";
import { Launch } from "./launch.ts";
import { type Log, stderrLog } from "./log.ts";
import { NodePoller } from "./node-poller.ts";
import { Outlet, quotedName } from "./outlet.ts";
import type { Poller } from "./poller.ts";
import type { Report, ReportListener } from "./report.ts";
import { type LoopFunction, Timeout } from "./timers.ts";
import { Turns } from "./turns.ts";
import { Watchdog } from "./watchdog.ts";
import { NO_CONTEXTS, startWork, watchResult } from "./work.ts";

/**
 * What happens to children that nobody waits for when their owner ends: they are reported and go on; the owner's
 * end waits for all its children, and its cancel is theirs; they are cancelled and their clean-up is waited for; or
 * the owner fails.
 */
export type OrphanPolicy = "report" | "wait" | "cancel" | "throw";

export interface IOLoopOptions {
  /** For the coroutines of this loop that do not say it themselves. Default "report". */
  readonly orphans?: OrphanPolicy | undefined;
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

let endWork: (loop: IOLoop) => void = () => {};
let onDry: (loop: IOLoop) => void = () => {};

/** For the coroutine layer, once: `end` ends the work of a loop that is being closed; must not throw. */
export function setWorkEnder(end: (loop: IOLoop) => void): void {
  endWork = end;
}

/** For the coroutine layer, once: `report` is told of a loop on which nothing can ever happen again by itself. */
export function setDryReporter(report: (loop: IOLoop) => void): void {
  onDry = report;
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
  /** @internal For a poller that decides what comes next, and so must know what is left. */
  readonly _turns: Turns;
  readonly #outlet: Outlet;
  /** Made when it is asked for. */
  #executor: DefaultExecutor | undefined = undefined;

  constructor(options: IOLoopOptions = {}) {
    this.poller = options.poller ?? new NodePoller();
    this.log = options.log ?? stderrLog;
    this._orphans = options.orphans ?? "report";
    this.#outlet = new Outlet(this);
    this._turns = new Turns(this, this.poller, this.#outlet, options.stopWhenIdle ?? this.poller.virtual);
    this._ready = this._turns.ready;
  }

  /**
   * The loop that runs now. Outside of any: the one started last, else the process's own, which turns by itself.
   *
   * The process's own loop needs no `start()`: a coroutine called from any
   * callback of Node's just runs. Started, it also keeps the process alive while idle.
   */
  static current(): IOLoop {
    return currentLoop() as IOLoop;
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
    return this._turns.start();
  }

  /**
   * Make `start()` end after the pass that runs now: its remaining callbacks and
   * due timers still run, and callbacks added meanwhile are kept for the next start.
   */
  stop(): void {
    this._turns.stop();
  }

  /** Is it between `start()` and the end that `stop()` asks for? */
  get running(): boolean {
    return this._turns.running;
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
    this._turns.enqueue(fn as LoopFunction, args, captureContexts());
  }

  /**
   * As `addCallback`, for a listener of `process.on("SIGTERM", ...)`: wakes a
   * loop that sleeps, and keeps no stack context, because a signal comes in whosever.
   *
   * Source: Tornado `IOLoop.add_callback_from_signal`.
   */
  addCallbackFromSignal<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkFunction(fn, "add a callback from a signal");
    this._turns.enqueue(fn as LoopFunction, args, NO_CONTEXTS);
  }

  /** Call `fn` after `delayMs` milliseconds; 0 means in the next pass, and so does less. */
  callLater<A extends unknown[]>(delayMs: number, fn: (...args: A) => unknown, ...args: A): Timeout {
    checkFunction(fn, "call later");
    return this._turns.addTimer(
      this.time() + checkInstantMs(delayMs, "call later"),
      fn as LoopFunction,
      args,
    );
  }

  /** Call `fn` at `atMs` on this loop's clock (`time()`); an instant that is past means in the next pass. */
  callAt<A extends unknown[]>(atMs: number, fn: (...args: A) => unknown, ...args: A): Timeout {
    checkFunction(fn, "call at an instant");
    return this._turns.addTimer(checkInstantMs(atMs, "call at an instant"), fn as LoopFunction, args);
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
    return this._turns.addTimer(
      this.time() + checkInstantMs(delayMs, "add a timeout"),
      fn as LoopFunction,
      args,
    );
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
    if (timeout._heap !== this._turns.timers) {
      throw new TypeError("Cannot remove a timeout: it is another loop's, one of this loop is wanted");
    }
    this._turns.timers.remove(timeout);
    this._turns.restIfIdle();
  }

  /** Call `callback(future)` in a pass of this loop once `future` is settled, in the contexts in force now. */
  addFuture<F extends Future<unknown>>(future: F, callback: (future: F) => unknown): void {
    checkFunction(callback, "add a future's callback");
    const contexts = captureContexts();
    future._listen({ settled: () => this._turns.enqueue(callback as LoopFunction, [future], contexts) });
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
    this._turns.enqueue(() => watchResult(this._turns, this.#outlet, startWork(body), fn), [], NO_CONTEXTS);
  }

  /**
   * Have `executor` do `task` elsewhere, in a worker thread say; or the function that a module exports.
   *
   * A module is run by the loop's default executor: a `WorkerPool` of its own, which `close()` ends, unless
   * `setDefaultExecutor` has named another one. A cancel of the Future stops the work, also the cancel of the
   * only coroutine that waits for it.
   *
   * Suspends: never; who waits goes on from this loop. Source: Tornado `IOLoop.run_in_executor`.
   *
   * @param where - an executor; or the module, as a path or as `new URL("./worker.js", import.meta.url)`
   * @param task - data that can be sent to a thread: the function's one argument
   * @param options.name - of the function; the module's default export if absent
   * @param options.transferList - what of the task is handed over instead of copied
   * @throws {TypeError} when `where` is neither
   * @throws {LoopStateError} for a module, when the loop is closed
   */
  runInExecutor<T>(
    where: Executor | string | URL,
    task: unknown,
    options: { readonly name?: string; readonly transferList?: unknown[] } = {},
  ): Future<T> {
    if (typeof where !== "string" && !(where instanceof URL)) return startInExecutor<T>(where, task, options);
    return startInExecutor<T>(this.#defaultExecutor.get(), task, { ...options, filename: String(where) });
  }

  /**
   * Have `executor` run what `runInExecutor` is given as a module: a `WorkerPool`, or a pool of piscina's.
   *
   * The loop does not close it. `undefined` means the loop's own pool again.
   */
  setDefaultExecutor(executor: Executor | undefined): void {
    this.#defaultExecutor.set(executor);
  }

  /**
   * Watch a file descriptor: `handler(fd, events)` runs in each poll while one of `events` holds.
   *
   * On Node it needs Linux or macOS, the main thread, and the package `koffi`; the descriptor becomes
   * non-blocking. Remove the handler before you close the descriptor: one that was closed alone is
   * noticed within a second only, and told as ERROR.
   *
   * @param events - a mask of READ, WRITE and ERROR; what the system calls an error is told, asked for or not
   * @throws {Error} when it is watched already; with a `code` of the system's when it is not open (EBADF) or can
   *   not be watched, as a regular file (EPERM)
   * @throws {GyreError} `GYRE_NO_DESCRIPTORS` where there are none, `GYRE_PEER_MISSING` without koffi
   */
  addHandler(fd: number, handler: IOHandler, events: number): void {
    this._turns.handlers.add(fd, handler, events);
    this._turns.handlerAdded();
  }

  /** Watch `fd` for other events. @throws {Error} when it is not watched */
  updateHandler(fd: number, events: number): void {
    this._turns.handlers.update(fd, events);
  }

  /** Watch `fd` no longer; an event of it that is pending is dropped. Harmless when it is not watched. */
  removeHandler(fd: number): void {
    this._turns.handlers.remove(fd);
    this._turns.restIfIdle();
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

  /** A number in [0, 1) for jitter and the like; on a simulated loop the same ones in each run. */
  random(): number {
    return Math.random();
  }

  /** Be told of this loop's reports; they are then no longer logged. @returns a function that ends it */
  onReport(listener: ReportListener): () => void {
    return this.#outlet.listen(listener);
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
    this._turns.watch(undefined);
    if (thresholdMs === undefined) return;
    try {
      const onFailure = (error: unknown): void =>
        this.#outlet.logError("Error in the watchdog, blocking is no longer watched", error);
      this._turns.watch(new Watchdog(thresholdMs, (report) => this.#outlet.report(report), onFailure));
    } catch (error) {
      this.#outlet.logError("Error when the watchdog was started, blocking is not watched", error);
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
      callbacks: this._turns.size,
      timers: this._turns.timers.size,
      removedTimers: this._turns.timers.removed,
      ready: this._ready.size,
      handlers: this._turns.handlers.size,
      droppedCallbacks: this._turns.dropped,
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
    if (!this._turns.close(allFds, () => endWork(this))) return;
    this.#defaultExecutor.close();
    this.poller.close();
    replaceProcessLoop(this);
  }

  /** @internal The process's own loop: it turns whenever there is something to do. */
  static _makeAmbient(): IOLoop {
    const loop = new IOLoop();
    loop._turns.makeAmbient();
    return loop;
  }

  /** @internal */
  _onDry(): void {
    onDry(this);
  }

  /** @internal Hand a report to whoever listens, else to the log. Never throws. */
  _report(report: Report): void {
    this.#outlet.report(report);
  }

  /** @internal End after this pass, with an error that nobody may swallow. */
  _fail(error: unknown): void {
    this._turns.fail(error);
  }

  /** @internal What a coroutine gets that waits for a promise on a loop that can bring none. */
  _refusePromise(_waiter: object | undefined): Error | undefined {
    return undefined;
  }

  /** @internal Never throws. */
  _onCallbackError(error: unknown, callback: unknown): void {
    this.#outlet.callbackError(error, callback);
  }

  /** @internal Log an error that nobody can be told. Never throws. */
  _logError(message: string, error: unknown): void {
    this.#outlet.logError(message, error);
  }

  get #defaultExecutor(): DefaultExecutor {
    this.#executor ??= new DefaultExecutor();
    return this.#executor;
  }

  #launch(fn: () => unknown, timeoutMs: number | undefined): Launch {
    checkFunction(fn, "run a function");
    // Before anything is scheduled: a function that is refused must not run later.
    this._turns.checkStartable("run a function on the loop");
    if (timeoutMs !== undefined) checkDurationMs(timeoutMs, "run a function with a limit");
    return new Launch(this, fn, timeoutMs);
  }
}

/** What a generator function makes that yields anything; the `any` is what its untyped `yield` gives. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type GeneratorOf<T> = Generator<unknown, T, any>;

/** The result type of a function that may be plain, async, or a coroutine. */
export type ResultOf<T> = T extends Generator<unknown, infer R, never> ? Awaited<R> : Awaited<T>;

setCallbackErrorHandler((error, callback) => {
  const loop = IOLoop.current();
  if (callback === undefined) loop._logError("Error after a Future was cancelled", error);
  else loop._onCallbackError(error, callback);
});

setProcessLoopMaker(IOLoop._makeAmbient);
