import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { readRecording } from "../../src/trace/index.ts";
import { builds, ensureBuilt, root, run } from "../../tools/setup.mjs";
import { type Program, type Programs, withPrograms } from "../console/child.ts";
import { main, makeProject } from "./project.ts";

const source = readFileSync(new URL("./program.ts", import.meta.url), "utf8");

/** A user's folder, with the program in it. */
function makeApp(programs: Programs, packages?: readonly string[]): string {
  return makeProject(programs, { "app.ts": source }, packages);
}

function gyreRun(programs: Programs, cwd: string, ...args: readonly string[]): Program {
  return programs.spawn([main, "run", ...args], cwd);
}

describe("gyre run", { concurrency: 2 }, () => {
  before(() => ensureBuilt(builds.gyre), { timeout: 120_000 });

  it(
    "runs TypeScript, hands on arguments, and lets ps look into it, with lines of the source",
    withPrograms(async (programs) => {
      const folder = makeApp(programs);
      const program = gyreRun(programs, folder, "app.ts", "waits", "--limit", "3", "--", "x");
      await program.until(/^ready/m);
      const [first = ""] = program.stdout.split("\n");
      const file = join(folder, "app.ts");
      assert.deepEqual(JSON.parse(first), { file, others: ["--limit", "3", "--", "x"], flags: 0 });
      const { stdout } = await programs.gyre("ps", String(program.pid));
      assert.match(stdout, /^app\.ts, process /);
      assert.match(stdout, /cook +waits for sleep.* \S*app\.ts:12:3\s/);
      program.child.kill("SIGTERM");
      assert.equal(await program.ended, 7);
      assert.equal(program.stderr, "");
    }),
  );

  it(
    "has gyre trace give what happens while it looks, and what was recorded before on wish only",
    withPrograms(async (programs) => {
      const folder = makeProject(programs, {
        "ticks.mjs": `
          import { coroutine, sleep } from "gyre";
          await coroutine(function* before() { yield sleep(1); })();
          const ticks = coroutine(function* ticks() { for (;;) yield sleep(5); });
          coroutine(function* idle() { yield ticks(); })();
          console.log("ready");
        `,
      });
      const program = gyreRun(programs, folder, "--trace", "run.trace", "ticks.mjs");
      await program.until(/^ready/m);
      const traced = async (...flags: string[]) => {
        const path = join(folder, "part.trace");
        const { code, output } = await programs.gyre(
          ...["trace", String(program.pid), "--seconds=0.05", "-o", path, ...flags],
        );
        assert.equal(code, 0, output);
        const { works, events, endUs } = readRecording(path);
        return {
          names: works.map(({ name }) => name),
          starts: events.some(({ kind }) => kind === "start"),
          endUs,
        };
      };
      assert.deepEqual(await traced(), { names: ["idle", "ticks"], starts: false, endUs: 50_000 });
      const all = await traced("--all");
      assert.deepEqual([all.names, all.starts], [["before", "idle", "ticks"], true]);
    }),
  );

  it(
    "leaves out the two dashes that end its own options",
    withPrograms(async (programs) => {
      const program = gyreRun(programs, makeApp(programs), "--sites", "--", "app.ts", "--", "soup", "--json");
      assert.equal(await program.ended, 5);
      assert.match(program.stdout, /"others":\["--json"\]/);
    }),
  );

  it(
    "is a command of its own after each build",
    withPrograms(async (programs) => {
      const { stdout, code } = await run(main, ["--version"], { env: programs.env, limitMs: 60_000 });
      assert.deepEqual([code, /^\d+\.\d+\.\d+\n$/.test(stdout)], [0, true]);
    }),
  );

  it(
    "ends as the program does",
    withPrograms(async (programs) => {
      const folder = makeApp(programs);
      const [soup, other] = [
        gyreRun(programs, folder, "app.ts", "soup"),
        gyreRun(programs, folder, "app.ts", "else"),
      ];
      assert.deepEqual([await soup.ended, await other.ended], [5, 1]);
      assert.match(other.stderr, /Error: thrown on purpose\n/);
    }),
  );

  it(
    "runs plain JavaScript without a loader, a CommonJS main module too",
    withPrograms(async (programs) => {
      const folder = makeApp(programs, []);
      writeFileSync(
        join(folder, "app.cjs"),
        "console.log(require.main === module, process.argv.slice(2)); require('gyre');",
      );
      const program = gyreRun(programs, folder, "app.cjs", "a");
      assert.equal(await program.ended, 0, program.stderr);
      assert.equal(program.stdout, "true [ 'a' ]\n");
    }),
  );

  it(
    "records from the start, and writes at the end, also at that by a signal",
    withPrograms(async (programs) => {
      const folder = makeApp(programs);
      writeFileSync(
        join(folder, "plain.mjs"),
        `import { coroutine, sleep } from "gyre";
      const job = coroutine(function* job() { yield* sleep(1); console.log("ready"); yield* sleep(1e6); });
      await job();`,
      );
      const [ended, killed] = [
        gyreRun(programs, folder, "--trace", "ended.trace", "app.ts", "soup"),
        gyreRun(programs, folder, "--trace", "killed.trace", "plain.mjs"),
      ];
      assert.equal(await ended.ended, 5, ended.stderr);
      const recorded = readRecording(join(folder, "ended.trace"));
      assert.deepEqual(
        recorded.works.map(({ name }) => name),
        ["serve", "cook"],
      );
      assert.equal(recorded.program.name, "app.ts");
      await killed.until(/^ready/m);
      killed.child.kill("SIGTERM");
      assert.equal(await killed.ended, "SIGTERM");
      assert.deepEqual(
        readRecording(join(folder, "killed.trace")).works.map(({ name }) => name),
        ["job"],
      );
    }),
  );

  describe("when the main thread blocks and a signal comes", { concurrency: 2 }, () => {
    const hangs = (before: string): string => `import { execFileSync } from "node:child_process";
      import { coroutine, sleep } from "gyre";
      ${before}
      const waits = coroutine(function* waits() { yield* sleep(1e6); });
      const spins = coroutine(function* spins(block) { yield* sleep(1); console.log("ready"); block(); });
      waits();
      await spins(process.argv[2] === "call" ? () => execFileSync("sleep", ["60"]) : () => { while (true); });`;

    it(
      "says what blocks, writes the recording, and ends by the signal",
      withPrograms(async (programs) => {
        const folder = makeApp(programs);
        writeFileSync(join(folder, "hangs.mjs"), hangs(""));
        const program = gyreRun(programs, folder, "--trace", "run.trace", "hangs.mjs");
        await program.until(/^ready/m);
        program.child.kill("SIGTERM");
        assert.equal(await program.ended, "SIGTERM");
        assert.match(
          program.stderr,
          /^gyre: SIGTERM ends the process: blocked for .*, by\n( {2}at .*hangs\.mjs:\d+:\d+\)?\n)+gyre: \S*run\.trace: \d+ events of 2 coroutines\n$/,
        );
        assert.deepEqual(
          readRecording(join(folder, "run.trace")).works.map(({ name }) => name),
          ["waits", "spins"],
        );
      }),
    );

    it(
      "leaves the first one to a program that listens to it, and ends by the second",
      withPrograms(async (programs) => {
        const folder = makeApp(programs);
        writeFileSync(join(folder, "hangs.mjs"), hangs('process.on("SIGINT", () => process.exit(9));'));
        const program = gyreRun(programs, folder, "--trace", "run.trace", "hangs.mjs");
        await program.until(/^ready/m);
        program.child.kill("SIGINT");
        await program.until(
          /^gyre: SIGINT waits, for the program .*[\s\S]*^gyre: once more ends it/m,
          "stderr",
        );
        program.child.kill("SIGINT");
        assert.equal(await program.ended, "SIGINT");
        assert.equal(readRecording(join(folder, "run.trace")).works.length, 2);
      }),
    );

    it(
      "ends it at the second one where the system is at work, which cannot be interrupted",
      withPrograms(async (programs) => {
        const folder = makeApp(programs);
        writeFileSync(join(folder, "hangs.mjs"), hangs(""));
        const program = gyreRun(programs, folder, "--trace", "run.trace", "hangs.mjs", "call");
        await program.until(/^ready/m);
        program.child.kill("SIGTERM");
        await program.until(
          /^gyre: SIGTERM waits: .* in a call of the system, .*\(once more ends it/m,
          "stderr",
        );
        program.child.kill("SIGTERM");
        assert.equal(await program.ended, "SIGKILL");
      }),
    );
  });

  for (const [what, args, wanted] of [
    [
      "a recording in no folder",
      ["--trace", "/nope/x", "app.ts"],
      /^gyre: Cannot write the recording \/nope\/x: there is no such folder\n$/,
    ],
    [
      "a recording that is a folder",
      ["--trace", "/tmp", "app.ts"],
      /^gyre: Cannot write the recording \/tmp: it is a folder, a file is wanted\n$/,
    ],
    [
      "a port without the page",
      ["--port", "1", "app.ts"],
      /^gyre run: --port is of the page, --console is wanted with it /,
    ],
  ] as const) {
    it(
      `refuses ${what} before anything runs`,
      withPrograms(async (programs) => {
        const program = gyreRun(programs, makeApp(programs), ...args);
        assert.notEqual(await program.ended, 0);
        assert.match(program.stderr, wanted);
        assert.equal(program.stdout, "");
      }),
    );
  }

  it(
    "serves the page when it is asked for",
    withPrograms(async (programs) => {
      const program = gyreRun(programs, makeApp(programs), "--console", "app.ts");
      const [, address = ""] = await program.until(
        /^gyre: the console is at (http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)$/m,
        "stderr",
      );
      const page = await fetch(address);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /<!doctype html>/i);
    }),
  );

  it(
    "says what is missing",
    withPrograms(async (programs) => {
      const folder = makeApp(programs, []);
      const missing = gyreRun(programs, folder, "nothing.ts");
      assert.equal(await missing.ended, 1);
      assert.equal(missing.stderr, "gyre: Cannot run nothing.ts: there is no such file\n");
      if ((process.features as { typescript?: unknown }).typescript) return;
      const untyped = gyreRun(programs, folder, "app.ts");
      assert.equal(await untyped.ended, 1);
      assert.match(
        untyped.stderr,
        /does not strip types, tsx is wanted \(npm install --save-dev tsx, or name a loader/,
      );
    }),
  );

  it(
    "takes a loader by name instead",
    withPrograms(async (programs) => {
      const folder = makeApp(programs, []);
      const loader = join(root, "tools", "strip.mjs");
      const program = gyreRun(programs, folder, "--import", loader, "app.ts", "soup");
      assert.equal(await program.ended, 5, program.stderr);
    }),
  );
});
