import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Program, type Programs, withPrograms } from "../console/child.ts";

const isLinux = process.platform === "linux";

/** A program that knows nothing of gyre. */
const TEXT = `function* job() {
  yield 1;
}
globalThis.kept = [job(), job()];
for (const each of kept) each.next();
console.log("ready");
if (process.argv[2] === "hangs") setTimeout(function spin() {
  while (true);
}, 1);
setInterval(() => {}, 1000);
`;

async function start(programs: Programs, ...args: readonly string[]): Promise<Program> {
  const path = join(programs.folder, "plain.mjs");
  writeFileSync(path, TEXT);
  // On any free port: tests of other files may attach at the same time.
  const program = programs.spawn(["--inspect-port=0", path, ...args]);
  await program.until(/^ready/m);
  return program;
}

describe("gyre ps --attach", { skip: isLinux ? false : "it needs Linux's /proc" }, () => {
  it(
    "finds the suspended generators of a process that was not prepared, and closes its inspector again",
    withPrograms(async (programs) => {
      const { pid } = await start(programs);
      for (let time = 0; time < 2; time++) {
        const { code, stdout, output } = await programs.gyre("ps", "--attach", String(pid));
        assert.equal(code, 0, output);
        assert.match(stdout, /\nit waits for events\n2 suspended generators /);
        assert.equal(stdout.match(/^ {2}job at \S*plain\.mjs:2:3$/gm)?.length, 2, stdout);
      }
    }),
  );

  it(
    "shows what runs in one that hangs",
    withPrograms(async (programs) => {
      const { pid } = await start(programs, "hangs");
      await programs.gyreUntil(/\nit runs\n {2}at .*spin.*plain\.mjs:8:/, "ps", "--attach", String(pid));
    }),
  );

  it(
    "shows the coroutines of one that uses gyre",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("hangs", { socket: false }, ["--inspect-port=0"]);
      const stdout = await programs.gyreUntil(/"total": 3,/, "ps", "--attach", String(pid), "--json");
      const { snapshot } = JSON.parse(stdout);
      assert.deepEqual(
        snapshot.rows.map(({ name }: { name: string }) => name),
        ["handle", "fetchUser", "spin"],
      );
    }),
  );

  it(
    "sends no signal to what is no Node process, is gone, or is another user's",
    withPrograms(async (programs) => {
      const shell = programs.spawn([
        "-e",
        "require('child_process').spawn('sleep', ['60'], {stdio: 'ignore'}).on('spawn', function () { console.log('ready', this.pid) })",
      ]);
      const [, sleeper = ""] = await shell.until(/ready (\d+)/);
      const refused = await programs.gyre("ps", "--attach", sleeper);
      assert.equal(refused.code, 1);
      assert.match(
        refused.output,
        /^gyre: Cannot attach to process \d+: it runs \S*(sleep|coreutils)\S*, Node is wanted\n$/,
      );
      assert.equal(process.kill(Number(sleeper), 0), true);
      process.kill(Number(sleeper));
      await shell.ended;
      const gone = await programs.gyre("ps", "--attach", String(shell.pid));
      assert.equal(gone.output, `gyre: Cannot attach to process ${shell.pid}: there is no such process\n`);
      const other = await programs.gyre("ps", "--attach", "1");
      assert.match(other.output, /^gyre: Cannot attach to process 1: it (is another user's|runs )/);
    }),
  );
});
