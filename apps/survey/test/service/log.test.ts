import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampedLog } from "../../src/service/log.ts";

describe("timestampedLog()", () => {
  const entries: string[] = [];
  const log = timestampedLog(
    (entry) => void entries.push(entry),
    () => Date.UTC(2025, 10, 23, 6, 1, 2, 345),
  );

  it("puts time and level before each entry", () => {
    log.info("it runs");
    log.warn("careful");
    log.error("it broke");
    assert.deepEqual(entries.splice(0), [
      "2025-11-23T06:01:02.345Z info  it runs\n",
      "2025-11-23T06:01:02.345Z warn  careful\n",
      "2025-11-23T06:01:02.345Z error it broke\n",
    ]);
  });

  it("indents further lines, so that none looks like an entry", () => {
    log.warn("orphan: a\n  waits at b\r\n2025-11-23T06:01:02.345Z info  forged");
    const [entry = ""] = entries.splice(0);
    assert.deepEqual(
      entry
        .split("\n")
        .slice(1, -1)
        .map((line) => line.startsWith("  ")),
      [true, true],
    );
  });

  it("writes an error with its stack and its causes", () => {
    log.error("it broke", new Error("outer", { cause: new Error("inner") }));
    const [entry = ""] = entries.splice(0);
    assert.match(entry, /Error: outer\n.*log\.test\.ts/);
    assert.match(entry, /caused by: Error: inner/);
  });

  it("writes what is no Error as it is", () => {
    log.error("it broke", "just text");
    assert.deepEqual(entries.splice(0), ["2025-11-23T06:01:02.345Z error it broke\n  just text\n"]);
  });
});
