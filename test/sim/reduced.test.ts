import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type CoroutineGenerator, coroutine } from "../../src/gen/index.ts";
import { explore, type Program, type Sim } from "../../src/sim/index.ts";
import { Event, Lock, Queue } from "../../src/sync/index.ts";

const nothing = (): void => {};

/** What one coroutine does between two waits. */
type Action =
  | { readonly kind: "read" | "write" | "add"; readonly variable: number }
  | { readonly kind: "lock"; readonly lock: number }
  | { readonly kind: "put" | "get" | "set" | "look" };

/** Coroutines that each do some actions, with an operation before each. */
type Story = readonly (readonly Action[])[];

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constantFrom("read", "write", "add"), variable: fc.nat(2) }),
  fc.record({ kind: fc.constant("lock"), lock: fc.nat(1) }),
  fc.record({ kind: fc.constantFrom("put", "get", "set", "look") }),
);
const story = fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 });

/** Everything that a schedule can come to, as texts. */
function outcomes(
  actions: Story,
  reduce: boolean,
): { readonly states: string[]; readonly schedules: number } {
  const states = new Set<string>();
  const program: Program = (sim) => {
    const variables = sim.shared("variables", [0, 0, 0]);
    const locks = [new Lock(), new Lock()];
    const queue = new Queue<number>();
    const event = new Event();
    const seen: number[][] = actions.map(() => []);
    const act = function* (own: number[], at: number, each: Action): CoroutineGenerator<void> {
      switch (each.kind) {
        case "read":
          own.push(variables[each.variable] as number);
          break;
        case "write":
          variables[each.variable] = at + 1;
          break;
        case "add":
          variables[each.variable] = (variables[each.variable] as number) + 1;
          break;
        case "lock": {
          const release = yield* (locks[each.lock] as Lock).acquire();
          const before = variables[0] as number;
          yield* sim.io("in the lock", nothing);
          variables[0] = before + 10;
          release();
          break;
        }
        case "put":
          queue.putNowait(at);
          break;
        case "get":
          own.push(queue.isEmpty() ? -1 : queue.getNowait());
          break;
        case "set":
          event.set();
          break;
        case "look":
          own.push(event.isSet() ? 1 : 0);
      }
    };
    const work = coroutine(function* work(at: number) {
      for (const each of actions[at] as readonly Action[]) {
        yield* sim.io("step", nothing);
        yield* act(seen[at] as number[], at, each);
      }
    });
    return coroutine(function* main() {
      yield actions.map((_, at) => work(at));
      states.add(JSON.stringify([variables, seen, queue.size]));
    })();
  };
  const report = explore(program, { strategy: "exhaustive", reduce, determinism: "never", shrink: false });
  assert.equal(report.failure, undefined, report.text);
  assert.ok(report.exhausted);
  return { states: [...states].sort(), schedules: report.schedules };
}

describe("an exhaustive search that is reduced", () => {
  it("comes to all that the whole one comes to, and to nothing else", () => {
    let whole = 0;
    let reduced = 0;
    fc.assert(
      fc.property(story, (actions) => {
        fc.pre(
          actions.flat().filter(({ kind }) => kind === "lock").length <= 2 && actions.flat().length <= 7,
        );
        const all = outcomes(actions, false);
        const few = outcomes(actions, true);
        whole += all.schedules;
        reduced += few.schedules;
        assert.deepEqual(few.states, all.states);
      }),
      { numRuns: 60, seed: 7 },
    );
    assert.ok(reduced < whole, `${reduced} of ${whole}`);
  });

  it("runs coroutines that share nothing in one order, and tries little besides", () => {
    const program = (sim: Sim): void => {
      const work = coroutine(function* work() {
        for (let at = 0; at < 5; at++) yield* sim.io("step", nothing);
      });
      for (let at = 0; at < 3; at++) work();
    };
    const report = explore(program, { strategy: "exhaustive", reduce: true });
    assert.equal(report.distinct, 1);
    assert.ok(report.exhausted);
    assert.ok(report.schedules < 100, report.text);
  });

  it("leaves nothing out where all write the same", () => {
    const program = (sim: Sim): void => {
      const shared = sim.shared("shared", { value: 0 });
      const work = coroutine(function* work(value: number) {
        for (let at = 0; at < 3; at++) {
          yield* sim.io("step", nothing);
          shared.value = value;
        }
      });
      for (let at = 0; at < 3; at++) work(at);
    };
    assert.equal(explore(program, { strategy: "exhaustive", reduce: true }).distinct, 1680);
  });

  it("leaves nothing out where timers are set, as all share the time", () => {
    const count = (reduce: boolean): number => {
      const program = (sim: Sim): void => {
        const work = coroutine(function* work() {
          yield* sim.io("step", nothing);
          yield* sim.io("step", nothing, { latency: { minMs: 1, maxMs: 5 } });
        });
        work();
        work();
      };
      return explore(program, { strategy: "exhaustive", reduce }).distinct;
    };
    assert.equal(count(true), count(false));
  });

  it("gives a token that replays without it", () => {
    const program = (sim: Sim): (() => void) => {
      const shared = sim.shared("shared", { value: 0 });
      const work = coroutine(function* work(value: number) {
        yield* sim.io("step", nothing);
        shared.value = value;
      });
      work(1);
      work(2);
      return () => assert.equal(shared.value, 2);
    };
    const { failure } = explore(program, { strategy: "exhaustive", reduce: true });
    assert.equal(explore(program, { replay: failure?.token ?? "" }).failure?.kind, "error");
  });
});
