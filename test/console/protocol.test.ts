import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineReader } from "../../src/console/protocol.ts";

function read(pieces: readonly string[], mostChars?: number): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line), mostChars);
  for (const piece of pieces) reader.push(piece);
  return lines;
}

describe("LineReader", () => {
  it("gives the same lines however they are cut", () => {
    const text = "one\ntwo\n\nthree and more\n";
    const wanted = ["one", "two", "three and more"];
    assert.deepEqual(read([text]), wanted);
    assert.deepEqual(read([...text]), wanted);
    for (let at = 0; at <= text.length; at++) {
      assert.deepEqual(read([text.slice(0, at), text.slice(at)]), wanted);
    }
  });

  it("keeps what has no end yet", () => {
    assert.deepEqual(read(["one\ntw"]), ["one"]);
  });

  it("throws when a line grows longer than it may", () => {
    assert.deepEqual(read(["12345\n12345\n"], 5), ["12345", "12345"]);
    assert.throws(() => read(["123", "456"], 5), RangeError);
  });
});
