import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { root, run } from "../../tools/setup.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-start-"));
  for (const name of ["start.mjs", "setup.mjs", "files.mjs"]) {
    cpSync(join(root, "tools", name), join(folder, "tools", name));
  }
  // Installed and built, as far as start can see.
  place("package-lock.json", '{ "packages": {} }');
  place("node_modules/.package-lock.json", '{ "packages": {} }');
  place("dist/index.js", "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Write a file of the made-up project. */
function place(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function start(...args: string[]) {
  return run(process.execPath, [join(folder, "tools", "start.mjs"), ...args], {
    cwd: folder,
    limitMs: 30_000,
  });
}

describe("npm start", () => {
  it("runs the service with the arguments it got, as if it had been started itself", async () => {
    const text = "console.log(process.argv.slice(1).join(' ')); process.exitCode = 7;";
    place("apps/survey/dist/package.json", '{ "type": "module" }');
    place("apps/survey/dist/main.js", text);
    const { code, stdout } = await start("--legacy", "--port", "8080");
    assert.equal(stdout.trim(), `${join(folder, "apps/survey/dist/main.js")} --legacy --port 8080`);
    assert.equal(code, 7);
  });

  it("runs the worker for the first argument worker", async () => {
    place("apps/survey/dist/main.js", "console.log('service');");
    place("apps/survey/dist/worker.js", "console.log('worker', ...process.argv.slice(2));");
    const { stdout } = await start("worker", "--data", "here");
    assert.equal(stdout.trim(), "worker --data here");
  });

  it("leaves signals to the service", { timeout: 30_000 }, async () => {
    const lines = [
      "process.on('SIGTERM', () => { console.log('closed'); clearInterval(alive); });",
      "const alive = setInterval(() => {}, 1000);",
      "console.log('ready');",
    ];
    place("apps/survey/dist/main.js", lines.join("\n"));
    const child = spawn(process.execPath, [join(folder, "tools", "start.mjs")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output.push(text);
      if (text.includes("ready")) child.kill("SIGTERM");
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.equal(output.join(""), "ready\nclosed\n");
  });

  it("fails with a message and no stack when the service cannot be built", async () => {
    place(
      "node_modules/typescript/bin/tsc",
      "console.log('main.ts(1,1): error TS1: made up'); process.exit(2);",
    );
    place("apps/survey/src/main.ts", "");
    const { code, output } = await start();
    assert.equal(code, 1);
    assert.match(output, /Cannot build apps\/survey: the compiler found errors\nmain\.ts\(1,1\): error TS1/);
    assert.doesNotMatch(output, /at .*setup\.mjs/);
  });
});
