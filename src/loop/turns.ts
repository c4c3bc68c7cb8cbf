/**
 * The algorithm of a loop: passes and polls, from `start()` to its end.
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
import { LoopStateError } from "../base/index.ts";
import { type ContextState, captureContexts, isWrapped, runInContexts } from "../context/index.ts";
import { Future, type ReadyHost, ReadyQueue } from "../future/index.ts";
import { addStarted, dropStarted, enterLoop, type HasReadyQueue, leaveLoop } from "./current.ts";
import { HandlerTable } from "./handlers.ts";
import type { Outlet } from "./outlet.ts";
import type { PollEvent, Poller, Resume } from "./poller.ts";
import { type LoopFunction, type Timeout, TimerHeap } from "./timers.ts";
import type { Watchdog } from "./watchdog.ts";
import { runOutside, watchResult } from "./work.ts";

/** The longest single poll, in milliseconds; an idle loop wakes once an hour. */
const LONGEST_POLL_MS = 3_600_000;
const NO_EVENTS: readonly PollEvent[] = [];
/** A virtual poller always answers at once. */
const NEVER: Resume = () => {};

interface Callback {
  readonly fn: LoopFunction;
  readonly args: unknown[];
  readonly contexts: ContextState;
}

/** What ends a loop other than `stop()`, in a box, so that `undefined` can be thrown too. */
interface Failure {
  readonly error: unknown;
}

/** What it needs of its loop. */
export interface TurningLoop extends HasReadyQueue {
  /** It has run dry: nothing can ever happen on it again by itself. */
  _onDry(): void;
}

/** How one loop turns. `IOLoop` is what a program sees of it. */
export class Turns implements ReadyHost {
  readonly ready: ReadyQueue;
  readonly timers: TimerHeap = new TimerHeap();
  readonly #loop: TurningLoop;
  readonly #poller: Poller;
  readonly #outlet: Outlet;
  readonly #stopWhenIdle: boolean;
  #callbacks: Callback[] = [];
  /** Made when it is asked for: most simulated loops have none. */
  #handlers: HandlerTable | undefined = undefined;
  #dropped = 0;
  #watchdog: Watchdog | undefined = undefined;
  /** Does it turn by itself, without `start()`? Only the process's own does. */
  #ambient = false;
  #running = false;
  #stopped = false;
  #closed = false;
  #inPass = false;
  #polling = false;
  /** Can only a descriptor's event, which the next poll would show, make it go on? */
  #idle = false;
  /** What `start()` gave out, until it is over. */
  #end: Future<void> | undefined = undefined;
  /** An error that nobody may swallow; it ends the loop after the pass. */
  #fatal: Failure | undefined = undefined;
  /** Two functions for a poller that waits, made once, when they are needed: simulated loops come by the million. */
  #drainSoon: (() => void) | undefined = undefined;
  #onResume: Resume | undefined = undefined;

  constructor(loop: TurningLoop, poller: Poller, outlet: Outlet, stopWhenIdle: boolean) {
    this.#loop = loop;
    this.#poller = poller;
    this.#outlet = outlet;
    this.#stopWhenIdle = stopWhenIdle;
    this.ready = poller.readyQueue?.(loop, this) ?? new ReadyQueue(loop, this);
  }

  get handlers(): HandlerTable {
    this.#handlers ??= new HandlerTable(this, this.#poller, this.#outlet);
    return this.#handlers;
  }

  /** Between `start()` and the end that `stop()` asks for. */
  get running(): boolean {
    return this.#running;
  }

  /** Callbacks that wait. */
  get size(): number {
    return this.#callbacks.length;
  }

  /** Callbacks and timers that came after the close. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Turn whenever there is something to do, started or not. */
  makeAmbient(): void {
    this.#ambient = true;
    this.#setTurns();
  }

  /** See `IOLoop.start`. */
  start(): Future<void> {
    this.checkStartable("start the loop");
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
    if (this.#poller.virtual) {
      const before = enterLoop(this.#loop);
      try {
        runOutside(() => this.#turn(NO_EVENTS));
      } finally {
        leaveLoop(before);
      }
      // It has ended here: an error that ended it belongs to the caller.
      end.result();
    } else {
      addStarted(this.#loop);
      if (!this.#inPass) this.#begin();
    }
    return end;
  }

  /** See `IOLoop.stop`. */
  stop(): void {
    this.#running = false;
    this.#stopped = true;
    this.#poller.wake();
  }

  /** @throws {LoopStateError} when it runs, or is closed */
  checkStartable(action: string): void {
    if (this.#closed) throw new LoopStateError(`Cannot ${action}: it is closed, make a new one`);
    if (this.#running) throw new LoopStateError(`Cannot ${action}: it is already running, start it once`);
  }

  /**
   * See `IOLoop.close`; what is the poller's, is left to it.
   *
   * @param endWork - called when nothing can be added any more, and before what was is dropped
   * @returns whether it was open
   */
  close(allFds: boolean, endWork: () => void): boolean {
    if (this.#running || this.#end !== undefined || this.#inPass) {
      throw new LoopStateError("Cannot close the loop: it is running, stop it and wait for its end");
    }
    if (this.#closed) return false;
    this.#closed = true;
    const before = enterLoop(this.#loop);
    try {
      endWork();
    } catch (error) {
      this.#outlet.logError("Error while the loop was closed", error);
    }
    // Whoever waits for what has ended now is told.
    this.ready.renewBudget();
    this.ready.drain();
    leaveLoop(before);
    this.#setTurns();
    this.#handlers?.clear(allFds);
    this.#callbacks = [];
    this.timers.clear();
    this.watch(undefined);
    return true;
  }

  /**
   * Forget all that was to run, and run nothing more: no clean-up, no report. Nobody who waits here is told. For a
   * process that is simulated, when it dies; also in the midst of its own pass.
   *
   * @returns what was going to end the loop, in a box
   */
  abandon(): { readonly error: unknown } | undefined {
    const fatal = this.#fatal;
    this.#closed = true;
    this.#running = false;
    this.#end = undefined;
    this.#setTurns();
    this.#poller.cancelPoll();
    this.#polling = false;
    this.ready.abandon();
    this.#callbacks = [];
    this.timers.clear();
    this.#handlers?.clear(false);
    this.watch(undefined);
    dropStarted(this.#loop);
    return fatal;
  }

  /** Call `fn(...args)` in the next pass. */
  enqueue(fn: LoopFunction, args: unknown[], contexts: ContextState): void {
    if (this.#closed) {
      this.#dropped++;
      return;
    }
    this.#callbacks.push({ fn, args, contexts });
    if (!this.#inPass) this.#wake();
  }

  /** Call `fn(...args)` when `atMs` has come. */
  addTimer(atMs: number, fn: LoopFunction, args: unknown[]): Timeout {
    // No poll ends later than that: a removed timer need not be swept to know it.
    const boundMs = this.timers.lowerBoundMs;
    const timeout = this.timers.add(atMs, fn, args, captureContexts());
    if (this.#closed) {
      this.timers.clear();
      this.#dropped++;
    } else if (!this.#inPass && (!this.#polling || boundMs === undefined || atMs < boundMs)) this.#wake();
    return timeout;
  }

  /** A handler was added: a pass must come, so that it is polled for. */
  handlerAdded(): void {
    if (!this.#inPass) this.#wake();
  }

  /** Nothing is left to wait for, so nothing may keep the process alive; unless `start()` was asked to do that. */
  restIfIdle(): void {
    if (!this.#polling || this.#end !== undefined || this.#hasWork()) return;
    this.#polling = false;
    this.#poller.cancelPoll();
  }

  /** Have `watchdog` watch the turns from now on, and the one before no longer. */
  watch(watchdog: Watchdog | undefined): void {
    this.#watchdog?.stop();
    this.#watchdog = watchdog;
    watchdog?.setActive(this.#ambient || this.#end !== undefined);
  }

  /** Run one user function in `contexts`, and watch what it returns. @throws what it throws */
  invoke(fn: LoopFunction, args: unknown[], contexts: ContextState): void {
    const result = isWrapped(fn)
      ? fn(...(args as never[]))
      : runInContexts(contexts, fn as (...a: unknown[]) => unknown, ...args);
    if (result !== undefined) watchResult(this, this.#outlet, result, fn);
  }

  /** Run what is ready, once a pass up to the budget. */
  drain(): void {
    if (!this.#closed) this.ready.drain();
  }

  /** End the loop after this pass, with an error that nobody may swallow. */
  fail(error: unknown): void {
    this.#fatal ??= { error };
    if (!this.#inPass) this.#wake();
  }

  now(): number {
    return this.#poller.now();
  }

  onReady(): void {
    // Inside a pass the queue is drained after each callback anyway.
    if (this.#inPass || !this.ready.ownTurns) return;
    if (this.#drainSoon === undefined) {
      const drainSoon = (): void => {
        if (this.ready.ownTurns && !this.ready.drain()) this.#wake();
      };
      this.#drainSoon = drainSoon;
    }
    this.#poller.soon(this.#drainSoon);
  }

  onSpent(): void {
    this.#wake();
  }

  /** May what is ready run from microtasks now? A loop that has not begun, or has ended, keeps it for its next start. */
  #setTurns(): void {
    this.ready.ownTurns = !this.#poller.virtual && !this.#closed && (this.#ambient || this.#running);
  }

  get #resumer(): Resume {
    if (this.#onResume !== undefined) return this.#onResume;
    // Not assigned at once: V8 would take it for a method, and keep the loop alive until the next major collection.
    const resume: Resume = this.#poller.virtual ? NEVER : (events) => this.#resume(events);
    this.#onResume = resume;
    return resume;
  }

  #resume(events: readonly PollEvent[]): void {
    this.#polling = false;
    const before = enterLoop(this.#loop);
    try {
      this.#turn(events);
    } finally {
      leaveLoop(before);
    }
  }

  /** Ask for a first pass, in a turn of its own like every later one. */
  #begin(): void {
    let answered = false;
    try {
      // What it saw is dropped: the first pass comes before the first handlers, and the next poll sees it again.
      answered = this.#poll(0, () => this.#resume(NO_EVENTS)) !== undefined;
    } catch (error) {
      this.#finish({ error });
    }
    if (answered) this.#resume(NO_EVENTS);
  }

  /** Handlers, passes and polls, until the poller answers "later" or the loop is to stop. */
  #turn(events: readonly PollEvent[]): void {
    let failure: Failure | undefined;
    try {
      for (let happened = events; ; ) {
        this.#inPass = true;
        this.ready.renewBudget();
        this.#watchdog?.turnBegins();
        if (happened.length > 0) this.handlers.dispatch(happened);
        const timeoutMs = this.#pass();
        this.#inPass = false;
        if (timeoutMs === undefined) break;
        const next = this.#poll(timeoutMs, this.#resumer);
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
    const isDry = failure === undefined && this.#fatal === undefined && this.#running && this.#poller.virtual;
    try {
      if (isDry) this.#loop._onDry();
    } catch (error) {
      failure = { error };
    }
    this.#finish(failure ?? this.#fatal);
  }

  /** One pass; the milliseconds that the poll may take, or `undefined` when the loop is to stop. */
  #pass(): number | undefined {
    // First, as a clock that fails must cost no callback.
    const due = this.timers.takeDue(this.#poller.now());
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    this.drain();
    for (const { fn, args, contexts } of callbacks) {
      // It may be abandoned by any of them.
      if (this.#closed) return undefined;
      this.#runGuarded(fn, args, contexts);
    }
    for (const timeout of due) {
      const { _callback: callback, _args: args } = timeout;
      if (this.#closed) return undefined;
      if (callback === undefined) continue;
      timeout._clear();
      this.#runGuarded(callback, args, timeout._contexts);
    }
    if (this.#fatal !== undefined) return undefined;
    // Started, it goes on until stop(); not started, only the process's own does.
    if (this.#end === undefined ? !this.#ambient : !this.#running) return undefined;
    this.#idle = false;
    if (this.#callbacks.length > 0 || this.ready.size > 0) return 0;
    const firstMs = this.timers.firstDeadlineMs();
    if (firstMs !== undefined) return Math.min(Math.max(firstMs - this.#poller.now(), 0), LONGEST_POLL_MS);
    if (this.#running && !this.#stopWhenIdle) return LONGEST_POLL_MS;
    if (this.#handlerCount === 0) return undefined;
    // In virtual time what no poll shows now will never be there.
    this.#idle = this.#poller.virtual;
    return this.#idle ? 0 : LONGEST_POLL_MS;
  }

  /** Run one user function as the loop does: errors handled, then what it made ready. */
  #runGuarded(fn: LoopFunction, args: unknown[], contexts: ContextState): void {
    try {
      this.invoke(fn, args, contexts);
    } catch (error) {
      this.#outlet.callbackError(error, fn);
    }
    this.drain();
  }

  /** The events, or `undefined` when the poller will call `resume`. */
  #poll(timeoutMs: number, resume: Resume): readonly PollEvent[] | undefined {
    this.#watchdog?.turnEnds();
    try {
      const events = this.#poller.poll(timeoutMs, resume);
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
      dropStarted(this.#loop);
      this.#watchdog?.setActive(this.#ambient);
      if (failure === undefined) end.setResult();
      else end.setError(failure.error);
    }
    if (failure !== undefined && !this.#poller.virtual) {
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
    if (this.#polling) this.#poller.wake();
    else if (this.#ambient && !this.#inPass) this.#begin();
  }

  #hasWork(): boolean {
    return (
      this.#callbacks.length > 0 || this.timers.size > 0 || this.ready.size > 0 || this.#handlerCount > 0
    );
  }

  get #handlerCount(): number {
    return this.#handlers?.size ?? 0;
  }
}
