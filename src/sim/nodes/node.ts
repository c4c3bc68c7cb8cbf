/**
 * A simulated node: a process of its own, with its own loop, clock and disk.
 *
 * What it does between two waits is seen by others only by operations and packets;
 * so what is ready in it runs at once, and the world decides when its operations
 * end, its timers are due, and its packets arrive. A crash is a decision, too, where
 * that is asked for: at every step it takes.
 */
import { checkFunction, describe, LoopStateError } from "../../base/index.ts";
import { FAILED, Future, PENDING } from "../../future/index.ts";
import { note } from "../../trace/index.ts";
import { decideFault, LOSS } from "../fault-decision.ts";
import type { Latency } from "../latency.ts";
import { checkProbability } from "../option-guards.ts";
import type { Ending, Peer } from "../peer.ts";
import type { SimHost } from "../sim-host.ts";
import { startedProgram } from "../start-program.ts";
import type { CrashKind, Disk } from "./disk.ts";
import { Mailbox, type PacketHandler } from "./mailbox.ts";
import { NodeClock } from "./node-clock.ts";
import { NodeLoop } from "./node-loop.ts";
import type { Answer, Packet } from "./packet.ts";

/** What a node runs from its start on: a plain function, a generator function, or a coroutine. It is given the node. */
export type NodeMain = (node: SimNode) => unknown;

export type NodeState = "up" | "paused" | "crashed";

/** At each step of the node the search decides whether it crashes there. */
export interface CrashOptions {
  /** How often in one run, at most. Default 1. */
  readonly times?: number;
  /** How probable it is at each step, where a search draws at random; 0 to 1. Default 0.1. */
  readonly probability?: number;
  /** What stops. Default "machine", which takes what its disk has not synced. */
  readonly kind?: CrashKind;
  /** When it starts anew: so much later, or never. Default: any time later. */
  readonly restart?: Latency | "any time" | "never";
}

export interface NodeOptions {
  /** How far its clock is ahead of the simulation's; negative when it is behind. Default 0. */
  readonly skewMs?: number;
  /** Millionths of a second that its clock gains in each second. Default 0. */
  readonly driftPpm?: number;
  /** Default: it crashes only when it is told to. */
  readonly crashes?: CrashOptions;
}

/** What a node needs of the network. */
export interface NodeNet {
  send(from: string, to: SimNode | string, payload: unknown): void;
  call<T>(
    from: string,
    to: SimNode | string,
    payload: unknown,
    options?: { readonly timeoutMs?: number },
  ): Future<T>;
  /** A request has been served. */
  _answer(request: Packet, answer: Answer): void;
}

const USUAL_PROBABILITY = 0.1;

/** Waits for the end of a node's main function. */
class NodeEnd extends Future<void> {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override _describe(): string {
    return `node "${this.#name}" to end`;
  }
}

export class SimNode implements Peer {
  readonly name: string;
  /** What it writes there outlives it, as far as it was synced. */
  readonly disk: Disk;
  readonly #sim: SimHost;
  readonly #net: NodeNet;
  readonly #main: NodeMain;
  readonly #clock: NodeClock;
  readonly #crashes: CrashOptions | undefined;
  #state: NodeState = "crashed";
  #loop!: NodeLoop;
  #mailbox!: Mailbox;
  #lives = 0;
  #crashesLeft: number;
  /** The end of the main function in this life; `undefined` before, and when it waits for nothing. */
  #root: Future<unknown> | undefined = undefined;
  #hasEnded = false;
  #enders: Future<void>[] = [];

  /** @internal */
  constructor(
    sim: SimHost,
    net: NodeNet,
    disk: Disk,
    name: string,
    main: NodeMain,
    { skewMs = 0, driftPpm = 0, crashes }: NodeOptions,
  ) {
    checkFunction(main, `make the node "${name}"`);
    this.#sim = sim;
    this.#net = net;
    this.disk = disk;
    this.name = name;
    this.#main = main;
    this.#clock = new NodeClock(() => sim._world.now(), skewMs, driftPpm);
    this.#crashes = crashes;
    this.#crashesLeft = crashes === undefined ? 0 : checkCrashes(crashes);
    this.#begin();
  }

  get state(): NodeState {
    return this.#state;
  }

  /** How often it has been started. */
  get lives(): number {
    return this.#lives;
  }

  /** Its loop in this life, which is the current one for what runs in it; `time()` is its own clock's. */
  get loop(): NodeLoop {
    return this.#loop;
  }

  /**
   * All that runs in it is gone at once, without clean-up: no `finally`, no `catch`. An operation that was pending may
   * still happen, or not: a decision each. Harmless when it has crashed already.
   *
   * A step of its own that crashes it runs on to its next wait, from which it does not come back.
   *
   * @param kind - a machine that stops loses what its disk has not synced, and a process does not
   */
  crash(kind: CrashKind = "machine"): void {
    if (this.#state === "crashed") return;
    const world = this.#sim._world;
    world.note(`(crash of ${this.name})`);
    note(`${this.name} crashes`);
    this.#state = "crashed";
    this.#loop.crash();
    this.disk.crash(kind);
    for (const operation of world.operationsOf(this)) {
      const { label } = operation;
      const lost = decideFault(world, LOSS, [
        `${label}: it happens, though ${this.name} has crashed`,
        `${label}: it does not happen, as ${this.name} has crashed`,
      ]);
      operation.peer = undefined;
      if (lost === 1) world.drop(operation);
    }
  }

  /** Run its main function anew. @throws {LoopStateError} when it has not crashed */
  restart(): void {
    if (this.#state !== "crashed") {
      throw new LoopStateError(
        `Cannot restart the node "${this.name}": it is ${this.#state}, crash it first`,
      );
    }
    this.#sim._world.note(`(start of ${this.name})`);
    note(`${this.name} starts anew`);
    this.#begin();
  }

  /** Nothing of it runs until `resume()`: its timers are late, and its packets wait. Harmless when it has crashed. */
  pause(): void {
    if (this.#state === "up") this.#state = "paused";
  }

  resume(): void {
    if (this.#state === "paused") this.#state = "up";
  }

  /** Set its clock forward by `ms`, or back. Its timers know no other clock. */
  skew(ms: number): void {
    this.#clock.skew(ms);
  }

  /** Settles when the main function has ended: in this life, or in a later one when it crashes before. */
  waitEnd(): Future<void> {
    const end = new NodeEnd(this.name);
    if (this.#hasEnded) end.setResult();
    else this.#enders.push(end);
    return end;
  }

  /** Send a packet to another node. See `Net.send`. */
  send(to: SimNode | string, payload: unknown): void {
    this.#net.send(this.name, to, payload);
  }

  /** Ask another node, and wait for its answer. See `Net.call`. */
  call<T = unknown>(
    to: SimNode | string,
    payload: unknown,
    options: { readonly timeoutMs?: number } = {},
  ): Future<T> {
    return this.#net.call<T>(this.name, to, payload, options);
  }

  /** The next packet, unless `onPacket` takes them. Suspends: unless one is there. */
  receive(): Future<Packet> {
    return this.#mailbox.receive();
  }

  /** Have `handler` called with each packet, in this life. It may be a coroutine. */
  onPacket(handler: PacketHandler): void {
    checkFunction(handler, `listen for packets of the node "${this.name}"`);
    this.#mailbox.listen(handler);
  }

  /**
   * Have `handler` answer requests, in this life: by what it gives back, or by an error. It may be a coroutine.
   *
   * A request that comes while nobody serves is lost.
   */
  serve(handler: PacketHandler): void {
    checkFunction(handler, `serve requests in the node "${this.name}"`);
    this.#mailbox.serve(handler);
  }

  toString(): string {
    return this.name;
  }

  /** @internal */
  get workId(): number | undefined {
    return (this.#root as { readonly id?: number } | undefined)?.id;
  }

  /** @internal */
  get isSpent(): boolean {
    return this.#state === "up" && this.#loop._ready.size > 0;
  }

  drain(): boolean {
    return this.#state === "up" && this.#loop.drain();
  }

  /** @internal */
  dueAtMs(): number | undefined {
    return this.#state === "up" ? this.#loop.dueAtMs() : undefined;
  }

  /** @internal */
  turn(): void {
    if (!this.#crashesNow([`${this.name} crashes before its next timer`])) this.#loop.turn();
  }

  /** @internal */
  survives(ending: Ending): boolean {
    return !this.#crashesNow(
      [`${this.name} crashes after ${ending.label}`, `${this.name} crashes before ${ending.label}`],
      () => ending.happen(),
    );
  }

  /** @internal Is somebody there for a packet that has come? */
  _isThere({ kind, from }: Packet): boolean {
    if (this.#state === "crashed") return false;
    return !this.#crashesNow([`${this.name} crashes before it has the ${kind} from ${from}`]);
  }

  /** @internal */
  _deliver(packet: Packet): void {
    this.#mailbox.put(packet, (answer) => this.#net._answer(packet, answer));
  }

  /** @internal Does something in it wait for what can never come, as far as it knows? One that waits for packets is a server. */
  get _isStuck(): boolean {
    const isPending = this.#root !== undefined && this.#root._state === PENDING;
    return this.#state === "up" && isPending && !this.#mailbox.isOpen;
  }

  /** @internal The run is over: nothing of it is left behind. */
  _end(): void {
    const fatal = this.#loop.abandon();
    if (fatal !== undefined) this.#sim._world.failWith(fatal.error);
  }

  #begin(): void {
    const loop = new NodeLoop(this.#sim, this, this.#clock);
    this.#lives++;
    this.#state = "up";
    this.#loop = loop;
    this.#mailbox = new Mailbox(loop);
    this.#root = undefined;
    this.#hasEnded = false;
    loop.begin(() => {
      const main = this.#main;
      const root = startedProgram(main(this), main, `the node "${this.name}"`);
      this.#root = root;
      if (root === undefined) this.#ended();
      else root._listen({ settled: () => this.#settled(loop, root), isWaitedFor: () => true });
    });
  }

  #settled(loop: NodeLoop, root: Future<unknown>): void {
    if (loop.isDead) return;
    if (root._state === FAILED || root.cancelled()) {
      root._take();
      this.#sim._world.failWith(root._value);
    } else this.#ended();
  }

  #ended(): void {
    this.#hasEnded = true;
    const enders = this.#enders;
    this.#enders = [];
    for (const end of enders) if (!end.done()) end.setResult();
  }

  /**
   * Decide whether it crashes here, in one of several ways, and do it.
   *
   * @param happen - what has happened before the first of the ways, and not before the others
   */
  #crashesNow(ways: readonly string[], happen?: () => void): boolean {
    if (this.#crashesLeft === 0 || this.#state === "crashed") return false;
    const {
      probability = USUAL_PROBABILITY,
      kind = "machine",
      restart = "any time",
    } = this.#crashes as CrashOptions;
    const way = decideFault(this.#sim._world, probability, [`${this.name} goes on`, ...ways]);
    if (way === 0) return false;
    this.#crashesLeft--;
    if (way === 1) happen?.();
    this.crash(kind);
    if (restart !== "never") {
      const again = (): void => {
        if (this.#state === "crashed") this.restart();
      };
      this.#sim._begin(`start of ${this.name}`, again, restart === "any time" ? undefined : restart);
    }
    return true;
  }
}

/** @returns how often it may crash */
function checkCrashes({ times = 1, probability = USUAL_PROBABILITY }: CrashOptions): number {
  if (!(times >= 0)) {
    throw new RangeError(`Cannot let a node crash: times is ${describe(times)}, 0 or more is wanted`);
  }
  checkProbability(probability, "let a node crash");
  return times;
}
