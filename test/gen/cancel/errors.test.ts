/** What a clean-up throws is added to the cancel: it takes the place of nothing, and is not lost. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../../src/future/index.ts";
import { call, coroutine, sleep } from "../../../src/gen/index.ts";
import { expectLog, simulated } from "../../../src/testing/index.ts";
import { cancelOf, messagesBeside } from "./support.ts";

/** Its clean-up takes a millisecond and throws. */
const failing = coroutine(function* failing(message: string) {
  try {
    yield* sleep(1000);
  } finally {
    yield* sleep(1);
    // biome-ignore lint/correctness/noUnsafeFinally: that is the case
    throw new Error(message);
  }
});

describe("an error of a clean-up", () => {
  it(
    "is kept on the cancel, which stays what happened",
    simulated(function* () {
      const work = failing("clean-up");
      work.cancel("not needed");
      const cancel = yield* cancelOf(work);
      assert.equal(cancel.reason, "not needed");
      assert.deepEqual(messagesBeside(cancel), ["clean-up"]);
    }),
  );

  it(
    "is kept from each of three levels, the innermost first",
    simulated(function* () {
      const nest = coroutine(function* (depth: number): Generator<unknown, void, unknown> {
        try {
          yield depth === 3 ? sleep(1000) : nest(depth + 1);
        } finally {
          yield* sleep(1);
          // biome-ignore lint/correctness/noUnsafeFinally: that is the case
          throw new Error(`of ${depth}`);
        }
      });
      const work = nest(1);
      work.cancel();
      assert.deepEqual(messagesBeside(yield* cancelOf(work)), ["of 3", "of 2", "of 1"]);
    }),
  );

  it(
    "is kept from each member of a list",
    simulated(function* () {
      const work = call(function* () {
        yield [failing("a"), failing("b")];
      });
      work.cancel();
      assert.deepEqual(messagesBeside(yield* cancelOf(work)), ["a", "b"]);
    }),
  );

  it(
    "is kept when it is thrown in place of the cancel that was caught",
    simulated(function* () {
      const work = call(function* () {
        try {
          yield* sleep(1000);
        } catch (cause) {
          throw new Error("translated", { cause });
        }
      });
      work.cancel();
      assert.deepEqual(messagesBeside(yield* cancelOf(work)), ["translated"]);
    }),
  );

  it(
    "is kept when the child had been cancelled for itself before its owner was",
    simulated(function* () {
      let child: Future<void> | undefined;
      const owner = call(function* () {
        child = failing("of the child");
        yield child;
      });
      child?.cancel("of the child alone");
      owner.cancel("of the owner");
      const cancel = yield* cancelOf(owner);
      assert.equal(cancel.reason, "of the owner");
      assert.deepEqual(messagesBeside(cancel), ["of the child"]);
    }),
  );

  it(
    "is reported when nobody waits for who was cancelled",
    simulated(function* () {
      yield* expectLog(/clean-up/, function* () {
        yield* call(function* owner() {
          failing("clean-up").cancel();
          yield* sleep(10);
        });
      });
    }),
  );
});

describe("no error of a clean-up", () => {
  it(
    "is the cancel of a child that the clean-up cancels and waits for",
    simulated(function* () {
      const work = call(function* () {
        const child = call(() => sleep(1000));
        try {
          yield* sleep(1000);
        } finally {
          child.cancel("no longer needed");
          yield child;
        }
      });
      work.cancel();
      assert.deepEqual((yield* cancelOf(work)).suppressed, []);
    }),
  );

  it(
    "is a failure that the clean-up has caught",
    simulated(function* () {
      const work = call(function* () {
        try {
          yield* sleep(1000);
        } finally {
          try {
            yield call(() => {
              throw new Error("caught");
            });
          } catch {
            yield* sleep(1);
          }
        }
      });
      work.cancel();
      assert.deepEqual((yield* cancelOf(work)).suppressed, []);
    }),
  );
});

describe("a failure in the turn of a cancel", () => {
  it(
    "is kept on the cancel that came before the coroutine could see it",
    simulated(function* () {
      const source = new Future<void>();
      const work = call(function* () {
        yield source;
      });
      source.setError(new Error("just before"));
      work.cancel();
      assert.deepEqual(messagesBeside(yield* cancelOf(work)), ["just before"]);
    }),
  );

  it(
    "is kept also with what its clean-up threw",
    simulated(function* () {
      let child: Future<void> | undefined;
      const work = call(function* () {
        child = failing("clean-up");
        yield child;
      });
      child?.cancel();
      child?.addDoneCallback(() => work.cancel());
      assert.deepEqual(messagesBeside(yield* cancelOf(work)), ["clean-up"]);
    }),
  );
});
