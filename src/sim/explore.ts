/**
 * A search for a schedule under which a program fails.
 *
 * All of it happens inside the call: no promise, no microtask.
 */
import type { ExploreReport } from "./explore-report.ts";
import { readRun } from "./followed.ts";
import { checkOptionNames, type ExploreOptions, tokenToReplay, toSettings } from "./options.ts";
import type { Program } from "./run.ts";
import { Search } from "./search.ts";
import { isTokenOf } from "./token.ts";

/**
 * Run `program` under many schedules, until one fails or the budget is used up.
 *
 * @throws {RangeError} {TypeError} for options that cannot be, and names that are none
 * @throws {TokenError} for a token that is none of this program
 */
export function explore(program: Program, options: ExploreOptions = {}): ExploreReport {
  checkOptionNames(options);
  const settings = toSettings(program, options);
  const replayed = tokenToReplay(options);
  // One from the environment is for the program whose name it has; one without a name could be any.
  const isMeant = ({ token, isAsked }: NonNullable<typeof replayed>): boolean =>
    isAsked || (settings.name !== "" && isTokenOf(token, settings.name));
  if (replayed === undefined || !isMeant(replayed)) {
    return new Search(program, settings).run();
  }
  const asked = readRun(replayed.token, settings);
  return new Search(program, asked.settings).replay(asked.run);
}
