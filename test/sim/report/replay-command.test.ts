import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { replayCommand, type Started } from "../../../src/sim/report/replay-command.ts";
import { builds, ensureBuilt, ownEnvironment, root, run } from "../../../tools/setup.mjs";

const plain: Started = {
  argv: ["/usr/bin/node", "/srv/app/test/x.test.ts"],
  execArgv: [],
  execPath: "/usr/bin/node",
  cwd: "/srv/app",
  vitestFile: undefined,
};

describe("replayCommand()", () => {
  it("leaves out what says nothing of how the file is read", () => {
    const execArgv = ["--max-http-header-size=16384", "--import=tsx", "--icu-data-dir=", "--no-warnings"];
    assert.equal(
      replayCommand("g1.x", { ...plain, execArgv }),
      "GYRE_SIM_REPLAY=g1.x node --import=tsx test/x.test.ts",
    );
  });

  it("starts Node with the options that its file needs", () => {
    const started = {
      ...plain,
      execArgv: ["--import", "./a b.mjs", "--test", "--test-only", "-C", "source"],
    };
    assert.equal(
      replayCommand("g1.x", started),
      "GYRE_SIM_REPLAY=g1.x node --import './a b.mjs' -C source test/x.test.ts",
    );
  });

  it("names nothing where there is no file", () => {
    assert.equal(replayCommand("g1.x", { ...plain, argv: ["node"] }), "GYRE_SIM_REPLAY=g1.x node");
  });

  it("quotes a path as a shell wants it", () => {
    const started = { ...plain, argv: ["node", "/srv/app/it's.ts"] };
    assert.equal(replayCommand("g1.x", started), "GYRE_SIM_REPLAY=g1.x node 'it'\\''s.ts'");
  });

  it("escapes what cannot be seen in a path", () => {
    const started = { ...plain, argv: ["node", "/srv/app/it's\u001b[2J\n\\.ts"] };
    assert.equal(replayCommand("g1.x", started), "GYRE_SIM_REPLAY=g1.x node $'it\\'s\\x1b[2J\\x0a\\\\.ts'");
  });

  describe("run as it says", { concurrency: 2 }, () => {
    let folder = "";
    before(
      async () => {
        await ensureBuilt(builds.gyre);
        folder = mkdtempSync(join(tmpdir(), "gyre-replay-"));
        mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
        for (const name of ["tsx", "vitest", ".bin/tsx", ".bin/vitest"])
          symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
        symlinkSync(root, join(folder, "node_modules", "gyre"));
        writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
        const story = `import { coroutine } from "gyre";
          import { check } from "gyre/sim";
          const add = coroutine(function* add(sim, at) { yield* sim.io("read", () => 0); const seen = at.value; yield* sim.io("write", () => 0); at.value = seen + 1; });
          function lost(sim) {
            const at = { value: 0 };
            add(sim, at); add(sim, at);
            return () => { if (at.value !== 2) throw new Error("lost"); };
          }
          const test = () => check(lost);`;
        writeFileSync(
          join(folder, "node.test.mjs"),
          `import { it } from "node:test"; ${story} it("keeps", test);`,
        );
        writeFileSync(join(folder, "vi.test.ts"), `import { it } from "vitest"; ${story} it("keeps", test);`);
        writeFileSync(join(folder, "plain.ts"), `${story} const typed: number = 1; void typed; test();`);
      },
      { timeout: 120_000 },
    );
    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const [how, command, wanted] of [
      ["node --test", ["--test", "node.test.mjs"], "node node.test.mjs"],
      ["vitest", ["node_modules/vitest/vitest.mjs", "run", "vi.test.ts"], "npx vitest run vi.test.ts"],
      ["tsx", ["node_modules/tsx/dist/cli.mjs", "plain.ts"], "npx tsx plain.ts"],
      ["Node with tsx", ["--import", "tsx", "plain.ts"], "node --import tsx plain.ts"],
    ] as const) {
      it(`fails again at once, under ${how}`, async () => {
        const env = ownEnvironment();
        const first = await run(process.execPath, [...command], { cwd: folder, env, limitMs: 60_000 });
        const [, line = first.output] = /replay {2}(GYRE_SIM_REPLAY=.*)$/m.exec(first.output) ?? [];
        const [, token = ""] = /^GYRE_SIM_REPLAY=(\S+) /.exec(line) ?? [];
        assert.equal(line, `GYRE_SIM_REPLAY=${token} ${wanted}`);
        const again = await run("sh", ["-c", line], { cwd: folder, env, limitMs: 60_000 });
        assert.match(again.output, /lost failed: error, replayed$/m);
        assert.ok(again.output.includes(`token   ${token}`), again.output);
      });
    }
  });
});
