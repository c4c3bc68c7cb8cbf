import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ContextVar, coroutine, IOLoop, sleep } from "../../src/index.ts";
import { simulated } from "../../src/testing/index.ts";

const user = new ContextVar("user", "nobody");

const look = coroutine(function* look(ms: number) {
  yield* sleep(ms);
  return user.get();
});

describe("ContextVar", () => {
  it("has its initial value where none was set", () => {
    assert.equal(user.get(), "nobody");
  });

  // CTX-015
  it(
    "keeps what a coroutine set before its first yield, and shows it to nobody else",
    simulated(function* () {
      const ada = coroutine(function* () {
        user.set("ada");
        yield* sleep(5);
        return user.get();
      })();
      assert.equal(user.get(), "nobody");
      assert.equal(yield* ada, "ada");
      assert.equal(user.get(), "nobody");
    }),
  );

  it(
    "gives children a copy",
    simulated(function* () {
      user.set("ada");
      const child = coroutine(function* () {
        const before = user.get();
        user.set("bob");
        yield* sleep(1);
        return [before, user.get()];
      });
      assert.deepEqual(yield* child(), ["ada", "bob"]);
      assert.equal(user.get(), "ada");
    }),
  );

  it(
    "keeps apart coroutines that run at the same time",
    simulated(function* () {
      const as = (name: string) => user.run(name, () => look(5));
      const [ada, bob] = [as("ada"), as("bob")];
      assert.deepEqual([yield* ada, yield* bob, user.get()], ["ada", "bob", "nobody"]);
    }),
  );

  it(
    "is seen by callbacks as it was where they were registered",
    simulated(function* (loop) {
      const seen: string[] = [];
      user.run("ada", () => IOLoop.current().addCallback(() => seen.push(user.get())));
      loop.callLater(1, () => user.set("bob"));
      loop.callLater(2, () => seen.push(user.get()));
      yield* sleep(5);
      assert.deepEqual(seen, ["ada", "nobody"]);
    }),
  );

  it("is set back when run() throws", () => {
    assert.throws(() =>
      user.run("ada", () => {
        throw new Error("no");
      }),
    );
    assert.equal(user.get(), "nobody");
  });
});
