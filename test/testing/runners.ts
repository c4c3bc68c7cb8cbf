/** The runners that users of gyre have, each run on fixtures of ours to its end. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { ownEnvironment, root, run } from "../../tools/setup.mjs";

/** What a runner says of one test. */
export interface Outcome {
  readonly passed: boolean;
  /** The stack of what it failed with. */
  readonly text: string;
}

/** By the name of the test, in the order in which they ran. */
export type Outcomes = ReadonlyMap<string, Outcome>;

/** Each runs `node.fixture.ts`, or what `vitest.config.mjs` names, in `folder`. */
export const runners: Readonly<Record<string, (folder: string) => Promise<Outcomes>>> = {
  vitest: runVitest,
  "node:test": runNode,
};

async function runVitest(folder: string): Promise<Outcomes> {
  const words = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--reporter=json"];
  const config = ["--config", join(folder, "vitest.config.mjs")];
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

async function runNode(folder: string): Promise<Outcomes> {
  const reporter = ["--test-reporter", join(root, "test", "testing", "fixtures", "reporter.mjs")];
  const words = [...sourceFlags, ...reporter, "--test-reporter-destination", "stdout"];
  const file = join(folder, "node.fixture.ts");
  const { stdout } = await run(process.execPath, [...words, file], { env: ownEnvironment() });
  const told = stdout.split("\n").filter((line) => line.startsWith("{"));
  return new Map(
    told.map((line) => {
      const { name, passed, text } = JSON.parse(line);
      return [name, { passed, text }];
    }),
  );
}
