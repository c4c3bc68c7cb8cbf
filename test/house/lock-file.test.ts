import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findAddresses, findGaps } from "../../tools/lock-file.mjs";
import { root } from "../../tools/setup.mjs";

describe("package-lock.json", () => {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");

  it("holds no address of a host", () => {
    assert.deepEqual(findAddresses(text), []);
  });

  it("lists the packages for every platform", () => {
    assert.deepEqual(findGaps(text), []);
  });
});
