/** One run again, by its token. */
import { Choices } from "./choices.ts";
import { checkFollowed, readRun } from "./followed.ts";
import { oneOf } from "./option-guards.ts";
import { checkOptionNames, type ExploreOptions, toSettings } from "./options.ts";
import { explain } from "./report/explain.ts";
import type { DeviationLine } from "./report/failure.ts";
import type { Program } from "./run.ts";
import { Steps } from "./steps.ts";

/**
 * What to do where the token cannot be followed: fail, take what plain order takes there and go on with the token, or go on in
 * plain order to the end.
 */
export type ReplayMode = "strict" | "lenient" | "continue";

export interface ReplayOptions extends Omit<ExploreOptions, "replay"> {
  /** Default "strict". */
  readonly mode?: ReplayMode;
}

/** One run. */
export interface RunResult {
  /** What went wrong; `undefined` when nothing did. */
  readonly error: Error | undefined;
  /** The decisions that were taken, up to the last that is not 0. */
  readonly choices: readonly number[];
  readonly deviations: readonly DeviationLine[];
  readonly steps: number;
  /** Stands for all that happened: the same in every process. */
  readonly hash: string;
  /** What happened, as a picture: lines of text. */
  readonly drawing: string;
  /** What the program logged. */
  readonly log: readonly string[];
  /** Milliseconds of virtual time that it took. */
  readonly elapsedMs: number;
}

const MODES: readonly ReplayMode[] = ["strict", "lenient", "continue"];

/**
 * Run `program` once, as `token` says.
 *
 * @throws {TokenError} for a token that is cut off, of a newer version, or of another program
 * @throws {ReplayDivergence} in the mode "strict", when the program goes another way than it did for the token
 */
export function replay(program: Program, token: string, options: ReplayOptions = {}): RunResult {
  checkOptionNames(options, ["mode"]);
  const given = toSettings(program, options);
  const { mode = "strict" } = options;
  oneOf("mode", mode, MODES);
  const { settings, run } = readRun(token, given);
  const records = { choices: new Choices(), steps: new Steps() };
  const explained = explain(program, run.choices, records, settings, mode === "continue");
  const { end, deviations, drawing, divergedAt, enabled } = explained;
  if (mode === "strict") checkFollowed(run, records, divergedAt, () => enabled);
  return {
    error: end.failing?.error,
    choices: records.choices.toArray(),
    deviations,
    steps: records.steps.length,
    hash: records.steps.hashText,
    get drawing() {
      return drawing();
    },
    log: end.sim._logged,
    elapsedMs: end.sim.time(),
  };
}
