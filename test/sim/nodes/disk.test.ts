import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CoroutineGenerator } from "../../../src/index.ts";
import { type Disk, type ExploreReport, explore, type Sim } from "../../../src/sim/index.ts";

type Story = (disk: Disk, sim: Sim) => CoroutineGenerator<void>;

/** Every schedule of `story` on one disk. */
function search(story: Story): ExploreReport {
  return explore((sim: Sim) => story(sim.disk("d"), sim), { strategy: "exhaustive", name: "disk" });
}

function passes(story: Story): void {
  const report = search(story);
  assert.equal(report.failure, undefined, report.text);
  assert.ok(report.exhausted);
}

/** What `look` gives in one or another of all schedules, sorted. */
function outcomes(story: (disk: Disk, sim: Sim) => CoroutineGenerator<string | undefined>): string[] {
  const seen = new Set<string>();
  passes(function* (disk, sim) {
    seen.add(String(yield* story(disk, sim)));
  });
  return [...seen].sort();
}

describe("a simulated disk", () => {
  it("gives back what was written and appended, synced or not", () => {
    passes(function* (disk) {
      yield* disk.write("a.log", "one");
      yield* disk.append("a.log", " two");
      assert.equal(yield* disk.readText("a.log"), "one two");
      assert.deepEqual([...(yield* disk.read("./a.log"))], [...Buffer.from("one two")]);
      assert.equal(disk.peek("a.log"), "one two");
      assert.equal(disk.peek("b.log"), undefined);
    });
  });

  it("keeps its own copy of bytes", () => {
    passes(function* (disk) {
      const bytes = Uint8Array.of(1, 2);
      const writing = disk.write("a", bytes);
      bytes[0] = 9;
      yield* writing;
      const read = yield* disk.read("a");
      read[1] = 9;
      assert.deepEqual([...(yield* disk.read("a"))], [1, 2]);
    });
  });

  it("renames and removes files, and lists those of one folder", () => {
    passes(function* (disk) {
      yield* disk.write("logs/b", "b");
      yield* disk.write("logs/a", "a");
      yield* disk.write("c", "c");
      assert.deepEqual(yield* disk.list("logs"), ["a", "b"]);
      assert.deepEqual(yield* disk.list(), ["c"]);
      yield* disk.rename("logs/a", "logs/b");
      assert.equal(yield* disk.readText("logs/b"), "a");
      yield* disk.remove("logs/b");
      assert.deepEqual(yield* disk.list("logs/"), []);
    });
  });

  it("fails with ENOENT for what is not there", () => {
    passes(function* (disk) {
      for (const begin of [
        () => disk.read("x"),
        () => disk.readText("x"),
        () => disk.rename("x", "y"),
        () => disk.remove("x"),
        () => disk.sync("x"),
      ]) {
        try {
          yield begin();
          assert.fail("it is not there");
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, "ENOENT", String(error));
        }
      }
    });
  });

  it("is hit by the rules for faults, by the names of its operations", () => {
    const { failure } = explore(
      function* full(sim: Sim) {
        yield* sim.disk("d").write("a", "x");
      },
      { faults: [{ on: "disk d: write*", error: () => new Error("the disk is full") }] },
    );
    assert.match(failure?.text ?? "", /the disk is full/);
  });

  it("refuses what is no data, and what is no path", () => {
    passes(function* (disk) {
      assert.throws(() => disk.write("a", 1 as never), /Cannot write to a simulated disk: came 1/);
      assert.throws(() => disk.read(""), /Cannot use a simulated disk: the path is ""/);
      yield* disk.list();
    });
  });

  describe("when the machine stops", () => {
    it("keeps, loses or tears what was written and not synced", () => {
      const seen = outcomes(function* (disk) {
        yield* disk.write("a", "old");
        yield* disk.sync("a");
        yield* disk.syncFolder();
        yield* disk.write("a", "newer");
        disk.crash();
        return disk.peek("a");
      });
      assert.deepEqual(seen, ["ne", "newer", "old"]);
    });

    it("keeps a beginning of what was appended", () => {
      const seen = outcomes(function* (disk) {
        yield* disk.append("a", "1\n");
        yield* disk.sync("a");
        yield* disk.syncFolder();
        yield* disk.append("a", "22\n");
        yield* disk.append("a", "33\n");
        disk.crash();
        return disk.peek("a");
      });
      assert.deepEqual(seen, ["1\n", "1\n2", "1\n22\n", "1\n22\n3", "1\n22\n33\n"]);
    });

    it("keeps what was synced, its name too when the folder was", () => {
      const seen = outcomes(function* (disk) {
        yield* disk.write("a", "x");
        yield* disk.sync("a");
        yield* disk.syncFolder();
        disk.crash();
        return disk.peek("a");
      });
      assert.deepEqual(seen, ["x"]);
    });

    it("may lose a file whose folder was not synced", () => {
      const seen = outcomes(function* (disk) {
        yield* disk.write("a", "x");
        yield* disk.sync("a");
        disk.crash();
        return disk.peek("a");
      });
      assert.deepEqual(seen, ["undefined", "x"]);
    });

    it("may lose a rename, and never leaves both names or none", () => {
      const seen = outcomes(function* (disk) {
        yield* disk.write("new", "2");
        yield* disk.write("now", "1");
        yield* disk.sync("new");
        yield* disk.sync("now");
        yield* disk.syncFolder();
        yield* disk.rename("new", "now");
        disk.crash();
        return `${disk.peek("now")} ${disk.peek("new")}`;
      });
      assert.deepEqual(seen, ["1 2", "2 undefined"]);
    });

    it("may leave a file empty that was renamed before it was synced", () => {
      const seen = outcomes(function* (disk) {
        yield* disk.write("now", "1");
        yield* disk.sync("now");
        yield* disk.write("new", "22");
        yield* disk.rename("new", "now");
        yield* disk.syncFolder();
        disk.crash();
        return disk.peek("now");
      });
      assert.deepEqual(seen, ["", "2", "22"]);
    });

    it("finds a write that is under way done, half done, or not done", () => {
      const seen = outcomes(function* (disk) {
        yield* disk.write("a", "old");
        yield* disk.sync("a");
        yield* disk.syncFolder();
        disk.write("a", "newer");
        disk.crash();
        return disk.peek("a");
      });
      assert.deepEqual(seen, ["ne", "newer", "old"]);
    });

    it("does nothing more of what was under way", () => {
      const seen = outcomes(function* (disk, sim) {
        yield* disk.write("a", "old");
        yield* disk.sync("a");
        yield* disk.syncFolder();
        disk.remove("a");
        disk.crash();
        const before = disk.peek("a");
        yield* sim.io("later", () => {});
        assert.equal(disk.peek("a"), before);
        return before;
      });
      assert.deepEqual(seen, ["old", "undefined"]);
    });

    it("does not lose it again at the next one", () => {
      passes(function* (disk) {
        yield* disk.write("a", "xy");
        disk.crash();
        const left = disk.peek("a");
        disk.crash();
        assert.equal(disk.peek("a"), left);
      });
    });
  });

  it("keeps all that was done when only the process stops", () => {
    const seen = outcomes(function* (disk) {
      yield* disk.write("a", "done");
      disk.write("a", "under way");
      disk.crash("process");
      return disk.peek("a");
    });
    assert.deepEqual(seen, ["done", "under way"]);
  });
});
