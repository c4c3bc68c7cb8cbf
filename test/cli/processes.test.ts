import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readRecording } from "../../src/trace/index.ts";
import { lineOf, withPrograms } from "../console/child.ts";

const source = readFileSync(new URL("../console/program.ts", import.meta.url), "utf8");
const handleLine = lineOf("// handle waits here", source);
const fetchLine = lineOf("// fetchUser waits here", source);
const spinLine = lineOf("// spin blocks here", source);

describe("gyre ps", { concurrency: 2 }, () => {
  it(
    "shows what blocks a process that hangs, and what waits in it",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("hangs");
      const shown = await programs.gyreUntil(/blocked for .*, by\n {2}at spin /, "ps", String(pid));
      const text = shown.replaceAll(/:\d+(?=[)\s])/g, "").replaceAll(/(?<=\S) {2,}/g, "  ");
      assert.match(text, new RegExp(`^program.ts, process ${pid}, Node ${process.version}, up `));
      assert.match(text, new RegExp(`blocked for .*, by\\n {2}at spin \\(${spinLine}\\)`));
      assert.match(text, new RegExp(`#1  handle  waits for fetchUser #2  ${handleLine}\\s`));
      assert.match(text, new RegExp(`#2  fetchUser  waits for sleep.*  ${fetchLine} .*user-7`));
      assert.match(text, /#3 {2}spin {2}runs/);
    }),
  );

  it(
    "lists all processes that can be asked, also as JSON",
    withPrograms(async (programs) => {
      assert.match(
        (await programs.gyre("ps")).stdout,
        /^no process can be looked into: .*"gyre run app\.ts".*"npm start -- --console"/,
      );
      assert.equal((await programs.gyre("ps", "--json")).stdout, "[]\n");
      const [waiting, hanging] = await Promise.all([programs.start("waits"), programs.start("hangs")]);
      const state = new RegExp(`^${hanging.pid} .* 3 +blocked for .*\n|^${waiting.pid} .* 2 +runs$`, "gm");
      let shown = "";
      while (shown.match(state)?.length !== 2)
        shown = await programs.gyreUntil(/^pid +program +up +coroutines +state\n/, "ps");
      const listed = JSON.parse((await programs.gyre("ps", "--json")).stdout);
      const pids = [waiting.pid, hanging.pid].sort((one, other) => one - other);
      assert.deepEqual(
        listed.map(({ pid, program }: { pid: number; program: string }) => [pid, program]),
        pids.map((pid) => [pid, "program.ts"]),
      );
    }),
  );

  it(
    "shows no more coroutines than are asked for, and says how many are left out",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("many");
      const { stdout } = await programs.gyre("ps", String(pid), "--limit", "3");
      assert.match(stdout, /^2000 coroutines\n/m);
      assert.match(stdout, /\n\.\.\. and 1997 more\n$/);
      const { rows, total } = JSON.parse(
        (await programs.gyre("ps", String(pid), "--limit=3", "--json")).stdout,
      );
      assert.deepEqual([rows.length, total], [3, 2000]);
    }),
  );

  for (const [args, wanted] of [
    [["--limit", "x"], /^gyre ps: --limit is "x", a whole number of 1 to /],
    [["1", "--limit", "1.5"], /^gyre ps: --limit is "1\.5", a whole number of 1 to /],
  ] as const) {
    it(
      `refuses ${args.join(" ")}`,
      withPrograms(async (programs) => {
        const { code, output } = await programs.gyre("ps", ...args);
        assert.equal(code, 2);
        assert.match(output, wanted);
      }),
    );
  }

  it(
    "says which processes it cannot ask, with exit code 1",
    withPrograms(async (programs) => {
      const dead = await programs.start("ends");
      await dead.ended;
      const gone = await programs.gyre("ps", String(dead.pid));
      assert.deepEqual(
        [gone.code, gone.output],
        [1, `gyre: Cannot ask process ${dead.pid}: there is no such process\n`],
      );
      const other = await programs.gyre("ps", String(process.pid));
      assert.equal(other.code, 1);
      assert.match(
        other.output,
        /^gyre: Cannot ask process \d+: it has no console, one is wanted \(start it by/,
      );
    }),
  );
});

describe("gyre tree", () => {
  it(
    "shows each coroutine below its owner",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("waits");
      const { stdout, code } = await programs.gyre("tree", String(pid));
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^handle #1 waits for fetchUser #2 at ${handleLine}:`, "m"));
      assert.match(
        stdout,
        new RegExp(`^└─ fetchUser #2 \\[user-7\\] waits for sleep.* at ${fetchLine}:`, "m"),
      );
    }),
  );

  it(
    "shows circles of waits",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("deadlocks");
      await programs.gyreUntil(/^deadlock: .*#1.*#2/m, "tree", String(pid));
    }),
  );
});

describe("gyre stack", () => {
  it(
    "shows the stack of a process that hangs, innermost first",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("hangs");
      const stdout = await programs.gyreUntil(/^at spin /, "stack", String(pid));
      assert.ok(stdout.startsWith(`at spin (${spinLine}:`), stdout);
      const { frames } = JSON.parse((await programs.gyre("stack", String(pid), "--json")).stdout);
      assert.equal(frames[0], stdout.split("\n")[0]);
    }),
  );

  it(
    "says so when nothing runs",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("waits");
      await programs.gyreUntil(/^nothing runs: the main thread waits for events\n$/, "stack", String(pid));
    }),
  );
});

describe("gyre trace", () => {
  it(
    "records a process for some time into a file",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("waits");
      const path = join(programs.folder, "run.trace");
      const { code, stdout } = await programs.gyre("trace", String(pid), "--seconds", "0.01", "-o", path);
      assert.equal(code, 0);
      assert.match(stdout, /run\.trace: \d+ events of \d+ coroutines\n$/);
      assert.equal(readRecording(path).program.pid, pid);
    }),
  );

  it(
    "says what blocks a process in which nothing happens, writes no file, and fails",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("hangs");
      await programs.gyreUntil(/blocked for .*, by\n {2}at spin /, "ps", String(pid));
      const path = join(programs.folder, "run.trace");
      const { code, stdout, output } = await programs.gyre(
        "trace",
        String(pid),
        "--seconds=0.01",
        "-o",
        path,
      );
      assert.deepEqual([code, stdout, existsSync(path)], [1, "", false]);
      assert.match(
        output,
        new RegExp(`^gyre: Cannot record process ${pid}: nothing happens in it, blocked for`),
      );
      assert.match(output, new RegExp(`at spin \\(${spinLine}:`));
      assert.match(output, /^handle #1 waits for fetchUser #2 at /m);
    }),
  );

  it(
    "says that the file cannot be written",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("waits");
      const path = join(programs.folder, "nowhere", "run.trace");
      const { code, output } = await programs.gyre("trace", String(pid), "--seconds=0", "-o", path);
      assert.equal(code, 1);
      assert.match(output, /^gyre: Cannot write the recording .*run\.trace: there is no such folder\n$/);
    }),
  );
});
