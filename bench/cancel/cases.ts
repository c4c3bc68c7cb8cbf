/**
 * The cases of the cancel matrix: what happens in each library, said as a list of events.
 *
 * Each library says a case in its own file, in its own idiom, by noting events
 * in the order in which they happen. What is right is written here, once for
 * all; what was met and is wrong has its words here too.
 */
import { readFileSync } from "node:fs";

/** A wait that only a cancel ends, in milliseconds. */
export const LONG_MS = 1000;
/** A wait of a clean-up. */
export const CLEAN_UP_MS = 10;
/** Until what was started waits. */
export const START_MS = 5;

export interface Case {
  readonly title: string;
  /** The events that are right, in order; more than one list where both are. */
  readonly right: readonly string[];
  /** Words for outcomes that are not. */
  readonly wrong: { readonly [events: string]: string };
}

export const cases = {
  tryFinally: {
    title: "`try`/`finally` runs",
    right: ["finally"],
    wrong: { "": "never runs" },
  },
  waits: {
    title: "a clean-up may wait, three times",
    right: ["1, 2, 3"],
    wrong: {},
  },
  canceller: {
    title: "who cancels can wait for the clean-up",
    right: ["clean-up over, canceller goes on"],
    wrong: { "canceller goes on, clean-up over": "told too early" },
  },
  nested: {
    title: "nested clean-ups: the inner is over first",
    right: ["3 begins, 3 ends, 2 begins, 2 ends, 1 begins, 1 ends"],
    wrong: { "3 begins, 2 begins, 1 begins, 3 ends, 2 ends, 1 ends": "all at once" },
  },
  behind: {
    title: "nothing behind the wait runs",
    right: ["clean-up"],
    wrong: {},
  },
  helper: {
    title: "nor behind a helper called by `yield*`",
    right: ["helper's clean-up, caller's clean-up"],
    wrong: {
      "helper's clean-up, behind the helper, caller's clean-up": "runs on",
      "helper's clean-up, behind the helper, caller's clean-up, behind the caller": "runs on",
    },
  },
  second: {
    title: "a second cancel does not cut the clean-up",
    right: ["begins, ends"],
    wrong: { begins: "cut in half" },
  },
  begun: {
    title: "nor does a cancel that comes when it has begun",
    right: ["begins, ends"],
    wrong: { begins: "cut in half" },
  },
  error: {
    title: "an error of the clean-up reaches who waits",
    right: ["told"],
    wrong: { "": "lost", "unhandled rejection": "unhandled rejection" },
  },
  list: {
    title: "all members of a list are over first",
    right: ["b over, a over, list over"],
    wrong: { "list over, b over, a over": "told too early" },
  },
  race: {
    title: "the loser of a race is over first",
    right: ["loser over, race over"],
    wrong: { "race over, loser over": "told too early", "race over": "loser runs on" },
  },
  limit: {
    title: "what a limit has cut is over first",
    right: ["limited over, limit reported"],
    wrong: { "limit reported, limited over": "told too early" },
  },
  group: {
    title: "children nobody waits for stop with the parent",
    right: ["child over, parent over"],
    wrong: { "parent over, child over": "told too early" },
  },
  shared: {
    title: "work that others wait for too goes on",
    right: ["other has the result"],
    wrong: {},
  },
  signal: {
    title: "an AbortSignal hears of it",
    right: ["aborted"],
    wrong: {},
  },
  item: {
    title: "an item given in that very turn is not lost",
    right: ["still there", "received"],
    wrong: { lost: "lost" },
  },
} as const satisfies { readonly [name: string]: Case };

export type CaseName = keyof typeof cases;

/** Says that `event` has happened. */
export type Note = (event: string) => void;

/** One library; a case that it has no words for is left out. */
export interface Library {
  readonly name: string;
  readonly version: string;
  /** Each does its case, and ends when all that it waits for has. */
  readonly run: { readonly [K in CaseName]?: (note: Note) => PromiseLike<unknown> };
}

/** Real time, of no library. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The version of an installed package. From its file, because not all of them export their package.json. */
export function versionOf(name: string): string {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
