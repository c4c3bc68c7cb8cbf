import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, Future, sleep } from "../../../src/index.ts";
import { explore, type Sim, type SimNode } from "../../../src/sim/index.ts";
import { watch } from "../../../src/trace/watchers.ts";

const nothing = (): void => {};

/** What one who watches is told of the coroutines of `main`'s node, in plain order or in every one. */
function toldOf(
  main: (node: SimNode, sim: Sim) => unknown,
  { crashAtMs, strategy = "plain" }: { crashAtMs?: number; strategy?: "plain" | "exhaustive" } = {},
): string[] {
  let told: string[] = [];
  const seen = new Set<string>();
  const unwatch = watch({
    started: ({ name }) => told.push(`start ${name}`),
    suspended: ({ name }) => told.push(`wait ${name}`),
    woken: ({ name }, by) => told.push(`wake ${name}${by === undefined ? "" : ` by ${by.name}`}`),
    ended: ({ name }) => told.push(`end ${name}`),
    noted: (work, text) => told.push(`${text} ${work?.name}`),
    // To be told of every wait.
    resumed: nothing,
  });
  try {
    const report = explore(
      function* world(sim: Sim) {
        told = [];
        const node = sim.node("server", (self) => main(self, sim));
        yield* sleep(crashAtMs ?? 10);
        node.crash();
        yield* sim.io("step", nothing);
        yield* sleep(10);
        seen.add(told.filter((line) => !/^\w+ world\b|^server crashes/.test(line)).join(", "));
      },
      { strategy },
    );
    assert.equal(report.failure, undefined, report.text);
  } finally {
    unwatch();
  }
  return [...seen];
}

/** The coroutine that crashes `node`, and then goes on with `rest`. */
function stopOf(node: SimNode, isLate: boolean, rest: () => unknown) {
  return coroutine(function* stop() {
    if (isLate) yield* sleep(1);
    node.crash();
    yield rest();
  });
}

describe("a crash, for one who watches", () => {
  it("ends those first that others have started, once", () => {
    const part = coroutine(function* part() {
      yield new Future<void>();
    });
    const told = toldOf(
      coroutine(function* main() {
        yield part();
      }),
    );
    assert.deepEqual(told, [
      "start main, start part, wait part, wait main, = crashed part, end part, = crashed main, end main",
    ]);
  });

  it("lets the step that does it end before, and those below it on the stack", () => {
    const told = toldOf((node) =>
      coroutine(function* main() {
        yield* sleep(1);
        yield coroutine(function* stop() {
          node.crash();
        })();
      })(),
    );
    assert.deepEqual(told, ["start main, wait main, wake main, start stop, end stop, end main"]);
  });

  it("ends the one that does it at its next wait, and those that wait for it behind it", () => {
    for (const isLate of [false, true]) {
      const told = toldOf((node) =>
        coroutine(function* main() {
          yield stopOf(node, isLate, () => new Future<void>())();
        })(),
      );
      const before = isLate ? "wait stop, wait main, wake stop, wait stop" : "wait stop, wait main";
      assert.deepEqual(told, [
        `start main, start stop, ${before}, = crashed stop, end stop, = crashed main, end main`,
      ]);
    }
  });

  it("ends what that step has started behind it, too", () => {
    const late = coroutine(function* late() {
      yield new Future<void>();
    });
    const told = toldOf((node) => stopOf(node, true, late)());
    assert.deepEqual(told, [
      "start stop, wait stop, wake stop, start late, wait late, wait stop, = crashed late, end late, = crashed stop, end stop",
    ]);
  });

  it("comes behind whom that step has woken", () => {
    const told = toldOf((node) =>
      coroutine(function* main() {
        yield coroutine(function* stop() {
          yield* sleep(1);
          node.crash();
        })();
      })(),
    );
    assert.deepEqual(told, [
      "start main, start stop, wait stop, wait main, wake stop, end stop, wake main by stop, = crashed main, end main",
    ]);
  });

  it("wakes nobody by what happens later, in any order", () => {
    const told = toldOf(
      (_node, sim) =>
        coroutine(function* main() {
          yield sim.io("write", nothing);
        })(),
      { crashAtMs: 0, strategy: "exhaustive" },
    );
    assert.ok(told.includes("start main, wait main, = crashed main, end main"), told.join("\n"));
    for (const line of told) assert.equal(line.indexOf("end main"), line.length - "end main".length);
  });
});
