import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../src/future/index.ts";
import { coroutine } from "../../src/gen/index.ts";
import { explore, replay, type Sim } from "../../src/sim/index.ts";

/** Every order in which `names` come to be called, over all schedules. */
function orders(build: (sim: Sim, call: (name: string) => void) => void): string[] {
  const seen = new Set<string>();
  const report = explore(
    (sim) => {
      const calls: string[] = [];
      build(sim, (name) => calls.push(name));
      return () => {
        seen.add(calls.join(" "));
      };
    },
    { strategy: "exhaustive", reorder: "ready" },
  );
  assert.equal(report.failure, undefined, report.text);
  return [...seen].sort();
}

describe('reorder: "ready"', () => {
  it("lets any coroutine that is ready go on first", () => {
    const found = orders((sim, call) => {
      const futures = ["a", "b", "c"].map((name) => {
        const future = new Future<void>();
        coroutine(function* wait() {
          yield* future;
          call(name);
        })();
        return future;
      });
      coroutine(function* settle() {
        yield* sim.io("go", () => {});
        for (const future of futures) future.setResult();
      })();
    });
    assert.deepEqual(found, ["a b c", "a c b", "b a c", "b c a", "c a b", "c b a"]);
  });

  it("keeps the order of those that wait for one Future", () => {
    const found = orders((sim, call) => {
      const future = new Future<void>();
      for (const name of ["a", "b", "c"]) {
        coroutine(function* wait() {
          yield* future;
          call(name);
        })();
      }
      coroutine(function* settle() {
        yield* sim.io("go", () => {});
        future.setResult();
      })();
    });
    assert.deepEqual(found, ["a b c"]);
  });

  it("keeps the order within a coroutine", () => {
    const found = orders((sim, call) => {
      coroutine(function* one() {
        yield* sim.io("step", () => {});
        call("1");
        yield* sim.io("step", () => {});
        call("2");
      })();
      coroutine(function* other() {
        yield* sim.io("step", () => {});
        call("3");
      })();
    });
    assert.deepEqual(found, ["1 2 3", "1 3 2", "3 1 2"]);
  });

  it("lets an operation end before what is ready goes on", () => {
    const found = orders((sim, call) => {
      const future = new Future<void>();
      coroutine(function* wait() {
        yield* future;
        call("ready");
      })();
      coroutine(function* settle() {
        yield* sim.io("go", () => {});
        future.setResult();
      })();
      coroutine(function* other() {
        yield* sim.io("late", () => call("ended"), { latency: { minMs: 1, maxMs: 1 } });
      })();
    });
    assert.deepEqual(found, ["ended ready", "ready ended"]);
  });

  it("says that no real run does it, and replays it by the token alone", () => {
    const program = function order(sim: Sim): () => void {
      const [a, b] = [new Future<void>(), new Future<void>()];
      let last = "";
      for (const [name, future] of [["a", a] as const, ["b", b] as const]) {
        coroutine(function* wait() {
          yield* future;
          last = name;
        })();
      }
      coroutine(function* settle() {
        yield* sim.io("go", () => {});
        a.setResult();
        b.setResult();
      })();
      return () => assert.equal(last, "b");
    };
    assert.equal(explore(program).failure, undefined);
    const { failure } = explore(program, { reorder: "ready" });
    assert.equal(failure?.realizable, false);
    assert.match(failure?.text ?? "", /no real run does this/);
    assert.equal(replay(program, failure?.token ?? "").error?.name, "AssertionError");
  });

  it("prefers a failure that a real run has too", () => {
    const { failure } = explore(
      (sim) => {
        const got: number[] = [];
        for (const number of [1, 2]) {
          coroutine(function* query() {
            yield* sim.io(`query ${number}`, () => {});
            got.push(number);
          })();
        }
        return () => assert.deepEqual(got, [1, 2]);
      },
      { reorder: "ready", strategy: "random" },
    );
    assert.equal(failure?.realizable, true);
  });
});
