/** One contract, two runners: `gyre/testing` does the same under vitest as under Node's own. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { root, run } from "../../tools/setup.mjs";
import { cases } from "./fixtures/cases.ts";

const fixtures = join(root, "test", "testing", "fixtures");
const lines = readFileSync(join(fixtures, "cases.ts"), "utf8").split("\n");

/** What a runner says of one test. */
interface Outcome {
  readonly passed: boolean;
  /** The stack of what it failed with. */
  readonly text: string;
}

type Outcomes = ReadonlyMap<string, Outcome>;

/** The environment, without what tells a runner that it is inside of another one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _node, VITEST: _vitest, ...env } = process.env;
  return env;
}

async function runVitest(): Promise<Outcomes> {
  const words = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--reporter=json"];
  const config = ["--config", join(fixtures, "vitest.config.mjs")];
  const { stdout, output } = await run(process.execPath, [...words, ...config], { env: ownEnvironment() });
  assert.ok(stdout.includes("{"), output);
  interface Result {
    readonly title: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }
  const { testResults } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
    testResults: { assertionResults: Result[] }[];
  };
  return new Map(
    testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .map(({ title, status, failureMessages }) => [
        title,
        { passed: status === "passed", text: failureMessages.join("\n") },
      ]),
  );
}

async function runNode(): Promise<Outcomes> {
  const reporter = [
    "--test-reporter",
    join(fixtures, "reporter.mjs"),
    "--test-reporter-destination",
    "stdout",
  ];
  const words = [...sourceFlags, ...reporter, join(fixtures, "node.fixture.ts")];
  const { stdout } = await run(process.execPath, words, { env: ownEnvironment() });
  const told = stdout.split("\n").filter((line) => line.startsWith("{"));
  return new Map(
    told.map((line) => {
      const { name, passed, text } = JSON.parse(line);
      return [name, { passed, text }];
    }),
  );
}

/** The place of the line that has `comment` in it, as a stack shows it. */
function placeOf(comment: string): string {
  return `cases.ts:${lines.findIndex((line) => line.includes(`// ${comment}`)) + 1}:`;
}

for (const [runner, start] of Object.entries({ vitest: runVitest, "node:test": runNode })) {
  describe(`a test under ${runner}`, () => {
    let outcomes: Outcomes;
    before(async () => {
      outcomes = await start();
    });

    for (const [name, { fails, shows = [] }] of Object.entries(cases)) {
      it(name, () => {
        const outcome = outcomes.get(name);
        assert.ok(outcome !== undefined, `${runner} has run it`);
        const { passed, text } = outcome;
        assert.equal(passed, fails === undefined, text);
        if (fails !== undefined) assert.match(text, fails);
        const frames = text.split("\n").filter((line) => line.startsWith("    at "));
        for (const [at, comment] of shows.entries()) {
          assert.ok(
            frames[at]?.includes(placeOf(comment)),
            `${frames[at]} is ${placeOf(comment)}, ${comment}`,
          );
        }
      });
    }

    it("is all that was run", () => {
      assert.deepEqual([...outcomes.keys()], Object.keys(cases));
    });
  });
}
