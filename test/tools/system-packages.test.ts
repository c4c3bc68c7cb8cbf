import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SetupError } from "../../tools/setup.mjs";
import { ensureSystemPackages, findProgram, missingReport } from "../../tools/system-packages.mjs";

const wanted = [{ program: "made-up", debian: "made-up-package", reason: "the tests of nothing" }];

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-packages-"));
  writeFileSync(join(folder, "made-up"), "#!/bin/sh\n");
  writeFileSync(join(folder, "no-program"), "text");
  chmodSync(join(folder, "made-up"), 0o755);
  chmodSync(join(folder, "no-program"), 0o644);
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("findProgram()", () => {
  it("finds an executable in one of the folders", () => {
    assert.equal(findProgram("made-up", ["/nowhere", folder].join(delimiter)), join(folder, "made-up"));
  });

  it("does not take a file that cannot be executed", () => {
    assert.equal(findProgram("no-program", folder), undefined);
  });
});

describe("missingReport()", () => {
  it("names the program, what needs it and the command that installs it", () => {
    const report = missingReport(wanted);
    assert.match(report, /made-up: for the tests of nothing/);
    assert.match(report, /apt-get install --no-install-recommends made-up-package/);
  });
});

describe("ensureSystemPackages()", () => {
  it("does nothing when every program is there", async () => {
    await ensureSystemPackages(wanted, folder);
  });

  it("rejects with the report when a program is missing and there is no apt-get", async () => {
    const outcome = ensureSystemPackages(wanted, "/nowhere");
    await assert.rejects(
      outcome,
      (error) => error instanceof SetupError && error.message === missingReport(wanted),
    );
  });
});
