/** What every task queue does. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allOf, failureOf, type Harness } from "./harness.ts";

const LEASE = { leaseMs: 1000 };

export function taskQueueContract(harness: Harness): void {
  describe(`TaskQueue ${harness.name}`, () => {
    const test = (claim: string, body: Parameters<Harness["run"]>[0]): void => {
      it(claim, () => harness.run(body));
    };

    test("is empty before anything is pushed", function* ({ stores: { queue } }) {
      assert.equal(yield* queue.length("q"), 0);
      assert.deepEqual(yield* queue.list("q", 10), []);
      assert.equal(yield* queue.reserve("q", LEASE), undefined);
    });

    test("hands tasks out in the order of arrival", function* ({ stores: { queue } }) {
      const tasks = ["first", "", "问卷||😀||x", "line\nbreak\0", "y".repeat(100_000)];
      for (const [at, task] of tasks.entries()) assert.equal(yield* queue.push("q", task), at + 1);
      for (const task of tasks) {
        const reserved = yield* queue.reserve("q", LEASE);
        assert.equal(reserved?.task, task);
        assert.equal(reserved?.attempt, 1);
      }
      assert.equal(yield* queue.reserve("q", LEASE), undefined);
    });

    test("shows the oldest tasks, and which are in work", function* ({ stores: { queue } }) {
      for (const task of ["a", "b", "c"]) yield* queue.push("q", task);
      yield* queue.reserve("q", LEASE);
      assert.deepEqual(yield* queue.list("q", 2), [
        { task: "a", attempts: 1, leased: true },
        { task: "b", attempts: 0, leased: false },
      ]);
      assert.equal(yield* queue.length("q"), 3);
    });

    test("forgets a task once it is acknowledged", function* ({ stores: { queue } }) {
      yield* queue.push("q", "a");
      const reserved = yield* queue.reserve("q", LEASE);
      assert.ok(reserved);
      assert.equal(yield* queue.acknowledge("q", reserved.id), true);
      assert.equal(yield* queue.length("q"), 0);
      assert.deepEqual(yield* queue.list("q", 10), []);
      assert.equal(yield* queue.acknowledge("q", reserved.id), false);
      assert.equal(yield* queue.release("q", reserved.id), false);
    });

    test("hands a task out again, in its old place, when the lease runs out", function* ({
      stores,
      advance,
    }) {
      const { queue } = stores;
      yield* queue.push("q", "a");
      yield* queue.push("q", "b");
      yield* queue.reserve("q", LEASE);
      yield* advance(900);
      assert.equal((yield* queue.reserve("q", LEASE))?.task, "b");
      yield* advance(101);
      const again = yield* queue.reserve("q", LEASE);
      assert.equal(again?.task, "a");
      assert.equal(again?.attempt, 2);
      assert.equal(yield* queue.length("q"), 2);
    });

    test("takes an acknowledgement after the lease as long as nobody else has the task", function* (world) {
      const { queue } = world.stores;
      yield* queue.push("q", "a");
      const late = yield* queue.reserve("q", LEASE);
      assert.ok(late);
      yield* world.advance(1001);
      assert.equal(yield* queue.acknowledge("q", late.id), true);
      assert.equal(yield* queue.length("q"), 0);
    });

    test("refuses an acknowledgement once somebody else has the task", function* ({
      stores: { queue },
      advance,
    }) {
      yield* queue.push("q", "a");
      const lost = yield* queue.reserve("q", LEASE);
      yield* advance(1001);
      const held = yield* queue.reserve("q", LEASE);
      assert.ok(lost && held);
      assert.equal(yield* queue.acknowledge("q", lost.id), false);
      assert.equal(yield* queue.release("q", lost.id), false);
      assert.equal(yield* queue.length("q"), 1);
      assert.equal(yield* queue.acknowledge("q", held.id), true);
    });

    test("hands a released task out at once", function* ({ stores: { queue } }) {
      yield* queue.push("q", "a");
      yield* queue.push("q", "b");
      const first = yield* queue.reserve("q", LEASE);
      assert.ok(first);
      assert.equal(yield* queue.release("q", first.id), true);
      assert.equal(yield* queue.acknowledge("q", first.id), false);
      const again = yield* queue.reserve("q", LEASE);
      assert.deepEqual({ task: again?.task, attempt: again?.attempt }, { task: "a", attempt: 2 });
    });

    test("never uses an id again, also when the queue was empty", function* ({ stores: { queue } }) {
      const ids = new Set<string>();
      for (let at = 0; at < 3; at++) {
        yield* queue.push("q", "same");
        const reserved = yield* queue.reserve("q", LEASE);
        assert.ok(reserved);
        ids.add(reserved.id);
        assert.equal(yield* queue.acknowledge("q", reserved.id), true);
      }
      assert.equal(ids.size, 3);
    });

    test("knows nothing of ids it did not give", function* ({ stores: { queue } }) {
      yield* queue.push("q", "a");
      const reserved = yield* queue.reserve("q", LEASE);
      assert.ok(reserved);
      for (const id of ["", "x", "1", "999-1", `${reserved.id}0`, "-1", "1-", "../1-1"]) {
        assert.equal(yield* queue.acknowledge("q", id), false);
        assert.equal(yield* queue.release("q", id), false);
      }
      assert.equal(yield* queue.acknowledge("other", reserved.id), false);
      assert.equal(yield* queue.length("q"), 1);
    });

    test("keeps queues apart whose names begin alike", function* ({ stores: { queue } }) {
      const names = ["a", "a\u0001", "ab", "A", "a b", "é", "问卷", "a".repeat(255)];
      for (const name of names) yield* queue.push(name, name);
      for (const name of names) {
        assert.equal(yield* queue.length(name), 1);
        assert.deepEqual(yield* queue.list(name, 10), [{ task: name, attempts: 0, leased: false }]);
        assert.equal((yield* queue.reserve(name, LEASE))?.task, name);
        assert.equal(yield* queue.reserve(name, LEASE), undefined);
      }
    });

    test("gives each task to one of those who ask at the same time", function* ({ stores: { queue } }) {
      const tasks = Array.from({ length: 40 }, (_, at) => `task ${at}`);
      const lengths = yield* allOf(tasks.map((task) => queue.push("q", task)));
      assert.equal(new Set(lengths).size, 40);
      const reserved = yield* allOf(Array.from({ length: 50 }, () => queue.reserve("q", LEASE)));
      const got = reserved.filter((each) => each !== undefined);
      assert.deepEqual(got.map(({ task }) => task).sort(), tasks.sort());
      assert.equal(new Set(got.map(({ id }) => id)).size, 40);
      const acknowledged = yield* allOf(got.map(({ id }) => queue.acknowledge("q", id)));
      assert.deepEqual(new Set(acknowledged), new Set([true]));
      assert.equal(yield* queue.length("q"), 0);
    });

    test("removes the oldest task of a text, wherever it stands", function* ({ stores: { queue } }) {
      for (const task of ["a", "b", "c", "b"]) yield* queue.push("q", task);
      assert.equal(yield* queue.has("q", "b"), true);
      assert.equal(yield* queue.remove("q", "b"), true);
      const left = yield* queue.list("q", 10);
      assert.deepEqual(
        left.map(({ task }) => task),
        ["a", "c", "b"],
      );
      assert.equal(yield* queue.length("q"), 3);
      assert.equal(yield* queue.remove("q", "b"), true);
      assert.equal(yield* queue.remove("q", "b"), false);
      assert.equal(yield* queue.has("q", "b"), false);
      assert.equal(yield* queue.push("q", "d"), 3);
    });

    test("removes a task from the hands of who holds it", function* ({ stores: { queue } }) {
      yield* queue.push("q", "a");
      const held = yield* queue.reserve("q", LEASE);
      assert.ok(held);
      assert.equal(yield* queue.has("q", "a"), true);
      assert.equal(yield* queue.remove("q", "a"), true);
      assert.equal(yield* queue.acknowledge("q", held.id), false);
      assert.equal(yield* queue.release("q", held.id), false);
      assert.equal(yield* queue.length("q"), 0);
    });

    test("finds and removes nothing that only looks like a task, or is in another queue", function* ({
      stores: { queue },
    }) {
      yield* queue.push("q", "task");
      yield* queue.push("q2", "other");
      for (const task of ["", "tas", "task ", "other"]) {
        assert.equal(yield* queue.has("q", task), false);
        assert.equal(yield* queue.remove("q", task), false);
      }
      assert.equal(yield* queue.length("q"), 1);
    });

    test("removes one task for each of those who ask at the same time", function* ({ stores: { queue } }) {
      for (let at = 0; at < 3; at++) yield* queue.push("q", "same");
      const removed = yield* allOf(Array.from({ length: 5 }, () => queue.remove("q", "same")));
      assert.deepEqual(removed.filter(Boolean).length, 3);
      assert.equal(yield* queue.length("q"), 0);
    });

    test("refuses wrong arguments through the Future", function* ({ stores: { queue } }) {
      for (const name of ["", "a\0b", "x".repeat(256), "\ud800", 7, undefined] as string[]) {
        const calls = [
          queue.push(name, ""),
          queue.list(name, 1),
          queue.length(name),
          queue.reserve(name, LEASE),
          queue.has(name, ""),
          queue.remove(name, ""),
        ];
        for (const call of [...calls, queue.acknowledge(name, "1-1"), queue.release(name, "1-1")]) {
          const error = yield* failureOf(call);
          assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
          assert.match(error.message, /^Cannot .+: .+ wanted$/s);
        }
      }
      for (const leaseMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.ok((yield* failureOf(queue.reserve("q", { leaseMs }))) instanceof RangeError);
      }
      for (const limit of [0, -1, 1.5, 10_001]) {
        assert.ok((yield* failureOf(queue.list("q", limit))) instanceof RangeError);
      }
      assert.ok((yield* failureOf(queue.push("q", "x".repeat(1024 * 1024 + 1)))) instanceof RangeError);
      assert.ok((yield* failureOf(queue.push("q", 5 as unknown as string))) instanceof TypeError);
      assert.ok((yield* failureOf(queue.remove("q", 5 as unknown as string))) instanceof TypeError);
      assert.equal(yield* queue.length("q"), 0);
    });

    test("refuses everything once it is closed", function* ({ stores: { queue } }) {
      yield* queue.push("q", "a");
      yield* queue.close();
      for (const call of [queue.push("q", "b"), queue.length("q"), queue.reserve("q", LEASE)]) {
        assert.equal((yield* failureOf(call)).code, "STORE_CLOSED");
      }
    });
  });
}
