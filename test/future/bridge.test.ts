import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future, fromThenable, isThenable } from "../../src/future/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";

describe("isThenable()", () => {
  it("is true for whatever has a `then` method", () => {
    assert.equal(isThenable(Promise.resolve()), true);
    assert.equal(isThenable(new Future()), true);
    assert.equal(isThenable({ then: () => {} }), true);
    assert.equal(isThenable(Object.assign(() => {}, { then: () => {} })), true);
  });

  it("is false for everything else", () => {
    for (const value of [undefined, null, 5, "then", {}, { then: 5 }, () => {}]) {
      assert.equal(isThenable(value), false);
    }
  });
});

describe("fromThenable()", () => {
  it("has the outcome of a promise", async () => {
    assert.equal(await fromThenable(Promise.resolve(7)), 7);
    const failure = new Error("rejected");
    await assert.rejects(
      async () => await fromThenable(Promise.reject(failure)),
      (error) => error === failure,
    );
  });

  it("has the outcome of any thenable", () => {
    const resolved = fromThenable({ then: (resolve: (value: number) => void) => resolve(7) } as never);
    assert.equal(resolved.result(), 7);
    const rejected = fromThenable({
      then: (_resolve: unknown, reject: (error: unknown) => void) => reject("no"),
    } as never);
    assert.equal(rejected.error(), "no");
  });

  it("fails with what `then` throws", () => {
    const failure = new Error("no then");
    const future = fromThenable({
      then: () => {
        throw failure;
      },
    } as never);
    assert.equal(future.error(), failure);
  });

  it("hears a thenable once that calls back twice, or throws afterwards", () => {
    const future = fromThenable({
      then: (resolve: (value: number) => void, reject: (error: unknown) => void) => {
        resolve(7);
        resolve(8);
        reject("no");
        throw new Error("afterwards");
      },
    } as never);
    assert.equal(future.result(), 7);
  });

  it("does not mind a promise that is settled after the Future was cancelled", async () => {
    let resolve: (value: number) => void = () => {};
    const future = fromThenable(
      new Promise<number>((settle) => {
        resolve = settle;
      }),
    );
    future.cancel();
    resolve(7);
    await null;
    assert.equal(future.cancelled(), true);
  });

  it("settles on behalf of the loop on which it was made", async () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const seen: IOLoop[] = [];
    loop.addCallback(() => {
      const future = fromThenable(Promise.resolve(7));
      future._listen({ settled: () => seen.push(IOLoop.current()) });
      loop.stop();
    });
    loop.start();
    await null;
    assert.deepEqual(seen, [loop]);
  });
});
