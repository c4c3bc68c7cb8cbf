import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { styleFor } from "../../src/cli/print.ts";
import { root } from "../../tools/setup.mjs";
import { Programs, withPrograms } from "../console/child.ts";

/** Run a command that needs no process. */
async function gyre(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const programs = new Programs();
  try {
    const { code, stdout, output } = await programs.gyre(...args);
    return { code, stdout, stderr: output.replace(stdout, "") };
  } finally {
    await programs.end();
  }
}

describe("gyre", { concurrency: 2 }, () => {
  it("says how it is used when nothing is asked, which is no success", async () => {
    const { code, stdout } = await gyre();
    assert.equal(code, 2);
    for (const name of Object.keys(commands)) assert.match(stdout, new RegExp(`^ {2}gyre ${name}\\b`, "m"));
    assert.match(stdout, /Exit codes: 0 done, 1 failed .*, 2 wrong use/);
  });

  it("says the same when it is asked for, which is one", async () => {
    const asked = await Promise.all([gyre("help"), gyre("--help"), gyre("-h")]);
    assert.deepEqual(
      asked.map(({ code }) => code),
      [0, 0, 0],
    );
    assert.equal(new Set(asked.map(({ stdout }) => stdout)).size, 1);
  });

  it("tells its version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.deepEqual(await gyre("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
  });

  for (const [args, message] of [
    [["fly"], 'gyre: there is no command "fly" (see "gyre help")'],
    [["help", "fly"], 'gyre help: there is no command "fly" (see "gyre help help")'],
    [["ps", "x"], 'gyre ps: PID is "x", the number of a process is wanted (see "gyre help ps")'],
    [["ps", "1", "2"], 'gyre ps: too many arguments, one PID is wanted: 2 (see "gyre help ps")'],
    [["ps", "--attach"], 'gyre ps: PID is missing (see "gyre help ps")'],
    [["ps", "1", "--limit", "-3"], /^gyre ps: .*--limit/],
    [
      ["ps", "1", "--limit=many"],
      'gyre ps: --limit is "many", a whole number of 1 to 10000000 is wanted (see "gyre help ps")',
    ],
    [["tree"], 'gyre tree: PID is missing (see "gyre help tree")'],
    [["stack", "1", "--loud"], `gyre stack: Unknown option '--loud' (see "gyre help stack")`],
    [
      ["trace", "1", "--seconds", "601"],
      'gyre trace: --seconds is "601", a number of 0 to 600 is wanted (see "gyre help trace")',
    ],
    [["draw"], 'gyre draw: FILE is missing (see "gyre help draw")'],
    [
      ["draw", "x", "--format", "png"],
      /^gyre draw: --format is "png", one of text, ascii, mermaid, svg, perfetto is wanted/,
    ],
    [
      ["view", "x", "--port", "70000"],
      /^gyre view: --port is "70000", a whole number of 0 to 65535 is wanted/,
    ],
    [["run"], 'gyre run: FILE is missing (see "gyre help run")'],
    [["run", "--loud", "x.ts"], /^gyre run: Unknown option '--loud'/],
    [["completion", "csh"], /^gyre completion: the shell is "csh", one of bash, zsh, fish is wanted/],
  ] as const) {
    it(`refuses "${args.join(" ")}" with exit code 2`, async () => {
      const { code, stdout, stderr } = await gyre(...args);
      assert.deepEqual([code, stdout], [2, ""]);
      if (typeof message === "string") assert.equal(stderr, `${message}\n`);
      else assert.match(stderr, message);
    });
  }

  for (const [name, load] of Object.entries(commands)) {
    it(`explains ${name}, each of its options too`, async () => {
      const command = await load();
      const { code, stdout } = await gyre("help", name);
      assert.equal(code, 0);
      assert.ok(stdout.startsWith(`gyre ${name}`), stdout);
      for (const option of Object.keys(command.options)) assert.ok(stdout.includes(`--${option}`), option);
      assert.deepEqual(await gyre(name, "--help"), { code: 0, stdout, stderr: "" });
    });
  }

  it(
    "is no failure when its reader has seen enough",
    withPrograms(async (programs) => {
      const cli = [process.execPath, "--import", "./tools/strip.mjs", "-C", "source", "src/cli/main.ts"].join(
        " ",
      );
      const script = `set -o pipefail; ${cli} help | head -n 1`;
      const { status, stderr } = spawnSync("bash", ["-c", script], {
        cwd: root,
        env: programs.env,
        encoding: "utf8",
      });
      assert.deepEqual([status, stderr], [0, ""]);
    }),
  );
});

describe("gyre completion", () => {
  it(
    "completes commands, options and processes in bash",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("waits");
      const { stdout } = await programs.gyre("completion", "bash");
      const script = `
      gyre() { "${process.execPath}" --import ./tools/strip.mjs -C source src/cli/main.ts "$@"; }
      ${stdout}
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gyre; echo "\${COMPREPLY[*]}"; }
      try gyre t; try gyre ps --a; try gyre stack ""; try gyre completion f`;
      const tried = spawnSync("bash", ["-c", script], { cwd: root, env: programs.env, encoding: "utf8" });
      assert.equal(tried.stderr, "");
      assert.deepEqual(tried.stdout.trim().split("\n"), ["tree trace", "--attach", String(pid), "fish"]);
    }),
  );

  for (const [shell, wanted] of [
    ["zsh", /^#compdef gyre\n/],
    ["fish", /^complete -c gyre -n __fish_use_subcommand -f -a run /],
  ] as const) {
    it(`knows all commands and options in ${shell}`, async () => {
      const { stdout } = await gyre("completion", shell);
      assert.match(stdout, wanted);
      for (const [name, load] of Object.entries(commands)) {
        assert.ok(stdout.includes(name), name);
        for (const option of Object.keys((await load()).options)) assert.ok(stdout.includes(option), option);
      }
    });
  }
});

describe("styleFor()", () => {
  const isPlain = (isTTY: boolean, env: NodeJS.ProcessEnv): boolean =>
    styleFor({ isTTY }, env).alarm("x") === "x";

  it("colours on a terminal only, and not with NO_COLOR", () => {
    assert.equal(isPlain(true, {}), false);
    assert.equal(isPlain(true, { NO_COLOR: "" }), false);
    assert.equal(isPlain(true, { NO_COLOR: "1" }), true);
    assert.equal(isPlain(true, { TERM: "dumb" }), true);
    assert.equal(isPlain(false, {}), true);
  });
});
