import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { GyreError } from "../../src/base/index.ts";
import { check, replay, SimFailure } from "../../src/sim/index.ts";
import { record } from "../../src/trace/index.ts";
import { root } from "../../tools/setup.mjs";
import { runners } from "../testing/runners.ts";
import { lostUpdate, program, walkers } from "./programs.ts";

/** What `check` throws for `lostUpdate`. */
function thrown(...[options]: [Parameters<typeof check>[1]?]): SimFailure {
  try {
    check(lostUpdate, options);
  } catch (error) {
    assert.ok(error instanceof SimFailure);
    return error;
  }
  throw new Error("check() has thrown nothing");
}

/** The file that a message names. */
function fileOf(message: string): string {
  const [, file = ""] = /^ {2}drawing (.*)$/m.exec(message) ?? [];
  assert.notEqual(file, "", message);
  return file;
}

describe("check()", () => {
  let folder = "";
  const { TMPDIR } = process.env;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "gyre-check-"));
    process.env.TMPDIR = folder;
  });
  after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(folder, { recursive: true });
  });

  it("says nothing where nothing fails", () => {
    assert.equal(check(walkers(2, 2)), undefined);
  });

  it("throws what failed, with the error of the program as its cause", () => {
    const error = thrown();
    assert.ok(error instanceof GyreError);
    assert.equal(error.code, "GYRE_SIM_FAILURE");
    assert.equal(error.name, "SimFailure");
    assert.equal(error.cause, error.failure.error);
    assert.equal((error.cause as Error).message, "the value is 1, 2 is wanted");
    assert.match(String((error.cause as Error).stack), /programs\.ts/);
  });

  it("says all in the message, in at most 15 lines", () => {
    const { message, failure } = thrown();
    assert.ok(message.split("\n").length <= 15);
    assert.match(message, /^lostUpdate failed: error, in schedule \d+/);
    assert.match(message, /\n {2}Error: the value is 1, 2 is wanted\n/);
    assert.ok(message.includes(`\n  token   ${failure.token}\n`));
    assert.ok(message.includes(`GYRE_SIM_REPLAY=${failure.token} node`));
  });

  it("puts the drawing into a file, whose name has the program and the token", () => {
    const { message, failure } = thrown();
    const file = fileOf(message);
    assert.equal(dirname(file), join(folder, "gyre-sim"));
    assert.match(file, /lostUpdate-.{8}\.txt$/);
    assert.equal(readFileSync(file, "utf8"), failure.drawing);
    assert.match(failure.drawing, /add #2/);
  });

  it("makes a name for the file of a program whose own is no file name", () => {
    const file = fileOf(
      thrown({ name: `../../etc: a name / of \u0000 some length ${"x".repeat(300)}` }).message,
    );
    assert.equal(dirname(file), join(folder, "gyre-sim"));
    assert.match(file.slice(dirname(file).length + 1), /^[\w-]{1,80}\.txt$/);
  });

  it("names no file where none can be written, and tells the failure all the same", () => {
    process.env.TMPDIR = "/dev/null/nowhere";
    try {
      const { message } = thrown();
      assert.doesNotMatch(message, /drawing/);
      assert.match(message, /the value is 1/);
    } finally {
      process.env.TMPDIR = folder;
    }
  });

  it("leaves a recording that is on to who has begun it", () => {
    const recorder = record();
    try {
      const { message, failure } = thrown();
      assert.equal(failure.drawing, "");
      assert.doesNotMatch(message, /drawing/);
    } finally {
      recorder.stop();
    }
  });

  it("keeps a token in one piece, however long it is", () => {
    const long = program("long", function* (sim) {
      for (let at = 0; at < 300; at++) sim.choose("answer", 4000);
      throw new Error("at last");
    });
    assert.throws(
      () => check(long, { strategy: "random", shrink: false }),
      ({ failure, message }: SimFailure) => message.includes(`  token   ${failure.token}\n`),
    );
    const never = program("never", function* (sim) {
      let sum = 0;
      for (let at = 0; at < 300; at++) sum += sim.choose("answer", 4000);
      if (sum > 0) throw new Error("not plain");
    });
    assert.throws(
      () => check(never, { strategy: "random", shrink: false }),
      ({ failure, message }: SimFailure) => {
        assert.ok(failure.token.length > 400);
        assert.ok(message.includes(`  token   ${failure.token}\n`));
        assert.ok(message.split("\n").length <= 15);
        assert.equal(replay(never, failure.token).error?.message, "not plain");
        return true;
      },
    );
  });
});

const fixtures = join(root, "test", "sim", "fixtures", "check");

for (const [runner, start] of Object.entries(runners)) {
  it(`a test with check() under ${runner} passes, or fails with the whole report`, async () => {
    const outcomes = await start(fixtures);
    const [good, bad] = ["keeps every order", "keeps both updates"].map((name) => outcomes.get(name));
    assert.equal(good?.passed, true, good?.text);
    assert.equal(bad?.passed, false);
    assert.match(bad.text, /lostUpdate failed: error, in schedule \d+/);
    assert.match(bad.text, /token {3}g1\.\S+/);
    assert.match(bad.text, /the value is 1, 2 is wanted/);
  });
}
