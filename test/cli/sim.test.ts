import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { ProgressLine } from "../../src/cli/progress-line.ts";
import { builds, ensureBuilt } from "../../tools/setup.mjs";
import { type Program, type Programs, withPrograms } from "../console/child.ts";
import { main, makeProject } from "./project.ts";

const source = `import { coroutine } from "gyre";
import type { Sim } from "gyre/sim";

const add = coroutine(function* add(sim: Sim, at: { value: number }) {
  yield* sim.io("read", () => 0);
  const seen = at.value;
  yield* sim.io("write", () => 0);
  at.value = seen + 1;
});

const steps = coroutine(function* steps(sim: Sim) {
  for (let at = 0; at < 6; at++) yield* sim.io("step", () => 0);
});

export function lost(sim: Sim) {
  const at = { value: 0 };
  add(sim, at);
  add(sim, at);
  return () => {
    if (at.value !== 2) throw new Error("the value is " + at.value);
  };
}

export function keeps(sim: Sim) {
  add(sim, { value: 0 });
  add(sim, { value: 0 });
}

export function endless(sim: Sim) {
  for (let at = 0; at < 6; at++) steps(sim);
}

export const options = { seed: 7 };
`;

/** A user's folder, with the programs in it. */
function makeRaces(programs: Programs, files: { readonly [name: string]: string } = {}): string {
  return makeProject(programs, { "races.ts": source, ...files });
}

function gyreSim(programs: Programs, cwd: string, ...args: readonly string[]): Program {
  return programs.spawn([main, "sim", ...args], cwd);
}

describe("gyre sim", { concurrency: 2 }, () => {
  before(() => ensureBuilt(builds.gyre), { timeout: 120_000 });

  it(
    "says in one line that a program passes",
    withPrograms(async (programs) => {
      const program = gyreSim(programs, makeRaces(programs), "races.ts", "--program", "keeps");
      assert.equal(await program.ended, 0, program.stderr);
      assert.match(
        program.stdout,
        /^keeps passed: \d+ schedules, \d+ different, and there are no others; seed 7, \d+ ms\n$/,
      );
      assert.equal(program.stderr, "");
    }),
  );

  it(
    "shows the failure, and a line that runs it again",
    withPrograms(async (programs) => {
      const folder = makeRaces(programs);
      const found = gyreSim(programs, folder, "races.ts", "--program", "lost");
      assert.equal(await found.ended, 1);
      assert.match(found.stdout, /^lost failed: error, in schedule \d+/);
      assert.match(found.stdout, /^ {2}Error: the value is 1$/m);
      const [, line = ""] =
        /^ {2}replay {2}npx gyre (sim races\.ts --program lost --replay g1\.\S+)$/m.exec(found.stdout) ?? [];
      const again = programs.spawn([main, ...line.split(" "), "--draw"], folder);
      assert.equal(await again.ended, 1, again.stderr);
      assert.match(again.stdout, /^lost failed: error, replayed$/m);
      assert.match(again.stdout, /Error: the value is 1[\s\S]*\n\n[\s\S]*add #1[\s\S]*add #2/);
    }),
  );

  it(
    "finds whose a token is among several programs",
    withPrograms(async (programs) => {
      const folder = makeRaces(programs);
      const found = gyreSim(programs, folder, "races.ts", "--program", "lost", "--json");
      assert.equal(await found.ended, 1);
      const [{ name, failure }] = JSON.parse(found.stdout);
      assert.deepEqual([name, failure.error], ["lost", { name: "Error", message: "the value is 1" }]);
      const again = gyreSim(programs, folder, "races.ts", "--replay", failure.token);
      assert.equal(await again.ended, 1, again.stderr);
      assert.match(again.stdout, /^lost failed/);
    }),
  );

  it(
    "takes options of the search",
    withPrograms(async (programs) => {
      const args = ["--program", "endless", "--seed", "3", "--schedules", "50", "--strategy", "random"];
      const program = gyreSim(programs, makeRaces(programs), "races.ts", ...args);
      assert.equal(await program.ended, 0, program.stderr);
      assert.match(program.stdout, /^endless passed: 5\d schedules, 5\d different; seed 3, /);
    }),
  );

  it(
    "searches in threads",
    withPrograms(async (programs) => {
      const folder = makeRaces(programs);
      const [kept, lost] = ["keeps", "lost"].map((name) =>
        gyreSim(programs, folder, "races.ts", "--program", name, "--workers", "2"),
      );
      assert.equal(await kept?.ended, 0, kept?.stderr);
      assert.match(kept?.stdout ?? "", /^keeps passed: \d+ schedules, 6 different, and there are no others;/);
      assert.equal(await lost?.ended, 1, lost?.stderr);
      assert.match(lost?.stdout ?? "", /^lost failed: /);
    }),
  );

  it(
    "ends within its budget of seconds",
    withPrograms(async (programs) => {
      const program = gyreSim(
        programs,
        makeRaces(programs),
        "races.ts",
        "--program",
        "endless",
        "--budget",
        "0.1",
      );
      assert.equal(await program.ended, 0, program.stderr);
    }),
  );

  it(
    "prints what was found so far when it is interrupted",
    withPrograms(async (programs) => {
      const args = ["--program", "endless", "--budget", "1000"];
      const program = gyreSim(
        programs,
        makeRaces(programs, {
          "told.ts": source.replace(
            "export function endless(sim: Sim) {",
            'let told = false;\nexport function endless(sim: Sim) {\n  if (!told) console.log("begun");\n  told = true;',
          ),
        }),
        "told.ts",
        ...args,
      );
      await program.until(/^begun/m);
      program.child.kill("SIGINT");
      assert.equal(await program.ended, 130, program.stderr);
      assert.match(program.stdout, /^endless ended by Ctrl-C, nothing failed in \d+ schedules/m);
      assert.match(program.stderr, /^gyre: ended by Ctrl-C/m);
    }),
  );

  it(
    "names the line of a loop without an end, and ends",
    withPrograms(async (programs) => {
      const text = `import { coroutine } from "gyre";
        export const waits = coroutine(function* waits(sim) {
          yield* sim.io("read", () => 0);
          while (!globalThis.isReady);
        });
        export const zero = () => {};`;
      const program = gyreSim(programs, makeRaces(programs, { "loop.mjs": text }), "loop.mjs");
      assert.equal(await program.ended, 1);
      assert.match(
        program.stderr,
        /^gyre: GYRE_SIM_STUCK: Cannot end a run of "waits": no step for \d+ s, one that waits or ends is wanted, at\n {2}at .*loop\.mjs:4:\d+\)?\n {2}not run: zero\n$/,
      );
    }),
  );

  it(
    "goes on behind a run that was long, and so was asked what it does",
    withPrograms(async (programs) => {
      const text = `import { coroutine } from "gyre";
        let isMade = false;
        export const makes = coroutine(function* makes(sim) {
          const endMs = isMade ? 0 : Date.now() + 3500;
          while (!isMade && Date.now() < endMs);
          isMade = true;
          yield* sim.io("read", () => 0);
          Math.random();
        });`;
      const program = gyreSim(programs, makeRaces(programs, { "long.mjs": text }), "long.mjs");
      assert.equal(await program.ended, 1);
      assert.match(program.stdout, /it calls Math\.random at long\.mjs:8:\d+/);
    }),
  );

  for (const [what, text, args, wanted] of [
    [
      "no program",
      "export const limit = 3;",
      [],
      /^gyre: Cannot simulate x\.mjs: it exports no function, a program is wanted\n$/,
    ],
    [
      "no such program",
      "export function one() {}",
      ["--program", "two"],
      /it has no program "two", one of one is wanted\n$/,
    ],
    [
      "a module that throws",
      "throw new Error('on purpose');",
      [],
      /^gyre: Cannot simulate x\.mjs: Error: on purpose\n +at .*x\.mjs:1:7/,
    ],
    [
      "a module that throws no Error",
      "throw { reason: 5 };",
      [],
      /^gyre: Cannot simulate x\.mjs: it threw an object of class Object, an Error is wanted\n$/,
    ],
    [
      "a module that throws an object with a message",
      'throw { message: "no disk" };',
      [],
      /: it threw an object of class Object with the message "no disk", an Error is wanted\n$/,
    ],
    [
      "a module that is no JavaScript",
      "export function one() {\n  return (1;\n}",
      [],
      /^gyre: Cannot simulate x\.mjs: SyntaxError: .+\n {4}at x\.mjs:2:\d+\n$/,
    ],
    [
      "a module that imports what is not there",
      'import { nothing } from "gyre";\nexport const one = nothing;',
      [],
      /^gyre: Cannot simulate x\.mjs: SyntaxError: .*'nothing'\n {4}at x\.mjs:1:10\n$/,
    ],
    [
      "a module that imports one which is no JavaScript",
      'import "data:text/javascript,export(";\nexport function one() {}',
      [],
      /^gyre: Cannot simulate x\.mjs: SyntaxError: .+\n {4}at data:text\/javascript,export\(:1:\d+\n$/,
    ],
    [
      "a budget of no time",
      "export function one() {}",
      ["--budget", "0"],
      /^gyre sim: --budget is "0", a number of 0\.001 to \d+ is wanted/,
    ],
    [
      "a token of another program",
      "export function one() {}",
      ["--replay", "g1.kP87c6-5agA"],
      /^gyre: GYRE_SIM_TOKEN_PROGRAM: Cannot replay g1\.kP87c6-5agA: /,
    ],
    [
      "an unknown strategy",
      "export function one() {}",
      ["--strategy", "luck"],
      /^gyre: Cannot simulate: strategy is "luck", one of auto, /,
    ],
    [
      "a number that is none",
      "",
      ["--seed", "x"],
      /^gyre sim: --seed is "x", a whole number of 0 to \d+ is wanted/,
    ],
  ] as const) {
    it(
      `ends with exit code 2 for ${what}`,
      withPrograms(async (programs) => {
        const program = gyreSim(programs, makeRaces(programs, { "x.mjs": text }), "x.mjs", ...args);
        assert.equal(await program.ended, 2);
        assert.match(program.stderr, wanted);
        assert.equal(program.stdout, "");
      }),
    );
  }

  it(
    "tells the place of an error of syntax in TypeScript, without the frames of what strips the types",
    withPrograms(async (programs) => {
      const folder = makeRaces(programs, { "bad.ts": "export function one(): void {\n  return (1;\n}" });
      const program = gyreSim(programs, folder, "bad.ts");
      assert.equal(await program.ended, 2);
      assert.match(program.stderr, /^gyre: Cannot simulate bad\.ts: [\s\S]*bad\.ts:2:1\d\b/);
      assert.doesNotMatch(program.stderr, /node_modules|node:|\[object/);
    }),
  );

  it(
    "shows codes for the terminal in what a program calls its things, and quotes for the shell",
    withPrograms(async (programs) => {
      const text = `export default {
          "a\\u001b[2Jb": () => { throw new Error("\\u001b]0;t\\u0007\\u0085"); },
          "it's fine": () => { throw new Error("on purpose"); },
          "c\\u001b[2J": () => {},
        };`;
      const folder = makeRaces(programs, { "odd name.mjs": text });
      const program = gyreSim(programs, folder, "odd name.mjs", "--draw");
      assert.equal(await program.ended, 1, program.stderr);
      assert.match(program.stdout, /^a\\x1b\[2Jb failed: /m);
      assert.match(program.stdout, /^c\\x1b\[2J passed: /m);
      const [, line = ""] = / {2}replay {2}npx gyre (sim .* 'it.*)$/m.exec(program.stdout) ?? [];
      assert.match(line, /^sim 'odd name\.mjs' --program 'it'\\''s fine' --replay g1\.\S+$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(program.stdout + program.stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    }),
  );

  it(
    "ends with exit code 2 without a file",
    withPrograms(async (programs) => {
      const program = gyreSim(programs, makeRaces(programs), "nothing.ts");
      assert.equal(await program.ended, 2);
      assert.equal(program.stderr, 'gyre sim: there is no file nothing.ts (see "gyre help sim")\n');
    }),
  );
});

describe("ProgressLine", () => {
  const progress = { schedules: 12_345, distinct: 99, perSecond: 4567.8, trying: "pct", share: 0.25 };
  const text = "lost: 12,345 schedules (4,568/s), 99 different, 25 % of the budget, trying pct";

  function watch(isTTY: boolean): { line: ProgressLine; written: () => string; pass: (ms: number) => void } {
    let written = "";
    let nowMs = 0;
    const output = { isTTY, columns: 60, write: (more: string) => (written += more) };
    const line = new ProgressLine(output, () => nowMs);
    line.begin("lost");
    return { line, written: () => written, pass: (ms) => (nowMs += ms) };
  }

  it("is written again in place on a terminal, as wide as that is, and taken away", () => {
    const { line, written } = watch(true);
    line.show(progress);
    line.show(progress);
    line.clear();
    const once = `\r\u001b[K${text.slice(0, 59)}`;
    assert.equal(written(), `${once}${once}\r\u001b[K`);
  });

  it("is a line every ten seconds at most elsewhere", () => {
    const { line, written, pass } = watch(false);
    line.show(progress);
    pass(10_000);
    line.show(progress);
    pass(9999);
    line.show(progress);
    line.clear();
    assert.equal(written(), `${text}\n`);
  });
});
