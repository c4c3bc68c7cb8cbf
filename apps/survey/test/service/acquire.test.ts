import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, coroutine, Future, sleep } from "gyre";
import { acquire } from "../../src/service/acquire.ts";
import { runWorld } from "../handlers/world.ts";

function settled(): Future<void> {
  const future = new Future<void>();
  future.setResult();
  return future;
}

describe("acquire()", () => {
  /** Acquires from `opening`; what comes too late goes into `disposed`. */
  const openInto = coroutine(function* open(opening: Future<string>, disposed: string[]) {
    yield* acquire(opening, (late) => {
      disposed.push(late);
      return settled();
    });
  });

  /** Cancel a coroutine that waits for `opening`, let `opening` end, and tell what was disposed of. */
  function disposedOf(end: (opening: Future<string>) => void): string[] {
    const disposed: string[] = [];
    runWorld({}, function* () {
      const opening = new Future<string>();
      const opened = openInto(opening, disposed);
      opened.cancel();
      yield* sleep(1);
      assert.equal(opened.cancelled(), true);
      end(opening);
      yield* sleep(1);
    });
    return disposed;
  }

  it("gives what comes after a cancel to dispose", () => {
    assert.deepEqual(
      disposedOf((opening) => opening.setResult("a file")),
      ["a file"],
    );
  });

  it("has nothing to give when that fails", () => {
    assert.deepEqual(
      disposedOf((opening) => opening.setError(new Error("no file"))),
      [],
    );
  });

  it("gives what comes in the same turn as a cancel to dispose", () => {
    const disposed: string[] = [];
    runWorld({}, function* () {
      const opening = new Future<string>();
      const opened = openInto(opening, disposed);
      yield* sleep(1);
      opening.setResult("a file");
      opened.cancel();
      yield* sleep(1);
      assert.equal(opened.cancelled(), true);
    });
    assert.deepEqual(disposed, ["a file"]);
  });

  it("has nothing to give when what comes in the same turn as a cancel is an error", () => {
    runWorld({}, function* () {
      const opening = new Future<string>();
      const opened = coroutine(function* open() {
        yield* acquire(opening, () => assert.fail("there is none"));
      })();
      yield* sleep(1);
      opening.setError(new Error("no file"));
      opened.cancel();
      let failure: unknown;
      try {
        yield* opened;
      } catch (error) {
        failure = error;
      }
      assert.ok(failure instanceof CancelledError);
    });
  });

  it("gives what it waited for, and what that failed with", () => {
    runWorld({}, function* () {
      const [good, bad] = [new Future<string>(), new Future<string>()];
      good.setResult("a file");
      assert.equal(yield* acquire(good, () => assert.fail("it is in use")), "a file");
      bad.setError(new Error("no file"));
      let failure: unknown;
      try {
        yield* acquire(bad, () => assert.fail("there is none"));
      } catch (error) {
        failure = error;
      }
      assert.match(String(failure), /no file/);
    });
  });
});
