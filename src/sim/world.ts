/**
 * The simulated world: which operations are pending, and which of them ends next.
 *
 * It is the poller of the simulation's loop, which is the production loop as it
 * is. So what is decided here is what a real run leaves open: in which order
 * operations end, and whether one ends before a timer. An operation may end
 * anywhere in its window of virtual time; whatever cannot be before all others
 * must wait, and the clock moves to what was chosen.
 */
import type { Ready, ReadyQueue } from "../future/index.ts";
import { Coroutine, lastStartedId } from "../gen/index.ts";
import type { IOLoop, PollEvent } from "../loop/index.ts";
import { Accesses, type AccessSet } from "./accesses.ts";
import { type AnyOrderHost, AnyOrderQueue } from "./any-order-queue.ts";
import { Candidates, type CandidatesHost, LOOP, PEER } from "./candidates.ts";
import { type ChoiceKind, type Choices, LATENCY, NEXT, READY } from "./choices.ts";
import { TooManyAlternativesError } from "./errors.ts";
import type { Operation, OperationHost } from "./operation.ts";
import type { Peer } from "./peer.ts";
import { SimPoller } from "./poller.ts";
import type { AccessListener } from "./shared.ts";
import { StepCount } from "./step-count.ts";
import { hashOf, type Steps } from "./steps.ts";
import { type Alternatives, NOBODY, type ReducingStrategy, type Strategy } from "./strategy.ts";
import { timerInWords } from "./timer-in-words.ts";

const NO_EVENTS: readonly PollEvent[] = [];
/** In place of a candidate: nothing can follow that has not been seen. */
const SEEN = -2;
const NO_PEERS: readonly Peer[] = [];
const NO_LABELS = (): readonly string[] => [];
const PASS = hashOf("(pass)");
const TIMER = hashOf("(timer)");

/** What one run writes into; used again by the next one. */
export interface Records {
  readonly choices: Choices;
  readonly steps: Steps;
}

export interface WorldLimits {
  readonly maxSteps: number;
  readonly maxAlternatives: number;
  /** How late timers may be, in milliseconds. */
  readonly timersLateMs: number;
  /** May operations end as late as they can, too? */
  readonly hasLateEnds: boolean;
  /** Is a run that takes more steps no failure? */
  readonly stopsAtMaxSteps: boolean;
  /** May what is ready be reordered? */
  readonly reordersReady: boolean;
}

/** Looks at a decision before it is taken; for one who explains a run. */
export type Watch = (kind: ChoiceKind, value: number, labels: () => readonly string[], world: World) => void;

export class World extends SimPoller implements OperationHost, Alternatives, AnyOrderHost, CandidatesHost {
  /** Pending, in the order in which they would end if nothing were decided. */
  readonly pending: Operation[] = [];
  /** Those whose window is not the usual one, "any time from now on". */
  #windowed = 0;
  readonly #strategy: Strategy;
  readonly #records: Records;
  readonly #limits: WorldLimits;
  /** The number of the last coroutine that was started before the run. */
  readonly baseId: number;
  /** The alternatives of this decision, unless those are all that are pending; made when time counts. */
  #candidates: Candidates | undefined = undefined;
  #areAllPending = false;
  /** Made for the first one. */
  #peers: Peer[] | undefined = undefined;
  #loop: IOLoop | undefined;
  /** Has the program's own coroutine ended? Then only what is due already still runs. */
  isOver = false;
  readonly steps: StepCount;
  /** Was it ended at the step bound, as was asked for? Then nothing is to be said of it. */
  isCut = false;
  /** What ends the run now. */
  failure: { readonly error: unknown } | undefined = undefined;
  /** Called after each step; throws to end the run. */
  onStep: (() => void) | undefined = undefined;
  watch: Watch | undefined = undefined;
  /** Had nobody who waited when they ended. */
  #unawaited: Operation[] | undefined = undefined;
  /** What is touched between two decisions, where that is asked for. */
  readonly accesses: Accesses | undefined;
  /** Is told of accesses to what was given to `shared()`. */
  listener: AccessListener | undefined;
  readonly #reducing: ReducingStrategy | undefined;
  #lastStartedId: number;
  /** Were there timers, or windows, when the stretch began? */
  #wasTimed = false;
  #timersEntered = 0;

  constructor(strategy: Strategy, records: Records, limits: WorldLimits, baseId: number) {
    super();
    this.#strategy = strategy;
    this.#records = records;
    this.#limits = limits;
    this.steps = new StepCount(limits.maxSteps);
    this.baseId = baseId;
    this.#lastStartedId = baseId;
    this.#reducing = isReducing(strategy) ? strategy : undefined;
    this.accesses = this.#reducing === undefined ? undefined : new Accesses();
    this.listener = this.accesses;
  }

  /** The loop that stands on it. */
  set loop(loop: IOLoop) {
    this.#loop = loop;
  }

  /** Add an operation that was begun now. */
  add(operation: Operation): void {
    if (operation.isWindowed) this.#windowed++;
    this.accesses?.begin(operation, this.taskNumber(operation.work?.id));
    const pending = this.pending;
    let at = pending.length;
    pending.push(operation);
    for (; at > 0 && (pending[at - 1] as Operation).usualMs > operation.usualMs; at--) {
      pending[at] = pending[at - 1] as Operation;
    }
    pending[at] = operation;
  }

  drop(operation: Operation): void {
    const at = this.pending.indexOf(operation);
    if (at >= 0) this.#takeOut(at);
  }

  /** Decide between `count` alternatives. */
  decide(
    kind: ChoiceKind,
    count: number,
    weight: number,
    of: Alternatives,
    labels: () => readonly string[],
  ): number {
    if (count < 2) return 0;
    if (count > this.#limits.maxAlternatives) {
      throw this.failWith(new TooManyAlternativesError(count, this.#limits.maxAlternatives));
    }
    // What would have come of the other alternative is not known.
    this.accesses?.touchAll();
    const value = this.steps.isFair ? 0 : this.#strategy.choose(kind, count, weight, of);
    this.watch?.(kind, value, labels, this);
    this.#records.choices.add(kind, count, value);
    // Of which operation ended, and who went on, the step says so itself.
    if (kind !== NEXT && kind !== READY) this.#records.steps.add(value, kind);
    return value;
  }

  /** The number of `id` in this run; 0 for none. */
  taskNumber(id: number | undefined): number {
    return id === undefined || id <= this.baseId ? 0 : id - this.baseId;
  }

  taskOf(at: number): number {
    const place = this.#placeOf(at);
    if (place <= PEER) return this.taskNumber(this.#peerAt(place).workId);
    return place === LOOP ? 0 : this.taskNumber((this.pending[place] as Operation).top()?.id);
  }

  /** The operation that alternative `at` of this decision is; `undefined` for a timer or pass. */
  operationOf(at: number): Operation | undefined {
    const place = this.#placeOf(at);
    return place < 0 ? undefined : this.pending[place];
  }

  /** An operation that a coroutine began, and nobody has ever waited for: one that has ended, else one that is pending. */
  forgotten(): Operation | undefined {
    return (
      this.#unawaited?.find(({ isAwaited, _taken }) => !isAwaited && !_taken) ??
      this.pending.find(({ isAwaited, work }) => !isAwaited && work !== undefined)
    );
  }

  addPeer(peer: Peer): void {
    // In place: one that a peer's own step makes has its turn in this very round.
    this.#peers ??= [];
    this.#peers.push(peer);
  }

  /** Processes beside the main one. */
  get peers(): readonly Peer[] {
    return this.#peers ?? NO_PEERS;
  }

  get timersLateMs(): number {
    return this.#limits.timersLateMs;
  }

  /** The pending operations of `peer`. */
  operationsOf(peer: Peer): Operation[] {
    return this.pending.filter((operation) => operation.peer === peer);
  }

  /** Something happened that is no operation: it makes this run another one. */
  note(label: string): void {
    this.#records.steps.add(hashOf(label), 0);
  }

  readyQueue(...of: ConstructorParameters<typeof ReadyQueue>): ReadyQueue | undefined {
    return this.#limits.reordersReady ? new AnyOrderQueue(this, ...of) : undefined;
  }

  chooseReady(items: readonly Ready[]): number {
    const ending = this.isOver ? [] : this.pending.filter(({ earliestMs }) => earliestMs <= this._nowMs);
    const works = [...items.map(workOf), ...ending.map((each) => each.top())];
    const labels = (): readonly string[] => [
      ...items.map((item) => {
        const work = workOf(item);
        return work === undefined ? "a callback" : `${work.name} #${this.taskNumber(work.id)}`;
      }),
      ...ending.map((each) => each.inWords(this.baseId)),
    ];
    const of = { taskOf: (at: number) => this.taskNumber(works[at]?.id) };
    const value = this.failure === undefined ? this.decide(READY, works.length, -1, of, labels) : 0;
    const operation = ending[value - items.length];
    if (operation !== undefined) this.#end(this.pending.indexOf(operation), false);
    else this.#records.steps.add(hashOf(works[value]?.name ?? "(callback)"), of.taskOf(value));
    return value;
  }

  override poll(): readonly PollEvent[] {
    const turns = (this.#loop as IOLoop)._turns;
    for (;;) {
      if (!this.#goesOn(turns.ready.size > 0)) return this.#stop();
      const events = this.descriptors.take();
      if (events.length > 0) return events;
      if (this.peers.length > 0 && !this.isOver && this.#drainPeers()) {
        turns.ready.drain();
        continue;
      }
      const isPassDue = turns.size > 0 || turns.ready.size > 0;
      if (this.isOver) return isPassDue ? this.#turn(this._nowMs, true) : this.#stop();
      const timerMs = isPassDue ? this._nowMs : turns.timers.firstDeadlineMs();
      if (this.pending.length === 0 && !this.#isPeerDue()) {
        if (timerMs === undefined) return this.#stop();
        return this.#turn(timerMs, isPassDue);
      }
      const place = this.#choose(timerMs);
      if (place === SEEN) return this.#stop();
      if (place === LOOP) return this.#turn(timerMs as number, isPassDue);
      if (place <= PEER) this.#turnPeer(place);
      else this.#end(place, !this.#areAllPending);
      turns.ready.drain();
    }
  }

  /** One step more; does the run go on? */
  #goesOn(isSpent: boolean): boolean {
    if (this.failure !== undefined) return false;
    try {
      this.onStep?.();
    } catch (error) {
      this.failWith(error);
      return false;
    }
    if (this.steps.add(isSpent, this._nowMs)) return true;
    if (this.#limits.stopsAtMaxSteps) {
      this.isCut = true;
      return false;
    }
    const error = this.steps.overrun();
    if (error === undefined) return true;
    this.failWith(error);
    return false;
  }

  /** End the run with `error`, unless it has failed already. @returns the error */
  failWith(error: unknown): unknown {
    this.failure ??= { error };
    return error;
  }

  #stop(): readonly PollEvent[] {
    this.#loop?.stop();
    return NO_EVENTS;
  }

  /** Let the loop make a pass, at `atMs` at the earliest. */
  #turn(atMs: number, isPass: boolean): readonly PollEvent[] {
    if (atMs > this._nowMs) this._nowMs = atMs;
    this.#records.steps.add(isPass ? PASS : TIMER, 0);
    return NO_EVENTS;
  }

  /** What is ready in other processes runs at once: nobody sees its order but by operations. @returns whether any was */
  #drainPeers(): boolean {
    let hasRun = false;
    for (const peer of this.peers) {
      if (!peer.drain()) continue;
      hasRun = true;
      if (peer.isSpent) this.steps.addSpent();
    }
    return hasRun;
  }

  #isPeerDue(): boolean {
    if (this.peers.length === 0) return false;
    for (const peer of this.peers) if (peer.dueAtMs() !== undefined) return true;
    return false;
  }

  #peerAt(place: number): Peer {
    return this.peers[PEER - place] as Peer;
  }

  #turnPeer(place: number): void {
    const peer = this.#peerAt(place);
    const atMs = peer.dueAtMs() as number;
    if (atMs > this._nowMs) this._nowMs = atMs;
    this.#records.steps.add(hashOf(`(turn of ${peer.name})`), this.taskNumber(peer.workId));
    peer.turn();
  }

  /** Which place among the pending ends next, or LOOP, or a peer. */
  #choose(timerMs: number | undefined): number {
    const pending = this.pending;
    if (timerMs === undefined && this.#windowed === 0 && this.peers.length === 0) {
      this.#areAllPending = true;
      return this.#decideNext(pending.length);
    }
    this.#areAllPending = false;
    this.#candidates ??= new Candidates(this);
    this.#candidates.find(timerMs);
    const { places } = this.#candidates;
    const value = this.#decideNext(places.length);
    return value === SEEN ? SEEN : (places[value] as number);
  }

  /** What alternative `at` of this decision is: a place among the pending operations, LOOP, or a peer by PEER. */
  #placeOf(at: number): number {
    return this.#areAllPending ? at : (this.#candidates?.places[at] as number);
  }

  #decideNext(count: number): number {
    const reducing = this.#reducing;
    const { accesses } = this;
    if (reducing === undefined || accesses === undefined || this.steps.isFair) {
      const labels = this.watch === undefined ? NO_LABELS : (): readonly string[] => this.#labels(count);
      return this.decide(NEXT, count, -1, this, labels);
    }
    const keys = Array.from({ length: count }, (_, at) => {
      const operation = this.operationOf(at);
      if (operation !== undefined) return accesses.keyOf(operation);
      return `by itself ${this.#placeOf(at)}`;
    });
    const value = reducing.chooseNext(keys, this.endStretch());
    if (value < 0) {
      this.isCut = true;
      return SEEN;
    }
    this.watch?.(NEXT, value, () => this.#labels(count), this);
    if (count > 1) this.#records.choices.add(NEXT, count, value);
    return value;
  }

  /** What was touched since the last decision of which operation ends. */
  endStretch(): AccessSet {
    const accesses = this.accesses as Accesses;
    // Coroutines are known by their numbers, which follow the order of starting.
    if (lastStartedId() !== this.#lastStartedId) accesses.write("(start)");
    this.#lastStartedId = lastStartedId();
    // Time is shared by all, and of other processes is not known what they touch.
    if (this.peers.length > 0) accesses.touchAll();
    const { timers } = (this.#loop as IOLoop)._turns;
    const isTimed = this.#windowed > 0 || timers.size > 0 || timers.entered !== this.#timersEntered;
    if (isTimed || this.#wasTimed) accesses.touchAll();
    this.#wasTimed = isTimed;
    this.#timersEntered = timers.entered;
    return accesses.take();
  }

  /**
   * The operation at `place` has ended.
   *
   * @param mayBeLate - can time pass before it does? Not while something is ready
   */
  #end(place: number, mayBeLate: boolean): void {
    const operation = this.pending[place] as Operation;
    const { earliestMs, usualMs } = operation;
    this.#records.steps.add(hashOf(operation.label), this.taskNumber(operation.top()?.id));
    // Out of its turn it is as early as can be, so that what comes after it keeps its own time.
    const atMs = place === 0 && this.#isFirst(usualMs) ? usualMs : earliestMs;
    const endMs = mayBeLate ? this.#endOf(operation, Math.max(atMs, this._nowMs)) : atMs;
    this.#takeOut(place);
    if (endMs > this._nowMs) this._nowMs = endMs;
    if (!operation.isAwaited && operation.work !== undefined) {
      this.#unawaited ??= [];
      this.#unawaited.push(operation);
    }
    if (operation.peer === undefined || operation.peer.survives(operation)) operation.happen();
  }

  /**
   * It may be as late as can be, too, which is when the next thing is due: what follows it in time is late by that, and
   * a program that looks at the clock sees it.
   */
  #endOf(operation: Operation, earlyMs: number): number {
    if (!this.#limits.hasLateEnds) return earlyMs;
    const lateMs = (this.#candidates as Candidates).boundMs();
    if (lateMs <= earlyMs || lateMs === Number.POSITIVE_INFINITY) return earlyMs;
    const labels = (): readonly string[] =>
      ["early", "late"].map((when) => `${operation.inWords(this.baseId)} ends ${when}`);
    return this.decide(LATENCY, 2, -1, NOBODY, labels) === 1 ? lateMs : earlyMs;
  }

  /** Is nothing due before `atMs`? */
  #isFirst(atMs: number): boolean {
    const timerMs = (this.#loop as IOLoop)._turns.timers.lowerBoundMs;
    if (timerMs !== undefined && atMs >= timerMs) return false;
    if (this.peers.length === 0) return true;
    for (const peer of this.peers) if (atMs >= (peer.dueAtMs() ?? Number.POSITIVE_INFINITY)) return false;
    return true;
  }

  #takeOut(at: number): void {
    const pending = this.pending;
    const operation = pending[at] as Operation;
    if (operation.isWindowed) this.#windowed--;
    // Not by splice, which makes an array of what it takes out.
    for (let next = at + 1; next < pending.length; next++) pending[next - 1] = pending[next] as Operation;
    pending.pop();
  }

  #labels(count: number): readonly string[] {
    const labels: string[] = [];
    for (let at = 0; at < count; at++) {
      const operation = this.operationOf(at);
      const place = this.#placeOf(at);
      if (operation !== undefined) labels.push(operation.inWords(this.baseId));
      else labels.push(place <= PEER ? `the next timer of ${this.#peerAt(place).name}` : this.#nextOfLoop());
    }
    return labels;
  }

  #nextOfLoop(): string {
    const turns = (this.#loop as IOLoop)._turns;
    const timer = turns.size > 0 || turns.ready.size > 0 ? undefined : turns.timers.first();
    return timer === undefined ? "what is ready" : timerInWords(timer, this.baseId);
  }
}

function workOf(item: Ready): Coroutine<unknown> | undefined {
  return item instanceof Coroutine ? item : undefined;
}

function isReducing(strategy: Strategy): strategy is ReducingStrategy {
  return "chooseNext" in strategy;
}
