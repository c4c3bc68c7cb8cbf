/** What one who watches is told of coroutines, and in which order. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { coroutine, Future, IOLoop, sleep } from "../../src/index.ts";
import { type Hooks, setHooks } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";

/** A watcher that writes down what it is told, by names. */
function notebook(): { readonly lines: string[]; readonly hooks: Hooks } {
  const lines: string[] = [];
  const hooks: Hooks = {
    started: (work, owner) => lines.push(`${work.name} started by ${owner?.name ?? "nobody"}`),
    suspended: (work, source) =>
      lines.push(`${work.name} waits for ${source._describe().replace(/ (#|\d).*/, "")}`),
    woken: (work, by) => lines.push(`${work.name} woken by ${by?.name ?? "the world"}`),
    resumed: (work) => lines.push(`${work.name} goes on`),
    ended: (work, state) => lines.push(`${work.name} ended: ${["", "result", "error", "cancel"][state]}`),
  };
  return { lines, hooks };
}

/** What is told while `main` runs on virtual time. */
function watch(main: () => Generator<unknown, unknown, never>): string[] {
  const { lines, hooks } = notebook();
  setHooks(hooks);
  const loop = new IOLoop({ poller: new SimPoller() });
  loop.runSync(main);
  return lines;
}

afterEach(() => setHooks(undefined));

describe("hooks", () => {
  it("are told of an end that comes at once when it is over, so that they may listen to it", () => {
    const told: string[] = [];
    const { hooks } = notebook();
    setHooks({
      ...hooks,
      ended: (work) => {
        (work as unknown as Future<number>).addDoneCallback((future) =>
          told.push(`done: ${future.result()}`),
        );
      },
    });
    const loop = new IOLoop({ poller: new SimPoller() });
    loop.runSync(function* main() {
      const atOnce = coroutine(function* atOnce() {
        return 7;
      });
      atOnce();
      yield* sleep(1);
      assert.deepEqual(told, ["done: 7"]);
      return 8;
    });
  });

  it("tell of a start, each wait, who woke it, each further step and the end", () => {
    const child = coroutine(function* child() {
      yield* sleep(5);
      return 7;
    });
    const lines = watch(function* main() {
      yield* child();
    });
    assert.deepEqual(lines, [
      "main started by nobody",
      "child started by main",
      "child waits for sleep",
      "main waits for child",
      "child woken by the world",
      "child goes on",
      "child ended: result",
      "main woken by child",
      "main goes on",
      "main ended: result",
    ]);
  });

  it("tell of one that ends at once, and of one that fails at once", () => {
    const quick = coroutine(function* quick() {
      return 1;
    });
    const bad = coroutine(function* bad() {
      throw new Error("no");
    });
    const lines = watch(function* main() {
      yield* quick();
      try {
        yield* bad();
      } catch {}
    });
    assert.deepEqual(lines, [
      "main started by nobody",
      "quick started by main",
      "quick ended: result",
      "bad started by main",
      "bad ended: error",
      "main ended: result",
    ]);
  });

  it("tell that a cancel wakes who waits, and who cancelled", () => {
    const stuck = coroutine(function* stuck() {
      yield* new Future<void>();
    });
    const lines = watch(function* main() {
      const work = stuck();
      work.cancel();
      try {
        yield* work;
      } catch {}
    });
    assert.deepEqual(lines, [
      "main started by nobody",
      "stuck started by main",
      "stuck waits for a Future",
      "stuck woken by main",
      "main waits for stuck",
      "stuck goes on",
      "stuck ended: cancel",
      "main woken by stuck",
      "main goes on",
      "main ended: result",
    ]);
  });

  it("tell of promises as of the world", async () => {
    const { lines, hooks } = notebook();
    setHooks(hooks);
    await coroutine(function* main() {
      yield Promise.resolve();
    })();
    assert.deepEqual(lines, [
      "main started by nobody",
      "main waits for a promise",
      "main woken by the world",
      "main goes on",
      "main ended: result",
    ]);
  });
});
