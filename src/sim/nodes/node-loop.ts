/**
 * One life of a node: a production loop of its own, over the node's clock. A crash
 * abandons it with all that it was to run, and the next life has another one.
 */
import { FAILED, type Future, reportFailures } from "../../future/index.ts";
import { IOLoop, type Report } from "../../loop/index.ts";
import type { Peer } from "../peer.ts";
import type { SimHost } from "../sim-host.ts";
import { endCrashed } from "./crashed-works.ts";
import type { NodeClock } from "./node-clock.ts";
import { SimNodePoller } from "./node-poller.ts";

export class NodeLoop extends IOLoop {
  /** The process whose loop it is. */
  readonly peer: Peer;
  /** Has the process crashed? What runs all the same, up to its next wait, is seen by nobody. */
  isDead = false;
  readonly #sim: SimHost;
  readonly #clock: NodeClock;
  readonly #poller: SimNodePoller;
  /** Has the last drain used up its budget? Then a pass comes first. */
  #isSpent = false;
  /** Is a step of it on the stack, or a callback? */
  #isRunning = false;

  constructor(sim: SimHost, peer: Peer, clock: NodeClock) {
    const poller = new SimNodePoller(clock, sim._world);
    super({ poller, log: sim.log, orphans: sim._orphans });
    this.peer = peer;
    this.#sim = sim;
    this.#clock = clock;
    this.#poller = poller;
  }

  /** Start it, and have `first` run in its first turn. */
  begin(first: () => void): void {
    this.start()._listen({ settled: (end) => this.#stopped(end), isWaitedFor: () => true });
    this.soon(first);
  }

  /** Run `fn` when what is ready already has run. */
  soon(fn: () => void): void {
    const step = (): void => {
      try {
        fn();
      } catch (error) {
        this._onCallbackError(error, undefined);
      }
    };
    this._ready.push({ step });
  }

  /** Run what is ready. @returns whether anything was */
  drain(): boolean {
    if (this._ready.size === 0 || this.#isSpent) return false;
    this.#run(() => {
      this.#isSpent = !this._ready.drain();
    });
    return true;
  }

  /** When its next pass or timer is, on the world's clock; `undefined` when there is none. */
  dueAtMs(): number | undefined {
    const turns = this._turns;
    // It may have stopped itself.
    if (!turns.running) return undefined;
    if (turns.size > 0 || this._ready.size > 0) return this.#sim._world.now();
    const deadlineMs = turns.timers.firstDeadlineMs();
    return deadlineMs === undefined ? undefined : this.#clock.worldMsAt(deadlineMs);
  }

  /** Make a pass. */
  turn(): void {
    const deadlineMs = this._turns.timers.firstDeadlineMs();
    if (deadlineMs !== undefined && this.#clock.worldMsAt(deadlineMs) <= this.#sim._world.now()) {
      this.#clock.reach(deadlineMs);
    }
    this.#isSpent = false;
    this.#run(() => this.#poller.turn());
  }

  /** Its process has crashed. A step of its own that does it runs on to its next wait, and those below it as well. */
  crash(): void {
    this.abandon();
    if (!this.#isRunning) endCrashed(this);
  }

  /** Its life is over: nothing runs any more. @returns what was going to end it, in a box */
  abandon(): { readonly error: unknown } | undefined {
    this.isDead = true;
    const fatal = this._turns.abandon();
    // They are dropped with it, and would be kept until they are collected.
    reportFailures(this._ready);
    return fatal;
  }

  /** As of the simulation. */
  override random(): number {
    return this.#sim.random();
  }

  override handleCallbackError(error: unknown): void {
    if (!this.isDead) this.#sim._world.failWith(error);
  }

  /** @internal */
  override _refusePromise(waiter: object | undefined): Error {
    return this.#sim._refusePromise(waiter);
  }

  /** @internal */
  override _report(report: Report): void {
    if (!this.isDead) this.#sim._report(report);
  }

  #run(fn: () => void): void {
    this.#isRunning = true;
    try {
      fn();
    } finally {
      this.#isRunning = false;
      if (this.isDead) endCrashed(this);
    }
  }

  /** Its own program may stop it, and an error that nobody may swallow does. */
  #stopped(end: Future<unknown>): void {
    if (end._state !== FAILED) return;
    end._take();
    this.#sim._world.failWith(end._value);
  }
}
