import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, IOLoop, type Report, sleep } from "../../src/index.ts";
import { SimPoller } from "../../src/sim/index.ts";

/** Values that may be thrown, and that throw themselves when they are looked at. */
const values: Record<string, () => unknown> = {
  "an object without a prototype": () => Object.create(null),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "an Error whose stack is a getter that throws": () =>
    Object.defineProperty(new Error("odd"), "stack", {
      get: () => {
        throw new Error("no stack");
      },
    }),
  "a symbol": () => Symbol("odd"),
};

for (const [name, make] of Object.entries(values)) {
  describe(`${name} that is thrown`, () => {
    const fails = coroutine(function* fails(value: unknown) {
      yield* sleep(1);
      throw value;
    });

    it("arrives at who waits, and others go on", () => {
      const value = make();
      const loop = new IOLoop({ poller: new SimPoller() });
      const caught = loop.runSync(function* () {
        let seen: unknown;
        try {
          yield fails(value);
        } catch (error) {
          seen = error;
        }
        yield* sleep(1);
        return [seen];
      });
      assert.equal(Object.is(caught[0], value), true);
    });

    it("is reported as a lost error when nobody waits, and its owner keeps its result", () => {
      const loop = new IOLoop({ poller: new SimPoller() });
      const reports: Report[] = [];
      loop.onReport((report) => reports.push(report));
      const result = loop.runSync(function* () {
        fails(make());
        yield* sleep(5);
        return 1;
      });
      assert.equal(result, 1);
      assert.deepEqual(
        reports.map(({ kind }) => kind),
        ["lost-error"],
      );
    });
  });
}
