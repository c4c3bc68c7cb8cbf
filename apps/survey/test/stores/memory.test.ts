/** What only stores in memory do: take virtual time, and fail on request. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, type Future, IOLoop, sleep, withTimeout } from "gyre";
import { openMemoryStores } from "../../src/stores/index.ts";
import { allOf, failureOf, runSimulated } from "./harness.ts";

describe("openMemoryStores()", () => {
  it("lets operations take their latency on the loop's clock", () => {
    runSimulated(function* () {
      const { keyValue, queue } = openMemoryStores({ latencyMs: 40 });
      yield* keyValue.set("key", "value");
      assert.equal(IOLoop.current().time(), 40);
      yield* allOf([keyValue.get("key"), queue.push("q", "task")] as Future<unknown>[]);
      assert.equal(IOLoop.current().time(), 80);
    });
  });

  it("settles at once without a latency", () => {
    runSimulated(function* () {
      const { keyValue } = openMemoryStores();
      assert.equal(keyValue.set("key", "value").done(), true);
      assert.equal(keyValue.get("key").result(), "value");
      yield* sleep(0);
    });
  });

  it("takes the latency from a function of the operation and its key", () => {
    runSimulated(function* () {
      const asked: string[] = [];
      const { keyValue, objects } = openMemoryStores({
        latencyMs(operation, key) {
          asked.push(`${operation} ${key}`);
          return key === "slow" ? 100 : 1;
        },
      });
      const order: string[] = [];
      const done = ["slow", "quick"].map((key) => {
        const set = keyValue.set(key, "");
        set.addDoneCallback(() => order.push(key));
        return set;
      });
      yield* allOf(done);
      assert.deepEqual(order, ["quick", "slow"]);
      const writer = yield* objects.create("o", { contentType: "text/plain" });
      yield* writer.write(Buffer.from("x"));
      yield* writer.commit();
      assert.deepEqual(asked, [
        "keyValue.set slow",
        "keyValue.set quick",
        "objects.create o",
        "objects.write o",
        "objects.commit o",
      ]);
    });
  });

  it("does an operation at the end of its latency", () => {
    runSimulated(function* () {
      const { keyValue } = openMemoryStores({
        latencyMs: (operation) => (operation === "keyValue.get" ? 5 : 10),
      });
      const set = keyValue.set("key", "value");
      assert.equal(yield* keyValue.get("key"), undefined);
      yield* set;
      assert.equal(yield* keyValue.get("key"), "value");
    });
  });

  it("does an operation also when its caller has gone", () => {
    runSimulated(function* () {
      const { keyValue } = openMemoryStores({ latencyMs: 10 });
      const caller = coroutine(function* () {
        yield* keyValue.set("key", "value");
      })();
      caller.cancel();
      assert.equal((yield* failureOf(caller)).name, "CancelledError");
      const cancelled = keyValue.set("other", "value");
      cancelled.cancel();
      yield* sleep(10);
      assert.equal(yield* keyValue.get("key"), "value");
      assert.equal(yield* keyValue.get("other"), "value");
    });
  });
});

describe("SimulatedIO", () => {
  it("fails the next operation of a name once, and does nothing for it", () => {
    runSimulated(function* () {
      const { keyValue, io } = openMemoryStores({ latencyMs: 10 });
      const fault = new Error("no route to the store");
      io.failNext("keyValue.set", fault);
      assert.equal(yield* failureOf(keyValue.set("key", "1")), fault);
      assert.equal(IOLoop.current().time(), 10);
      assert.equal(yield* keyValue.get("key"), undefined);
      yield* keyValue.set("key", "2");
      assert.equal(yield* keyValue.get("key"), "2");
    });
  });

  it("fails the next operation on a key, whatever comes before", () => {
    runSimulated(function* () {
      const { objects, io } = openMemoryStores();
      const [first, second] = [new Error("first"), new Error("second")];
      io.failNext("objects.rename", first, "b");
      io.failNext("objects.rename", second, "b");
      for (const key of ["a", "b"])
        yield* (yield* objects.create(key, { contentType: "text/plain" })).commit();
      yield* objects.rename("a", "c");
      assert.equal(yield* failureOf(objects.rename("b", "d")), first);
      assert.equal(yield* failureOf(objects.rename("b", "d")), second);
      assert.equal((yield* objects.rename("b", "d")).key, "d");
    });
  });

  it("lets an operation never end", () => {
    runSimulated(function* () {
      const { queue, io } = openMemoryStores({ latencyMs: 1 });
      io.failNext("queue.push", "stall");
      const error = yield* failureOf(withTimeout(60_000, queue.push("q", "task")));
      assert.equal(error.name, "TimeoutError");
      assert.equal(IOLoop.current().time(), 60_000);
      assert.equal(yield* queue.length("q"), 0);
    });
  });

  it("asks for a fault at each operation", () => {
    runSimulated(function* () {
      const { queue } = openMemoryStores({
        fault: (operation, key) =>
          operation === "queue.push" && key === "bad" ? new Error("refused") : undefined,
      });
      yield* queue.push("good", "task");
      assert.match((yield* failureOf(queue.push("bad", "task"))).message, /refused/);
      assert.equal(yield* queue.length("bad"), 0);
    });
  });
});
