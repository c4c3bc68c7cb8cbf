import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findAddresses, findGaps } from "../../tools/lock-file.mjs";

describe("findAddresses()", () => {
  it("finds packages that are resolved to a host, not links inside the project", () => {
    const packages = {
      a: { resolved: "https://host.example/a.tgz" },
      b: { resolved: "..", link: true },
      c: {},
    };
    assert.deepEqual(findAddresses(JSON.stringify({ packages })), [
      'package-lock.json: "a" is resolved to https://host.example/a.tgz',
    ]);
  });
});

describe("findGaps()", () => {
  it("finds optional packages that are named and not listed, or listed without a version or with another", () => {
    const packages = {
      "node_modules/a": {
        optionalDependencies: { one: "1.0.0", two: "1.0.0", three: "1.0.0", four: "1.0.0" },
      },
      "node_modules/one": { version: "1.0.0", optional: true },
      "node_modules/two": { optional: true },
      "node_modules/four": { version: "1.1.0", optional: true },
    };
    assert.deepEqual(findGaps(JSON.stringify({ packages })), [
      'package-lock.json: "node_modules/a" may need "two", which is not listed with its version',
      'package-lock.json: "node_modules/a" may need "three", which is not listed with its version',
      'package-lock.json: "node_modules/a" may need "four", which is not listed with its version',
    ]);
  });
});
