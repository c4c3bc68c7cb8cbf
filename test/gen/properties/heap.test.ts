/** What coroutines leave behind in memory: nothing. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { sourceFlags } from "../../../tools/run-tests.mjs";
import { run } from "../../../tools/setup.mjs";

/** More than an engine's own caches grow by, and one byte for each coroutine. */
const MOST_BYTES = 1_000_000;

describe("a million coroutines", () => {
  it("leave no memory behind that a hundred thousand have not", async () => {
    const program = join(import.meta.dirname, "heap-program.ts");
    const { code, output, stdout } = await run(process.execPath, ["--expose-gc", ...sourceFlags, program]);
    assert.equal(code, 0, output);
    const { warmBytes, endBytes, timers } = JSON.parse(stdout);
    assert.ok(warmBytes > 0);
    assert.ok(endBytes - warmBytes < MOST_BYTES, `${endBytes - warmBytes} bytes more`);
    assert.equal(timers, 0);
  });
});
