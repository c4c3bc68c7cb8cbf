/**
 * What a simulated program is given: its loop, and the means to say what the real
 * world would do.
 */
import { checkFunction, describe } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import {
  type Coroutine,
  currentCoroutine,
  firstUserLine,
  formatLocation,
  waitingLine,
} from "../gen/index.ts";
import { IOLoop, type Log, type OrphanPolicy, type Report } from "../loop/index.ts";
import { ASKED, type ChoiceKind, FAULT, LATENCY } from "./choices.ts";
import { Conditions, type Within } from "./conditions.ts";
import { UncontrolledAwaitError } from "./errors.ts";
import { type FaultRule, type Faults, probabilityOf } from "./faults.ts";
import { checkLatency, Distribution, type Latency } from "./latency.ts";
import { Disk, type DiskOptions } from "./nodes/disk.ts";
import { Net } from "./nodes/net.ts";
import { type NodeMain, type NodeOptions, SimNode } from "./nodes/node.ts";
import { NodeLoop } from "./nodes/node-loop.ts";
import { Operation, type Window } from "./operation.ts";
import { checkProbability } from "./option-guards.ts";
import { isSharable, watchedObject } from "./shared.ts";
import type { SimHost } from "./sim-host.ts";
import { RandomNumbers } from "./strategies/random-numbers.ts";
import { NOBODY } from "./strategy.ts";
import type { World } from "./world.ts";

export interface IoOptions {
  /** Default: any time from now on, so that every order of ends is possible. */
  readonly latency?: Latency;
  /**
   * Makes what it may fail with: whether it does is a decision of the search, "no" if nothing is decided. Its effect
   * does not happen then.
   */
  readonly fail?: () => Error;
}

export interface SimOptions {
  readonly orphans?: OrphanPolicy | undefined;
  readonly faults: Faults;
}

/** What becomes of an operation that may fail. */
const FAULTS = ["succeeds", "fails", "fails when its effect has happened"];
const MOST_LOG_LINES = 1000;
const NO_OPTIONS: IoOptions = {};
const NO_NODES: readonly SimNode[] = [];

/** Keeps what is logged; of a program that logs without end the first lines. */
class KeptLog implements Log {
  readonly lines: string[] = [];

  warn(text: string): void {
    if (this.lines.length < MOST_LOG_LINES) this.lines.push(text);
  }

  error(text: string, error?: unknown): void {
    this.warn(error === undefined ? text : `${text}: ${String(error)}`);
  }
}

export class Sim extends IOLoop implements SimHost {
  /** @internal */ readonly _world: World;
  /** @internal What the loop noticed, in that order. */ readonly _reports: Report[] = [];
  /** @internal Made for the first one. */ _conditions: Conditions | undefined = undefined;
  readonly #kept: KeptLog;
  readonly #faults: Faults;
  #nodes: Map<string, SimNode> | undefined = undefined;
  #net: Net | undefined = undefined;
  #random: RandomNumbers | undefined = undefined;

  /** @internal */
  constructor(world: World, options: SimOptions) {
    const kept = new KeptLog();
    super({ poller: world, stopWhenIdle: false, log: kept, orphans: options.orphans });
    this.#kept = kept;
    this._world = world;
    this.#faults = options.faults;
    options.faults.begin();
    world.loop = this;
  }

  /**
   * Begin an operation of the world: a request, a query, a write. `effect` happens when it ends, and gives its result.
   *
   * When it ends is a decision of the search, anywhere in the window that `latency` leaves.
   *
   * Suspends who yields it: always.
   *
   * @param label - what it is, for whoever reads what happened; the same in each run
   */
  io<T>(label: string, effect: () => T, options: IoOptions = NO_OPTIONS): Future<T> {
    if (typeof label !== "string") {
      throw new TypeError(
        `Cannot simulate an operation: its label is ${describe(label)}, a string is wanted`,
      );
    }
    if (typeof effect !== "function") checkFunction(effect, `simulate "${label}"`);
    if (options.fail !== undefined) checkFunction(options.fail, `let "${label}" fail`);
    const world = this._world;
    const window = options.latency === undefined ? undefined : this.#windowOf(label, options.latency);
    const whole = this.#withFaults(label, effect, options.fail);
    const operation = new Operation(world, label, whole, world.now(), window);
    if (this.#nodes === undefined || this.#giveToNode(operation)) world.add(operation);
    return operation as Future<unknown> as Future<T>;
  }

  /**
   * Start a node: a process of its own, which runs `main` on a loop of its own and shares nothing with others but
   * operations and packets. It is gone when the run ends.
   *
   * @param name - by which packets reach it, the same in each run
   * @throws {RangeError} when there is one with this name
   */
  node(name: string, main: NodeMain, options: NodeOptions = {}): SimNode {
    this.#nodes ??= new Map();
    if (this.#nodes.has(name)) {
      throw new RangeError(
        `Cannot make the node "${name}": there is one with this name, another one is wanted`,
      );
    }
    const node = new SimNode(this, this.net, this.disk(name), name, main, options);
    this.#nodes.set(name, node);
    this._world.addPeer(node);
    return node;
  }

  /** The nodes, in the order in which they were made. */
  get nodes(): readonly SimNode[] {
    return this.#nodes === undefined ? NO_NODES : [...this.#nodes.values()];
  }

  /** The network between the nodes, which reaches the main program under any other name. */
  get net(): Net {
    this.#net ??= new Net(this, (name) => this.#nodes?.get(name));
    return this.#net;
  }

  /** A disk beside those of the nodes, empty at first. */
  disk(name: string, options: DiskOptions = {}): Disk {
    return new Disk(this, name, options);
  }

  /** One of `count` whole numbers from 0: a decision of the search, 0 if nothing is decided. */
  choose(label: string, count: number): number {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new RangeError(
        `Cannot choose "${label}": of ${describe(count)}, a whole number of at least 1 is wanted`,
      );
    }
    return this.#decide(ASKED, count, -1, (at) => `choose("${label}") is ${at}`);
  }

  /** Yes or no: a decision of the search, "no" if nothing is decided; `probability` counts where it draws at random. */
  chance(label: string, probability: number): boolean {
    checkProbability(probability, `take the chance "${label}"`);
    // What is sure is no decision.
    if (probability === 0 || probability === 1) return probability === 1;
    return this.#decide(ASKED, 2, probability, (at) => `chance("${label}") is ${at === 1}`) === 1;
  }

  /**
   * `target`, which several coroutines share: an object, an array, a Map or a Set. Use what comes back in its place.
   *
   * Where a search fails, its report then says what was read before another one changed it; and an exhaustive search
   * with `reduce` leaves out what comes to the same. Only its own properties or entries are seen, not those of what
   * is inside.
   *
   * @param name - what it is called, the same in each run
   */
  shared<T extends object>(name: string, target: T): T {
    if ((typeof target !== "object" && typeof target !== "function") || target === null) {
      throw new TypeError(`Cannot share "${name}": came ${describe(target)}, an object is wanted`);
    }
    if (!isSharable(target)) {
      throw new TypeError(
        `Cannot share "${name}": came ${describe(target)}, a plain object, an array, a Map or a Set is wanted (what is private in an instance cannot be seen)`,
      );
    }
    const { listener } = this._world;
    return listener === undefined ? target : watchedObject(name, target, listener);
  }

  /** What holds after every step of the run; one that is false or throws ends the run as a failure. */
  invariant(name: string, holds: () => boolean): void {
    checkFunction(holds, `keep the invariant "${name}"`);
    this.#looked().keep(name, holds);
  }

  /** What must be true at some time: within some steps or milliseconds, or before the end of the run. */
  eventually(name: string, isMet: () => boolean, within: Within = {}): void {
    checkFunction(isMet, `expect "${name}"`);
    this.#looked().expect(name, isMet, this._world.steps.total, this._world.now(), within);
  }

  /** Numbers that look random, the same in each run. */
  override random(): number {
    this.#random ??= new RandomNumbers(0);
    return this.#random.next();
  }

  override handleCallbackError(error: unknown): void {
    this._world.failWith(error);
  }

  /** @internal */
  override _report(report: Report): void {
    this._reports.push(report);
  }

  /** @internal What was logged. */
  get _logged(): readonly string[] {
    return this.#kept.lines;
  }

  /** @internal */
  _begin(label: string, effect: () => unknown, latency: Latency | undefined): void {
    const world = this._world;
    const window = latency === undefined ? undefined : this.#windowOf(label, latency);
    const operation = new Operation(world, label, effect, world.now(), window);
    // The world's own: nobody is to wait for it.
    operation._detach();
    world.add(operation);
  }

  /** @internal The run is over: no node is left behind. */
  _endNodes(): void {
    for (const node of this.nodes) node._end();
  }

  /** An operation that a node begins is its own. @returns whether it is begun: what has crashed begins nothing */
  #giveToNode(operation: Operation): boolean {
    const loop = IOLoop.current();
    if (!(loop instanceof NodeLoop)) return true;
    operation.peer = loop.peer;
    return !loop.isDead;
  }

  /** The conditions, looked at after each step from now on. */
  #looked(): Conditions {
    if (this._conditions !== undefined) return this._conditions;
    const conditions = new Conditions();
    const world = this._world;
    const look = (): void => conditions.look(world.steps.total, world.now());
    world.onStep = look;
    this._conditions = conditions;
    return conditions;
  }

  #windowOf(label: string, latency: Latency): Window {
    checkLatency(latency);
    if (typeof latency === "number") return { earliestMs: latency, latestMs: latency, usualMs: latency };
    if (!(latency instanceof Distribution)) {
      const { minMs, maxMs } = latency;
      return { earliestMs: minMs, latestMs: maxMs, usualMs: minMs };
    }
    const { partsMs } = latency;
    const labelOf = (at: number): string => `"${label}" takes ${(partsMs[at] as number).toFixed(1)} ms`;
    const ms = partsMs[this.#decide(LATENCY, partsMs.length, -1, labelOf)] as number;
    return { earliestMs: ms, latestMs: ms, usualMs: ms };
  }

  /** `effect`, or the fault that the search decides for when its time has come. */
  #withFaults<T>(label: string, effect: () => T, fail: (() => Error) | undefined): () => T {
    const own: FaultRule | undefined = fail === undefined ? undefined : { on: label, error: fail };
    const faults = this.#faults;
    faults.look(label);
    if (own === undefined && faults.rules.length === 0) return effect;
    return () => {
      const rule = own ?? faults.ruleFor(label);
      if (rule === undefined || probabilityOf(rule) === 0) return effect();
      const isEither = own === undefined && (rule.effect ?? "either") === "either";
      const labelOf = (at: number): string => `"${label}" ${FAULTS[at]}`;
      const fault = this.#decide(FAULT, isEither ? 3 : 2, probabilityOf(rule), labelOf);
      if (fault === 0) return effect();
      faults.count(rule);
      if (rule.effect === "happens" || fault === 2) effect();
      throw rule.error();
    };
  }

  #decide(kind: ChoiceKind, count: number, weight: number, labelOf: (at: number) => string): number {
    return this._world.decide(kind, count, weight, NOBODY, () =>
      Array.from({ length: count }, (_, at) => labelOf(at)),
    );
  }

  /** @internal */
  override _refusePromise(waiter: object | undefined): Error {
    const by = (waiter ?? currentCoroutine()) as Partial<Coroutine<unknown>> | undefined;
    // What still runs, as in a combinator, has its line on the stack.
    const line = (by?._generator && waitingLine(by._generator)) ?? firstUserLine(new Error().stack ?? "");
    const error = new UncontrolledAwaitError(
      by === undefined ? "the program" : `"${by.name}"`,
      line === undefined ? "" : ` at ${formatLocation(line)}`,
    );
    this._world.failWith(error);
    return error;
  }
}
