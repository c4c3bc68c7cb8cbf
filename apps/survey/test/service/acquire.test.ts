import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, Future, sleep } from "gyre";
import { acquire } from "../../src/service/acquire.ts";
import { runWorld } from "../handlers/world.ts";

function settled(): Future<void> {
  const future = new Future<void>();
  future.setResult();
  return future;
}

describe("acquire()", () => {
  /** Cancel a coroutine that waits for `opening`, let `opening` end, and tell what was disposed of. */
  function disposedOf(end: (opening: Future<string>) => void): string[] {
    const disposed: string[] = [];
    runWorld({}, function* () {
      const opening = new Future<string>();
      const open = coroutine(function* open() {
        yield* acquire(opening, (late) => {
          disposed.push(late);
          return settled();
        });
      });
      const opened = open();
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
