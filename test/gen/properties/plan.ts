/** What a coroutine of a random program yields, and what the program knows of it. */
import type { Future } from "../../../src/future/index.ts";
import {
  all,
  allSettled,
  any,
  moment,
  race,
  shield,
  sleep,
  Task,
  WaitIterator,
  withTimeout,
} from "../../../src/gen/index.ts";
import type { Node, Play } from "./play.ts";
import type { Several, Wait } from "./program.ts";

/** A shared Future or a promise: a wait that is over may miss its failure. */
interface Leaf {
  done(): boolean;
  excuse(): void;
}

export interface Plan {
  readonly what: string;
  /** What is yielded. */
  readonly source: unknown;
  /** May it be waited for for ever? Asked when nothing can happen any more. */
  isStuck(): boolean;
  /** Look at what it came to. */
  check(value: unknown): void;
  /** What may fail when nobody waits for it any more. */
  readonly leaves: readonly Leaf[];
  /** Nobody need hear of a failure, or several may. */
  lookPast(): void;
}

const never = (): boolean => false;
const nothing = (): void => {};

export class Planner {
  readonly #play: Play;

  constructor(play: Play) {
    this.#play = play;
  }

  /** Begin what `node` is to wait for. */
  plan(node: Node, wait: Wait): Plan {
    const play = this.#play;
    const { loop } = play;
    const what = wait.kind;
    switch (wait.kind) {
      case "sleep":
      case "task": {
        const atMs = loop.time() + wait.ms;
        const source =
          wait.kind === "sleep"
            ? sleep(wait.ms)
            : new Task((callback: () => void) => void loop.callLater(wait.ms, callback));
        const check = (): void => play.expect(loop.time() === atMs, `a ${what} is over in time`);
        return { what, source, isStuck: never, check, leaves: [], lookPast: nothing };
      }
      case "moment":
        return { what, source: moment, isStuck: never, check: nothing, leaves: [], lookPast: nothing };
      case "future": {
        const source = play.futures[wait.at] as Future<string>;
        const check = (value: unknown): void =>
          play.expect(value === "result" && source.done(), "a result is what was set");
        const excuse = (): void => {
          play.failureOf(source).excused = true;
        };
        const leaves = [{ done: () => source.done(), excuse }];
        return { what, source, isStuck: () => !source.done(), check, leaves, lookPast: excuse };
      }
      case "promise":
        return this.#promise(wait.ms, wait.fails);
      case "start":
        return this.#outcome("a child", play.start(node, wait.body));
      case "join": {
        const other = play.someone(wait.at) as Node;
        play.joins(other.coroutine);
        return this.#outcome(other.name, other);
      }
      case "limit": {
        const inner = this.plan(node, wait.of);
        return { ...inner, what, source: withTimeout(wait.ms, inner.source), check: nothing };
      }
      case "shield": {
        const inner = this.plan(node, wait.of);
        return { ...inner, what, source: shield(inner.source), check: nothing };
      }
      case "shield block": {
        const at = play.nodes.length;
        const source = shield(play.bodyOf(node, wait.body));
        return { ...this.#outcome(what, play.nodes[at] as Node), source };
      }
      default: {
        const before = play.nodes.length;
        const plans = wait.of.map((each) => this.plan(node, each));
        const children = play.nodes.slice(before).filter(({ starter }) => starter === node);
        return this.#several(wait.kind, plans, children);
      }
    }
  }

  #promise(ms: number, fails: boolean): Plan {
    const play = this.#play;
    const failure = play.failure("a promise");
    if (!fails) failure.excused = true;
    const source = new Promise<string>((resolve, reject) => {
      const settle = (): void => (fails ? reject(failure) : resolve("result"));
      if (ms === 0) settle();
      else play.loop.callLater(ms, settle);
    });
    const excuse = (): void => {
      failure.excused = true;
    };
    const check = (value: unknown): void => play.expect(value === "result", "a promise resolves");
    // Whether it has settled is known to its waiter only.
    const leaves = [{ done: () => failure.received, excuse }];
    return { what: "a promise", source, isStuck: never, check, leaves, lookPast: excuse };
  }

  #outcome(what: string, node: Node): Plan {
    const play = this.#play;
    const { coroutine: work, name } = node;
    const check = (): void => play.expect(work.done(), `${name} has ended when its waiter goes on`);
    const lookPast = (): void => {
      node.excused = true;
    };
    // Whoever does not wait for a coroutine any more: it has an owner, who is told.
    return { what, source: work, isStuck: () => !work.done(), check, leaves: [], lookPast };
  }

  #hearAll(outcomes: readonly PromiseSettledResult<unknown>[]): void {
    for (const outcome of outcomes) if (outcome.status === "rejected") this.#play.heard(outcome.reason);
  }

  #several(what: Several, plans: readonly Plan[], children: readonly Node[]): Plan {
    const sources = plans.map(({ source }) => source);
    // These are made to look past failures.
    if (what === "any" || what === "settled" || what === "first of an iterator") {
      for (const each of plans) each.lookPast();
    }
    const leaves = plans.flatMap((each) => each.leaves);
    // These let go of what is not first, before their own wait is over.
    if (what === "race" || what === "all or nothing") for (const leaf of leaves) leaf.excuse();
    const isOne = what === "race" || what === "first of an iterator";
    const isStuck = (): boolean =>
      // One that is decided waits for the clean-up of those that lost.
      children.some((child) => !child.coroutine.done()) ||
      (isOne ? plans.every((each) => each.isStuck()) : plans.some((each) => each.isStuck()));
    return {
      what,
      source: combine(what, sources),
      isStuck,
      check:
        what === "settled" ? (value) => this.#hearAll(value as PromiseSettledResult<unknown>[]) : nothing,
      leaves,
      lookPast: () => {
        for (const each of plans) each.lookPast();
      },
    };
  }
}

function combine(what: Several, sources: readonly unknown[]): unknown {
  switch (what) {
    case "all":
      return all(sources);
    case "all or nothing":
      return all(sources, { failFast: true });
    case "race":
      return race(sources);
    case "any":
      return any(sources);
    case "settled":
      return allSettled(sources);
    case "first of an iterator":
      return new WaitIterator<unknown>(...sources.map((each) => all([each]))).next();
  }
}
