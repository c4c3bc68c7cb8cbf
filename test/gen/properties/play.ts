/**
 * What a random program does, and whether what gyre made of it was right.
 *
 * Beside each coroutine stands a `Node`, in which the program itself keeps count
 * of what happened to it. Each coroutine that fails does so with an error of its
 * own, a `Failure`, so that each one's way to whoever hears of it can be followed.
 */
import {
  AllFailedError,
  BadYieldError,
  CancelledError,
  LeakedCallbackError,
  OrphanError,
  suppressedBy,
  TimeoutError,
} from "../../../src/base/index.ts";
import { currentReadyQueue, Future, setBaseReadyQueue } from "../../../src/future/index.ts";
import {
  type Coroutine,
  coroutine,
  currentCoroutine,
  DeadlockReport,
  defer,
  detach,
  LostErrorReport,
  OrphanReport,
  rootsOf,
  UnfinishedReport,
  type WaitingNode,
} from "../../../src/gen/index.ts";
import { IOLoop, type Report } from "../../../src/loop/index.ts";
import { SimPoller } from "../../../src/sim/index.ts";
import { Lock, Queue, type Release, Semaphore } from "../../../src/sync/index.ts";
import { type Plan, Planner } from "./plan.ts";
import { type Body, FUTURES, type Program, type Step, type Wait } from "./program.ts";

const PERMITS = 2;

/** What a coroutine, a shared Future or a promise of a program fails with. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** Has somebody received it? Or another error that carries it? */
  received = false;
  carried = false;
  /** How often it was reported or logged: itself, or beside another error that carries it. */
  told = 0;
  toldBeside = 0;
  /** May it be dropped without a word, or come to several? What did that asked for it. */
  excused = false;
  /** Did somebody ask for it, perhaps, after it was reported? */
  retold = false;
  readonly play: Play;
  /** Whose it is; `undefined` for a Future's or a promise's. */
  readonly node: Node | undefined;

  constructor(message: string, play: Play, node?: Node) {
    super(message);
    this.play = play;
    this.node = node;
  }
}

/** What the program knows of one of its coroutines. */
export interface Node {
  readonly name: string;
  readonly coroutine: Coroutine<unknown>;
  readonly starter: Node | undefined;
  /** Is it a clean-up that its starter deferred? What it fails with is then the starter's. */
  readonly isCleanUp: boolean;
  detached: boolean;
  /** How often its body came to an end. */
  ends: number;
  /** What it waits for. */
  plan: Plan | undefined;
  /** Was a cancel of it taken, and has it received one? */
  asked: boolean;
  told: boolean;
  /** How often each of its deferred clean-ups ran. */
  readonly deferred: number[];
  failure: Failure | undefined;
  /** May its failure be missed, or come to several? */
  excused: boolean;
}

/** One run of a program. */
export class Play {
  readonly program: Program;
  readonly loop: IOLoop;
  /** What happened, in order. */
  readonly trace: string[] = [];
  /** What was not right. */
  readonly broken: string[] = [];
  readonly nodes: Node[] = [];
  readonly futures: Future<string>[] = Array.from({ length: FUTURES }, () => new Future<string>());
  readonly #futureFailures = new Map<Future<unknown>, Failure>();
  readonly #failures: Failure[] = [];
  readonly #planner = new Planner(this);
  readonly #lock = new Lock();
  readonly #semaphore = new Semaphore(PERMITS);
  readonly #queue = new Queue<number>({ maxSize: 1 });
  readonly #held = { lock: 0, semaphore: 0 };
  readonly #puts: Future<void>[] = [];
  readonly #got: number[] = [];
  /** Done callbacks: of which Future, and how often each was called. */
  readonly #watches: { readonly future: Future<unknown>; calls: number }[] = [];
  #reports: Report[] = [];
  /** Did anybody wait for what another one had started? */
  #joined = false;

  constructor(program: Program) {
    this.program = program;
    const write = (message: string, error?: unknown): void => {
      this.note(`log: ${message}`);
      this.#told(error);
    };
    this.loop = new IOLoop({ poller: new SimPoller(), log: { warn: write, error: write } });
    this.loop.onReport((report) => {
      // Of an earlier program, whose Futures have been collected by now: whichever loop runs is told.
      if (report instanceof LostErrorReport && this.#isOfAnother(report.error)) return;
      this.#reports.push(report);
      this.note(report.kind);
      if (report instanceof LostErrorReport) this.#told(report.error);
    });
  }

  /** Run the program to its end, close its loop, and look whether all was right. */
  async run(): Promise<void> {
    const { loop, program } = this;
    for (const body of program.bodies) loop.addCallback(() => this.start(undefined, body));
    for (const { atMs, does } of program.outside) loop.callAt(atMs, () => this.#act(undefined, does));
    for (let work = true; work; ) {
      this.#reports = this.#reports.filter((report) => !(report instanceof DeadlockReport));
      loop.start();
      // Promises settle after that, and then there is more to do.
      await this.#promises();
      const { ready, callbacks, timers } = loop.statistics();
      work = ready + callbacks + timers > 0;
    }
    const stuck = this.nodes.filter((node) => !node.coroutine.done());
    this.#checkStuck(stuck);
    this.#checkSync();
    const before = this.#reports.length;
    const count = this.nodes.length;
    loop.close();
    await this.#promises();
    this.#checkUnfinished(stuck, count, this.#reports.slice(before));
    this.#checkNodes();
    this.#checkReports();
    this.#checkFailures();
    for (const { future, calls } of this.#watches) {
      this.expect(calls === (future.done() ? 1 : 0), "a done callback is called once");
    }
  }

  /** Let promises settle while this program's loop is the current one, as one is that was started in real time. */
  async #promises(): Promise<void> {
    const before = currentReadyQueue();
    setBaseReadyQueue(this.loop._ready);
    await new Promise((resolve) => setImmediate(resolve));
    setBaseReadyQueue(before);
  }

  expect(truth: boolean, what: string): void {
    if (!truth) this.broken.push(what);
  }

  note(what: string): void {
    this.trace.push(`${this.loop.time()} ${what}`);
  }

  /** A new failure, which somebody has to hear of. */
  failure(of: string, node?: Node): Failure {
    const made = new Failure(`${of} fails`, this, node);
    this.#failures.push(made);
    return made;
  }

  /** What `future` fails with, should it. */
  failureOf(future: Future<unknown>): Failure {
    let failure = this.#futureFailures.get(future);
    if (failure === undefined) {
      failure = new Failure("a future fails", this);
      this.#futureFailures.set(future, failure);
    }
    return failure;
  }

  /** Somebody waits for a coroutine that another one started, or that is over: what that came to has several ways. */
  joins(work: Coroutine<unknown>): void {
    this.#joined = true;
    if (work.done())
      for (const failure of this.#failures) failure.retold ||= failure.told > 0 || failure.received;
  }

  /** The coroutine that a number picks. */
  someone(at: number): Node | undefined {
    return this.nodes[at % this.nodes.length];
  }

  /** Start `body` on behalf of `starter`. */
  start(starter: Node | undefined, body: Body): Node {
    const count = this.nodes.length;
    const options = body.orphans === undefined ? {} : { orphans: body.orphans };
    coroutine(this.bodyOf(starter, body), options)();
    return this.nodes[count] as Node;
  }

  /** A generator function that does what `body` says. */
  bodyOf(
    starter: Node | undefined,
    body: Body,
    isCleanUp = false,
  ): () => Generator<unknown, unknown, unknown> {
    const play = this;
    return function* () {
      const node = play.#enter(starter, isCleanUp);
      try {
        return yield* play.#steps(node, body.steps);
      } catch (error) {
        play.#checkKind(error);
        // A cancel stays the same on its way out.
        if (error instanceof CancelledError) throw error;
        node.failure = play.failure(node.name, node);
        throw node.failure;
      } finally {
        play.#expectRunning(node);
        node.ends++;
        play.note(`${node.name} ends`);
      }
    };
  }

  #enter(starter: Node | undefined, isCleanUp: boolean): Node {
    const running = currentCoroutine() as Coroutine<unknown>;
    const node: Node = {
      name: `c${this.nodes.length}`,
      coroutine: running,
      starter,
      isCleanUp,
      detached: false,
      ends: 0,
      plan: undefined,
      asked: false,
      told: false,
      deferred: [],
      failure: undefined,
      excused: false,
    };
    this.nodes.push(node);
    this.note(`${node.name} begins`);
    const owner = starter === undefined || starter.coroutine.done() ? undefined : starter.coroutine;
    this.expect(running.owner === owner, `${node.name} belongs to who started it`);
    return node;
  }

  *#steps(node: Node, steps: readonly Step[]): Generator<unknown, unknown, unknown> {
    for (const step of steps) {
      switch (step.kind) {
        case "wait":
          yield* this.#wait(node, step.on);
          break;
        case "return": {
          const plan = this.#planner.plan(node, step.on);
          // What it fails with is then what the coroutine fails with too.
          plan.lookPast();
          node.plan = plan;
          // A finally block that throws replaces what is returned, and then nobody looks at it.
          if (plan.source instanceof Promise) void plan.source.catch(() => {});
          return plan.source;
        }
        case "throw":
          throw new Failure("thrown", this);
        case "lock":
          yield* this.#hold(node, "lock", step.steps, this.#lock.acquire({ timeoutMs: step.limitMs }));
          break;
        case "semaphore":
          yield* this.#hold(
            node,
            "semaphore",
            step.steps,
            this.#semaphore.acquire({ timeoutMs: step.limitMs }),
          );
          break;
        case "put": {
          const put = this.#queue.put(this.#puts.length, { timeoutMs: step.limitMs });
          this.#puts.push(put);
          yield* this.#waitFor(
            node,
            plain(put, () => this.#queue.isFull()),
          );
          break;
        }
        case "get": {
          const get = this.#queue.get({ timeoutMs: step.limitMs });
          const item = yield* this.#waitFor(
            node,
            plain(get, () => this.#queue.isEmpty()),
          );
          this.#got.push(item as number);
          break;
        }
        case "try":
          yield* this.#try(node, step.steps, step.catches, step.after);
          break;
        default:
          this.#act(node, step);
      }
    }
    return node.name;
  }

  *#try(
    node: Node,
    steps: readonly Step[],
    catches: boolean,
    after: readonly Step[],
  ): Generator<unknown, void, unknown> {
    let entered = 0;
    try {
      yield* this.#steps(node, steps);
    } catch (error) {
      this.#checkKind(error);
      if (!catches) throw error;
    } finally {
      this.expect(++entered === 1, "a finally block is entered once");
      yield* this.#steps(node, after);
    }
  }

  *#hold(
    node: Node,
    what: "lock" | "semaphore",
    steps: readonly Step[],
    acquired: Future<Release>,
  ): Generator<unknown, void, unknown> {
    const most = what === "lock" ? 1 : PERMITS;
    const isFull = (): boolean => this.#held[what] === most;
    const release = (yield* this.#waitFor(node, plain(acquired, isFull))) as Release;
    try {
      this.expect(++this.#held[what] <= most, `at most ${most} hold the ${what}`);
      yield* this.#steps(node, steps);
    } finally {
      this.#held[what]--;
      release();
    }
  }

  #wait(node: Node, wait: Wait): Generator<unknown, unknown, unknown> {
    return this.#waitFor(node, this.#planner.plan(node, wait));
  }

  *#waitFor(node: Node, plan: Plan): Generator<unknown, unknown, unknown> {
    node.plan = plan;
    this.note(`${node.name} waits for ${plan.what}`);
    const isDue = (): boolean => node.asked && !node.told;
    let isCut = false;
    try {
      const value = yield plan.source;
      this.note(`${node.name} goes on`);
      this.expect(!isDue(), `the cancel of ${node.name} is thrown in at its next wait`);
      plan.check(value);
      return value;
    } catch (error) {
      this.note(`${node.name} gets ${error instanceof Error ? error.name : error}`);
      const wasDue = isDue();
      if (error instanceof CancelledError) {
        isCut = true;
        node.told = true;
      }
      this.expect(!wasDue || node.told, `the cancel of ${node.name} is what its next wait throws`);
      this.heard(error);
      // Of a circle that it closes: it is not begun, and what else was in it is on its own.
      if (error instanceof BadYieldError) plan.lookPast();
      throw error;
    } finally {
      this.#expectRunning(node);
      this.expect(!node.coroutine.done(), `${node.name} has not ended while it runs`);
      node.plan = undefined;
      for (const leaf of plan.leaves) if (isCut || !leaf.done()) leaf.excuse();
    }
  }

  /** Do what takes no time. */
  #act(node: Node | undefined, step: Step): void {
    switch (step.kind) {
      case "settle": {
        const future = this.futures[step.at] as Future<string>;
        if (future.done()) return;
        this.note(`future ${step.at} is settled`);
        if (step.how === "result") future.setResult("result");
        else if (step.how === "cancel") future.cancel("as the program says");
        else {
          const failure = this.failureOf(future);
          this.#failures.push(failure);
          future.setError(failure);
        }
        return;
      }
      case "watch":
        this.#watch(this.futures[step.at] as Future<string>);
        return;
      case "go":
        this.#go(node, step.body, step.how);
        return;
      case "cancel":
        this.#cancel(this.someone(step.at));
        return;
      case "cancel myself":
        this.#cancel(node);
        return;
      case "defer": {
        const owner = node as Node;
        const at = owner.deferred.push(0) - 1;
        const body = this.bodyOf(owner, step.body, true);
        defer(() => {
          owner.deferred[at] = (owner.deferred[at] as number) + 1;
          return body();
        });
      }
    }
  }

  #go(starter: Node | undefined, body: Body, how: "forget" | "detach" | "watch" | "then"): void {
    const node = this.start(starter, body);
    const { coroutine: work } = node;
    if (how === "detach") {
      node.detached = true;
      detach(work, "the program says so");
    } else if (how === "watch") this.#watch(work);
    else if (how === "then") void work.then(undefined, (error) => this.heard(error));
  }

  #watch(future: Future<unknown>): void {
    const watch = { future, calls: 0 };
    this.#watches.push(watch);
    future.addDoneCallback(() => {
      watch.calls++;
    });
  }

  #cancel(node: Node | undefined): void {
    if (node === undefined) return;
    this.note(`${node.name} is cancelled`);
    const { coroutine: work } = node;
    const isRunning = !work.done();
    const isTaken = work.cancel("as the program says");
    this.expect(isTaken === isRunning, "a cancel is taken by one that has not ended");
    if (isTaken) node.asked = true;
  }

  /** Somebody has received `error`, and what it carries. */
  heard(error: unknown): void {
    this.#checkKind(error);
    for (const failure of failuresIn(error)) {
      if (failure === error) failure.received = true;
      else failure.carried = true;
    }
  }

  #isOfAnother(error: unknown): boolean {
    return error instanceof Failure && error.play !== this;
  }

  /** `error` stands in a report or in the log. */
  #told(error: unknown): void {
    this.#checkKind(error);
    for (const failure of failuresIn(error)) {
      if (failure === error) failure.told++;
      else failure.toldBeside++;
      if (failure === error && failure.received && !failure.retold && !isShared(failure)) {
        this.broken.push(`"${failure.message}" is not reported after it was received`);
      }
    }
  }

  #checkKind(error: unknown): void {
    const kinds = [
      Failure,
      CancelledError,
      TimeoutError,
      OrphanError,
      AllFailedError,
      // Of those that wait for each other in a circle.
      BadYieldError,
      // Of a task that is returned: its callback has not come when the body is over.
      LeakedCallbackError,
    ];
    this.expect(
      kinds.some((kind) => error instanceof kind),
      `what is thrown is what somebody threw: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }

  #expectRunning({ name, coroutine: work }: Node): void {
    this.expect(currentCoroutine() === work, `the running coroutine is ${name}`);
  }

  /** Nothing can happen any more: those that wait do so for good reason, and the loop names them. */
  #checkStuck(stuck: readonly Node[]): void {
    const { timers, callbacks, ready } = this.loop.statistics();
    this.expect(timers + callbacks + ready === 0, "no timer and no callback is left");
    for (const { name, plan, ends, coroutine: work } of stuck) {
      const waitsForOthers =
        ends > 0 &&
        this.nodes.some(({ starter, coroutine: each }) => starter?.coroutine === work && !each.done());
      this.expect(waitsForOthers || (plan?.isStuck() ?? false), `${name} waits with reason`);
    }
    const named = new Set(
      stuck.filter((node) => !topOf(node).detached).map(({ coroutine: work }) => work.id),
    );
    const report = this.#reports.find((each) => each instanceof DeadlockReport);
    this.expect((report?.count ?? 0) === named.size, "the deadlock report counts those that wait for ever");
    if (report === undefined || report.count > 50) return;
    const told = idsOf(report.waiting);
    this.expect(
      told.length === named.size && told.every((id) => named.has(id)),
      "the deadlock report names those that wait for ever, each once",
    );
  }

  /** Whoever was cancelled or late: permits and items are where they belong. */
  #checkSync(): void {
    const { lock, semaphore } = this.#held;
    this.expect(this.#lock.statistics().locked === lock > 0, "the lock is held by one who has it");
    this.expect(this.#semaphore.statistics().free === PERMITS - semaphore, "no permit is lost or doubled");
    const { size, putters, getters, unfinished } = this.#queue.statistics();
    const accepted = this.#puts.filter((put) => put.done() && put.error() === undefined).length;
    this.expect(unfinished === accepted, "what the queue took is what was put");
    this.expect(this.#got.length + size === accepted, "no item is lost or doubled");
    this.expect(new Set(this.#got).size === this.#got.length, "no item is got twice");
    this.expect(getters === 0 || size === 0, "nobody waits for an item that is there");
    this.expect(putters === 0 || size > 0, "nobody waits for a place that is free");
  }

  #checkUnfinished(stuck: readonly Node[], count: number, reports: readonly Report[]): void {
    const told = reports.filter((report) => report instanceof UnfinishedReport);
    const ids = new Set(told.map((report) => report.coroutine.id));
    this.expect(told.length === ids.size, "one that had not ended is reported once");
    for (const [at, { name, coroutine: work }] of this.nodes.entries()) {
      // Clean-ups may start others while the loop is closed.
      if (at >= count) continue;
      const isStuck = stuck.some((each) => each.coroutine === work);
      this.expect(ids.has(work.id) === isStuck, `${name} is reported as unfinished if it had not ended`);
    }
  }

  #checkNodes(): void {
    for (const { name, coroutine: work, ends, deferred, failure } of this.nodes) {
      this.expect(work.done(), `${name} has ended`);
      this.expect(ends === 1, `the body of ${name} ends once, not ${ends} times`);
      for (const times of deferred)
        this.expect(times === 1, `a clean-up of ${name} runs once, not ${times} times`);
      if (failure !== undefined) {
        const ended = work.error();
        this.expect(ended !== undefined, `${name} fails`);
      }
    }
    this.expect(rootsOf(this.loop).length === 0, "nothing is left among the loop's own");
    this.expect(this.loop._roots === undefined || this.#rootsAreEmpty(), "nobody keeps a link to its owner");
  }

  #rootsAreEmpty(): boolean {
    return (this.loop._roots as { _children: unknown })._children === undefined;
  }

  /** Each coroutine is reported at most once for each thing that can be wrong with it. */
  #checkReports(): void {
    const seen = new Set<string>();
    for (const report of this.#reports) {
      let id: number | undefined;
      if (report instanceof OrphanReport) {
        id = report.orphan.id;
        const orphan = this.nodes.find((node) => node.coroutine.id === id);
        this.expect(orphan?.detached === false, "one that was let go on purpose is no orphan");
      } else if (report instanceof LostErrorReport) id = report.coroutine?.id;
      if (id === undefined) continue;
      const key = `${report.kind} ${id}`;
      this.expect(!seen.has(key), `no second report: ${key}`);
      seen.add(key);
    }
  }

  #checkFailures(): void {
    for (const failure of this.#failures) {
      if (isExcused(failure)) continue;
      const { message, received, carried, told, toldBeside, retold } = failure;
      this.expect(received || carried || told + toldBeside > 0, `somebody hears that "${message}"`);
      if (isShared(failure)) continue;
      const times = this.#joined ? told : told + toldBeside;
      this.expect(times <= 1 || retold, `it is told once, not ${times} times, that "${message}"`);
    }
  }
}

/** A shared Future has many waiters; what a clean-up fails with is its owner's too, whoever else waits for it. */
function isShared(failure: Failure): boolean {
  return failure.node === undefined || failure.node.isCleanUp || isExcused(failure);
}

function isExcused({ excused, node }: Failure): boolean {
  if (excused) return true;
  let of = node;
  while (of?.isCleanUp && !of.excused) of = of.starter;
  return of?.excused ?? false;
}

/** A wait for one thing of this program's own, which nobody else knows of. */
function plain(source: Future<unknown>, isStuck: () => boolean): Plan {
  return { what: "its turn", source, isStuck, check: () => {}, leaves: [], lookPast: () => {} };
}

/** Whose tree `node` stands in: owners that have ended own nothing any more. */
function topOf(node: Node): Node {
  let top = node;
  while (!top.detached && top.starter !== undefined && !top.starter.coroutine.done()) top = top.starter;
  return top;
}

function idsOf(nodes: readonly WaitingNode[]): number[] {
  return nodes.flatMap(({ coroutine: work, children }) => [work.id, ...idsOf(children)]);
}

/** The failures that somebody who has `error` knows of. */
function failuresIn(error: unknown): Failure[] {
  const own = error instanceof Failure ? [error] : [];
  const others = error instanceof AllFailedError ? error.errors : [];
  return [...own, ...[...suppressedBy(error), ...others].flatMap(failuresIn)];
}
