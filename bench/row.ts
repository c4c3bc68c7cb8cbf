/**
 * A row of the speed table, and how it leaves the process that measured it.
 *
 * `tools/bench.mjs` starts each measurement with `--rows=FILE` and reads the
 * rows from that file, a line of JSON each. What is printed is for people only.
 */
import { appendFileSync } from "node:fs";

/**
 * What a row has to reach. Ratios are the other's figure in gyre's: above 1, gyre is better. Against "libraries" is
 * against every peer but native.
 */
export type Goal =
  | { readonly against: string; readonly atLeast: number }
  /** gyre's own figure, in the unit of the row. */
  | { readonly atMost: number };

export interface Row {
  readonly title: string;
  readonly unit: "us" | "ms" | "B" | "kB" | "%" | "schedules" | "characters";
  /** The figure of each contender in `unit`, gyre's too; smaller is better. */
  readonly figures: { readonly [contender: string]: number };
  /** How many times gyre's figure each other contender has. */
  readonly ratios: { readonly [contender: string]: number };
  readonly goals: readonly Goal[];
  /** Contenders that are no npm packages, with their versions: "6.2" of Tornado. */
  readonly versions: { readonly [contender: string]: string };
  /** Contenders that this row could have and this machine has not. */
  readonly absent: readonly string[];
}

const FLAG = "--rows=";
const path = process.argv.find((arg) => arg.startsWith(FLAG))?.slice(FLAG.length);

/** Give `row` to whoever started this process, if they want to have it. */
export function publish(row: Row): void {
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(row)}\n`);
}
