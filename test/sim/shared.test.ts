import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine } from "../../src/gen/index.ts";
import { explore, type Sim } from "../../src/sim/index.ts";
import { watchedObject } from "../../src/sim/shared.ts";

/** The accesses that `use` makes of what it is given. */
function accesses<T extends object>(target: T, use: (watched: T) => void): string[] {
  const log: string[] = [];
  const listener = {
    read: (key: string) => log.push(`r ${key}`),
    write: (key: string) => log.push(`w ${key}`),
  };
  use(watchedObject("it", target, listener));
  return log;
}

describe("a shared object", () => {
  it("tells reads and writes of its properties, and which are new", () => {
    const log = accesses<{ a?: number; b?: number }>({ a: 1 }, (it) => {
      it.a = (it.a ?? 0) + 1;
      it.b = 1;
      delete it.a;
    });
    assert.deepEqual(
      log.filter((each) => !each.includes("*")),
      ["r it.a", "w it.a", "w it.b", "w it.a"],
    );
    assert.ok(log.includes("w it.*"));
  });

  it("reads all when its keys are listed", () => {
    assert.deepEqual(
      accesses({ a: 1, b: 2 }, (it) => Object.keys(it)),
      ["r it.a", "r it.b", "r it.*"],
    );
  });

  it("works as an array", () => {
    const target = [1, 2];
    accesses(target, (it) => it.push(3));
    assert.deepEqual(target, [1, 2, 3]);
  });

  it("tells the entries of a Map, and what touches all of them", () => {
    const map = new Map([["k", 1]]);
    assert.deepEqual(
      accesses(map, (it) => it.get("k")),
      ["r it.k"],
    );
    assert.deepEqual(
      accesses(map, (it) => it.set("l", 2)),
      ["w it.l", "w it.*"],
    );
    assert.deepEqual(
      accesses(map, (it) => [...it]),
      ["r it.*"],
    );
    assert.deepEqual(
      accesses(map, (it) => it.size),
      ["r it.*"],
    );
    assert.deepEqual(
      accesses(map, (it) => it.clear()),
      ["w it.k", "w it.l", "w it.*"],
    );
    assert.equal(map.size, 0);
  });

  it("tells the entries of a Set", () => {
    assert.deepEqual(
      accesses(new Set<string>(), (it) => it.has("k")),
      ["r it.k"],
    );
    assert.deepEqual(
      accesses(new Set<string>(), (it) => it.add("k")),
      ["w it.k", "w it.*"],
    );
  });

  it("is the object itself where nobody asks, so that it costs nothing", () => {
    const target = {};
    let isSame = false;
    explore(
      (sim) => {
        isSame = sim.shared("it", target) === target;
      },
      { strategy: "plain", schedules: 1, determinism: "never" },
    );
    assert.ok(isSame);
  });

  it("refuses what is no object", () => {
    const { failure } = explore((sim) => {
      sim.shared("it", 1 as unknown as object);
    });
    assert.match(failure?.error.message ?? "", /Cannot share "it": came 1, an object is wanted/);
  });
});

describe("the report of a failure", () => {
  const program = (isMended: boolean) =>
    function counter(sim: Sim): () => void {
      const user = sim.shared("user", { visits: 0 });
      const visit = coroutine(function* visit() {
        let seen = user.visits;
        yield* sim.io("write", () => {});
        if (isMended) seen = user.visits;
        user.visits = seen + 1;
      });
      visit();
      visit();
      return () => assert.equal(user.visits, 2);
    };

  it("says what was read before another one changed it", () => {
    const { failure } = explore(program(false));
    const [hint = ""] = failure?.hints ?? [];
    assert.match(
      hint,
      /^user\.visits: read by visit #2 at .*shared\.test\.ts:\d+:\d+, written by visit #1 at /,
    );
    assert.ok(failure?.text.includes(hint.slice(0, 100)));
  });

  it("passes where it is read anew", () => {
    assert.equal(explore(program(true)).failure, undefined);
  });
});
