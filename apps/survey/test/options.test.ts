import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { readServiceOptions, readWorkerOptions, UsageError } from "../src/options.ts";

const projectFolder = fileURLToPath(new URL("../../..", import.meta.url));

describe("readServiceOptions()", () => {
  it("has a default for everything", () => {
    assert.deepEqual(readServiceOptions([]), {
      host: "127.0.0.1",
      port: 8080,
      folder: resolve(projectFolder, "data"),
      hasLegacy: false,
      hasWorker: true,
      maxFileBytes: 50_000_000,
      hasConsole: false,
      traceFile: undefined,
    });
  });

  it("reads every option", () => {
    const args = [
      "--port",
      "0",
      "--host=0.0.0.0",
      "--data",
      "here",
      "--legacy",
      "--no-worker",
      "--max-file-mb",
      "0.5",
      "--console",
      "--trace",
      "run.trace",
    ];
    assert.deepEqual(readServiceOptions(args), {
      host: "0.0.0.0",
      port: 0,
      folder: resolve("here"),
      hasLegacy: true,
      hasWorker: false,
      maxFileBytes: 500_000,
      hasConsole: true,
      traceFile: resolve("run.trace"),
    });
  });

  it("gives help whatever else there is", () => {
    assert.equal(readServiceOptions(["--port", "1", "--help"]), "help");
  });

  const wrong: [args: string[], message: RegExp][] = [
    [["--prot", "1"], /^Cannot start: Unknown option '--prot', see --help$/],
    [["8080"], /^Cannot start: Unexpected argument '8080'.*, see --help$/],
    [["--port"], /^Cannot start: Option '--port <value>' argument missing, see --help$/],
    [["--legacy=yes"], /^Cannot start: Option '--legacy' does not take an argument, see --help$/],
    [["--port", "http"], /^Cannot start: --port is "http", a number is wanted$/],
    [["--port", ""], /^Cannot start: --port is "", a number is wanted$/],
    [["--port", "70000"], /^Cannot start: --port is 70000, a whole number from 0 to 65535 is wanted$/],
    [["--port", "80.5"], /^Cannot start: --port is 80.5, a whole number/],
    [["--max-file-mb", "0"], /^Cannot start: --max-file-mb is 0, a number above 0/],
    [["--data", " "], /^Cannot start: --data is empty, a value is wanted$/],
    [["--trace", ""], /^Cannot start: --trace is empty, a value is wanted$/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(" ")}`, () => {
      assert.throws(
        () => readServiceOptions(args),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});

describe("readWorkerOptions()", () => {
  it("reads the folder, and nothing that is the service's", () => {
    assert.deepEqual(readWorkerOptions(["--data", "here"]), { folder: resolve("here") });
    assert.equal(readWorkerOptions(["--help"]), "help");
    assert.throws(() => readWorkerOptions(["--port", "1"]), UsageError);
  });
});
