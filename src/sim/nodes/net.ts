/**
 * The simulated network: packets without connections, and calls that are a request
 * and its answer.
 *
 * A packet is copied when it is sent, takes any time from then on, overtakes others,
 * and is lost when it finds nobody. What else befalls it is said by rules, by
 * partitions, and by the search where loss and duplicates are asked for. One to a
 * name that nobody has is a mistake, and ends the run: it would never come.
 */
import { checkDurationMs, checkFunction, describe } from "../../base/index.ts";
import type { Future } from "../../future/index.ts";
import { note } from "../../trace/index.ts";
import { decideFault } from "../fault-decision.ts";
import type { Latency } from "../latency.ts";
import { checkProbability } from "../option-guards.ts";
import type { SimHost } from "../sim-host.ts";
import { NetCall } from "./net-call.ts";
import type { Answer, Packet } from "./packet.ts";

/** Whoever sends and gets packets: a node, or the main program under a name of its own. */
export type Endpoint = { readonly name: string } | string;

/** What becomes of a packet when it is sent. */
export type Fate =
  | "pass"
  | "drop"
  | "hold"
  | {
      /** So much later. Default: as of the others. */
      readonly deliverAfterMs?: number;
      /** Does it come twice? Default false. */
      readonly duplicate?: boolean;
    };

export type NetRule = (packet: Packet) => Fate;

export interface CallOptions {
  /** By the caller's clock. Default: it waits for ever. */
  readonly timeoutMs?: number;
}

/** Where packets are delivered. */
interface Receiver {
  readonly state: string;
  /** A packet is there. @returns false when nobody is, or it crashes at this very moment */
  _isThere(packet: Packet): boolean;
  _deliver(packet: Packet): void;
}

interface Rule {
  readonly decide: NetRule;
  readonly held: Packet[];
}

interface Partition {
  readonly one: ReadonlySet<string>;
  /** `undefined`: all others. */
  readonly other: ReadonlySet<string> | undefined;
}

export class Net {
  /** How long a packet takes; `undefined` for any time. */
  latency: Latency | undefined = undefined;
  readonly #sim: SimHost;
  readonly #receiverOf: (name: string) => Receiver | undefined;
  readonly #rules = new Set<Rule>();
  readonly #partitions = new Set<Partition>();
  /** How probable it is that a packet is lost, and that it comes twice. */
  readonly #losses = new Set<{ readonly probability: number }>();
  readonly #duplicates = new Set<{ readonly probability: number }>();
  readonly #calls = new Map<number, NetCall>();
  /** Who has sent anything: the main program has these names, too. */
  readonly #senders = new Set<string>();
  #lastId = 0;

  /** @internal @param receiverOf - the node with a name, if there is one */
  constructor(sim: SimHost, receiverOf: (name: string) => Receiver | undefined) {
    this.#sim = sim;
    this.#receiverOf = receiverOf;
  }

  /**
   * Send a copy of `payload`.
   *
   * @param from - a node, or any other name, which is the main program's from then on: what is sent to it is lost
   * @param to - where nobody is called so, and no rule takes it, the run ends with a RangeError
   * @throws {TypeError} when it cannot be copied, as a function
   */
  send(from: Endpoint, to: Endpoint, payload: unknown): void {
    this.#send({ id: ++this.#lastId, from: nameOf(from), to: nameOf(to), kind: "packet", payload });
  }

  /**
   * Send a request, and wait for its answer, which is what the function gave back that serves there.
   *
   * Suspends who yields it: always.
   *
   * @throws {TypeError} when `payload` cannot be copied
   * @throws {TimeoutError} at the yield, when there is no answer in time
   * @throws {CallFailedError} at the yield, when the function that serves failed
   */
  call<T = unknown>(from: Endpoint, to: Endpoint, payload: unknown, options: CallOptions = {}): Future<T> {
    if (options.timeoutMs !== undefined) checkDurationMs(options.timeoutMs, "call a node");
    const [caller, called] = [nameOf(from), nameOf(to)];
    const id = ++this.#lastId;
    this.#send({ id, from: caller, to: called, kind: "request", payload });
    const call = new NetCall(caller, called, options.timeoutMs, () => this.#calls.delete(id));
    this.#calls.set(id, call);
    return call as Future<unknown> as Future<T>;
  }

  /** Have `rule` say what becomes of each packet; the first that does not say "pass" is the one. @returns ends it, and sends what it holds */
  rule(rule: NetRule): Disposable {
    checkFunction(rule, "add a rule of the network");
    const added: Rule = { decide: rule, held: [] };
    this.#rules.add(added);
    return disposable(() => {
      this.#rules.delete(added);
      for (const packet of added.held.splice(0)) this.#deliver(packet, this.latency);
    });
  }

  /** Hold the packets that `fits` says, or all. @returns lets them go */
  hold(fits: (packet: Packet) => boolean = () => true): Disposable {
    checkFunction(fits, "hold packets");
    return this.rule((packet) => (fits(packet) ? "hold" : "pass"));
  }

  /**
   * No packet comes from one group to the other, in either direction, also none that is on its way.
   *
   * @param other - default: all that are not in `one`
   * @returns heals it
   */
  partition(one: readonly Endpoint[], other?: readonly Endpoint[]): Disposable {
    const partition: Partition = {
      one: new Set(one.map(nameOf)),
      other: other === undefined ? undefined : new Set(other.map(nameOf)),
    };
    this.#partitions.add(partition);
    return disposable(() => this.#partitions.delete(partition));
  }

  /**
   * Each packet may be lost: a decision of the search, "no" if nothing is decided.
   *
   * @param probability - where it is drawn at random; 0 to 1
   * @returns ends it
   */
  loss(probability: number): Disposable {
    return addTo(this.#losses, { probability: checkProbability(probability, "lose packets") });
  }

  /** Each packet may come twice: as `loss`. */
  duplicates(probability: number): Disposable {
    return addTo(this.#duplicates, { probability: checkProbability(probability, "deliver packets twice") });
  }

  /** @internal */
  _answer(request: Packet, answer: Answer): void {
    this.#send({ id: request.id, from: request.to, to: request.from, kind: "answer", payload: answer });
  }

  #send(original: Packet): void {
    const packet = { ...original, payload: copyOf(original) };
    const { from, to } = packet;
    // What a crashed node's last step still sends does not leave it.
    if (this.#receiverOf(from)?.state === "crashed") return;
    this.#senders.add(from);
    note(`> ${inWords(packet)}`);
    if (this.#isCut(from, to)) {
      lose(packet);
      return;
    }
    let latency = this.latency;
    let isTwice = false;
    for (const { decide, held } of this.#rules) {
      const fate = decide(packet);
      if (fate === "pass") continue;
      if (fate === "drop") {
        lose(packet);
        return;
      }
      if (fate === "hold") {
        held.push(packet);
        return;
      }
      if (typeof fate !== "object" || fate === null) {
        throw new TypeError(
          `Cannot send ${inWords(packet)}: a rule says ${describe(fate)}, "pass", "drop", "hold" or an object is wanted`,
        );
      }
      if (fate.deliverAfterMs !== undefined) latency = checkDurationMs(fate.deliverAfterMs, "delay a packet");
      isTwice = fate.duplicate === true;
      break;
    }
    if (this.#happens(this.#losses, packet, "is lost")) {
      lose(packet);
      return;
    }
    isTwice = this.#happens(this.#duplicates, packet, "comes twice") || isTwice;
    this.#deliver(packet, latency);
    if (isTwice) this.#deliver({ ...packet, payload: copyOf(packet) }, latency);
  }

  #deliver(packet: Packet, latency: Latency | undefined): void {
    const { from, to, kind } = packet;
    if (this.#receiverOf(to) === undefined && !this.#senders.has(to)) this.#refuse(packet);
    this.#sim._begin(
      inWords(packet),
      () => {
        const receiver = this.#receiverOf(to);
        if (this.#isCut(from, to) || (receiver !== undefined && !receiver._isThere(packet))) {
          lose(packet);
          return;
        }
        note(`arrives: ${inWords(packet)}`);
        if (kind !== "answer") receiver?._deliver(packet);
        else this.#calls.get(packet.id)?.answered(packet.payload as Answer);
      },
      latency,
    );
  }

  /** Nobody has the name that `packet` is sent to: the run fails. Not thrown, as who tries again and again would catch it. */
  #refuse(packet: Packet): void {
    const { to } = packet;
    const names = this.#sim.nodes.map(({ name }) => JSON.stringify(name));
    const wanted =
      names.length === 0
        ? `a node is wanted (sim.node(${JSON.stringify(to)}, ...) makes one)`
        : `${names.length === 1 ? names[0] : `one of ${listed(names)}`} is wanted (make a node before others send to it)`;
    this.#sim._world.failWith(
      new RangeError(`Cannot send ${inWords(packet)}: nobody is called ${JSON.stringify(to)}, ${wanted}`),
    );
  }

  #isCut(from: string, to: string): boolean {
    for (const { one, other } of this.#partitions) {
      const isOther = (name: string): boolean => (other === undefined ? !one.has(name) : other.has(name));
      if ((one.has(from) && isOther(to)) || (one.has(to) && isOther(from))) return true;
    }
    return false;
  }

  #happens(chances: Iterable<{ readonly probability: number }>, packet: Packet, what: string): boolean {
    for (const { probability } of chances) {
      const outcomes = [`${inWords(packet)}: as usual`, `${inWords(packet)} ${what}`];
      if (decideFault(this.#sim._world, probability, outcomes) === 1) return true;
    }
    return false;
  }
}

/** Whoever reads what happened is told. */
function lose(packet: Packet): void {
  note(`lost: ${inWords(packet)}`);
}

function inWords({ kind, from, to }: Packet): string {
  return `${kind} from ${from} to ${to}`;
}

/** As many as a message has room for. */
const MOST_LISTED = 8;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return `${names.slice(0, MOST_LISTED).join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

function nameOf(endpoint: Endpoint): string {
  const name = typeof endpoint === "string" ? endpoint : endpoint?.name;
  if (typeof name === "string" && name !== "") return name;
  throw new TypeError(`Cannot use the network: came ${describe(endpoint)}, a node or its name is wanted`);
}

function copyOf(packet: Packet): unknown {
  try {
    return structuredClone(packet.payload);
  } catch (cause) {
    throw new TypeError(
      `Cannot send ${inWords(packet)}: it holds ${describe(packet.payload)}, data that can be copied is wanted`,
      { cause },
    );
  }
}

function addTo<T>(set: Set<T>, item: T): Disposable {
  set.add(item);
  return disposable(() => set.delete(item));
}

function disposable(end: () => void): Disposable {
  return { [Symbol.dispose]: end };
}
