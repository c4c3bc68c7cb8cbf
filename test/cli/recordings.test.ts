import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { writeRecording } from "../../src/trace/index.ts";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { type Programs, withPrograms } from "../console/child.ts";
import { makeRecording } from "../console/page/sources.ts";

function write(programs: Programs): string {
  const path = join(programs.folder, "run.trace");
  writeRecording(path, makeRecording());
  return path;
}

describe("gyre draw", { concurrency: 2 }, () => {
  for (const [format, wanted] of [
    ["text", /handle #1.*fetchUser #2/],
    ["ascii", /^[\n\x20-\x7e]+$/],
    ["mermaid", /^sequenceDiagram\n/],
    ["svg", /^<svg [\s\S]*<\/svg>\s*$/],
    ["perfetto", /"traceEvents":\[/],
  ] as const) {
    it(
      `draws ${format}`,
      withPrograms(async (programs) => {
        const { code, stdout, output } = await programs.gyre(
          "draw",
          write(programs),
          "--request",
          "req-7",
          "--format",
          format,
        );
        assert.equal(code, 0, output);
        assert.match(stdout, wanted);
      }),
    );
  }

  it(
    "writes into a file",
    withPrograms(async (programs) => {
      const file = join(programs.folder, "run.svg");
      const { code, stdout } = await programs.gyre("draw", write(programs), "--format=svg", "-o", file);
      assert.deepEqual([code, stdout], [0, ""]);
      assert.match(readFileSync(file, "utf8"), /^<svg /);
    }),
  );

  it(
    "is no wider than it is asked to be, and folds lanes for that",
    withPrograms(async (programs) => {
      const works = Array.from({ length: 7 }, (_, at) => ({
        id: at + 1,
        name: `a-coroutine-with-a-long-name-${at}`,
        ownerId: at === 0 ? undefined : 1,
        labels: [],
      }));
      const path = join(programs.folder, "wide.trace");
      const events = works.map(({ id }) => ({ kind: "start", atUs: id, id }) as const);
      writeRecording(path, makeRecording({ works, events }));
      for (const columns of [60, 120]) {
        const { stdout } = await programs.gyre("draw", path, "--columns", String(columns));
        const widths = stdout.split("\n").map(({ length }) => length);
        assert.ok(Math.max(...widths) <= columns, stdout);
        assert.equal(/folded into the lane/.test(stdout), columns === 60);
      }
      const { code, output } = await programs.gyre("draw", path, "--columns=39");
      assert.equal(code, 2);
      assert.match(output, /^gyre draw: --columns is "39", a whole number of 40 to 1000 is wanted/);
    }),
  );

  it(
    "says which requests there are when the one that is asked for is not",
    withPrograms(async (programs) => {
      const { code, output } = await programs.gyre("draw", write(programs), "--request", "req-8");
      assert.equal(code, 1);
      assert.match(
        output,
        /^gyre: Cannot draw .*req-8.*, one of these is wanted:\n {2}handle #1 \(req-7\)\n$/,
      );
    }),
  );

  it(
    "lists the requests that there are as JSON, also into a file",
    withPrograms(async (programs) => {
      const path = write(programs);
      const { code, stdout } = await programs.gyre("draw", path, "--json");
      const requests = JSON.parse(stdout);
      assert.deepEqual([code, requests.length], [0, 1]);
      assert.deepEqual([requests[0].id, requests[0].name, requests[0].labels], [1, "handle", ["req-7"]]);
      const file = join(programs.folder, "requests.json");
      await programs.gyre("draw", path, "--json", "-o", file);
      assert.equal(readFileSync(file, "utf8"), stdout);
      const refused = await programs.gyre("draw", path, "--json", "--request", "req-7");
      assert.equal(refused.code, 2);
      assert.match(
        refused.output,
        /^gyre draw: --json lists requests and draws none, --request is for a drawing/,
      );
    }),
  );

  it(
    "draws what is there of a recording that was cut off, and says so",
    withPrograms(async (programs) => {
      const path = write(programs);
      const text = readFileSync(path, "utf8");
      writeFileSync(path, text.slice(0, text.lastIndexOf("\n", text.length - 40)));
      const { code, stdout, output } = await programs.gyre("draw", path);
      assert.equal(code, 0, output);
      assert.match(stdout, /handle #1/);
      assert.match(output, /gyre: the recording .* was cut off: its end is missing\n/);
    }),
  );

  for (const [what, text, wanted] of [
    ["is of a newer version", '{"gyre":"recording","version":2}\n', /version/],
    ["is no recording", '{"name":"gyre"}\n', /recording/],
    ["is empty", "", /recording/],
  ] as const) {
    it(
      `refuses a file that ${what}`,
      withPrograms(async (programs) => {
        const path = join(programs.folder, "wrong.trace");
        writeFileSync(path, text);
        for (const command of ["draw", "view"]) {
          const { code, stdout, output } = await programs.gyre(command, path);
          assert.deepEqual([code, stdout], [1, ""]);
          assert.match(output, /^gyre: Cannot read the recording .*wrong\.trace: /);
          assert.match(output, wanted);
        }
      }),
    );
  }

  it(
    "refuses a file that is not there",
    withPrograms(async (programs) => {
      const { code, output } = await programs.gyre("draw", join(programs.folder, "no.trace"));
      assert.equal(code, 1);
      assert.match(output, /^gyre: Cannot read the recording .*no\.trace: there is no such file\n$/);
    }),
  );
});

describe("gyre view", () => {
  it(
    "serves the page over a recording, to who has its address",
    withPrograms(async (programs) => {
      const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
      const program = programs.spawn([...sourceFlags, main, "view", write(programs)]);
      const [, address = ""] = await program.until(/^(http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)$/m);
      assert.match(program.stdout, /^\S*run\.trace: 19 events of 3 coroutines\n/);
      assert.equal((await fetch(address)).status, 200);
      assert.notEqual((await fetch(new URL("/", address))).status, 200);
      program.child.kill("SIGTERM");
      assert.equal(await program.ended, "SIGTERM");
    }),
  );
});
