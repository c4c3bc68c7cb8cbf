import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { visibleLines } from "../../src/cli/print.ts";

describe("visibleLines()", () => {
  it("shows codes for a terminal, and keeps the lines", () => {
    assert.equal(visibleLines("a\u001b[2J\nb\u0085\n"), "a\\x1b[2J\nb\\x85\n");
    assert.equal(visibleLines("a\rb"), "a\\rb");
  });

  it("keeps the room of a tab, and takes line ends of Windows for such", () => {
    assert.equal(visibleLines("a\r\n\tb\r\n"), "a\n  b\n");
  });
});
