/** Rules that say which operations may fail, and with what. The first rule that fits an operation is the one. */
import { describe } from "../base/index.ts";
import { checkProbability, oneOf } from "./option-guards.ts";

export interface FaultRule {
  /** Which operations: the label, the beginning of it with "*" behind, a pattern, or a function of the label. */
  readonly on: string | RegExp | ((label: string) => boolean);
  /** Makes what the operation fails with. */
  readonly error: () => Error;
  /** How often in one run, at most. Default 1. */
  readonly times?: number;
  /** How probable a fault is where a search draws at random; 0 to 1. Default 0.1. */
  readonly probability?: number;
  /** Has its effect happened all the same, as when only the answer is lost? Default: the search decides. */
  readonly effect?: "happens" | "does not" | "either";
}

const USUAL_PROBABILITY = 0.1;
const EFFECTS = ["happens", "does not", "either"];

/**
 * @returns true
 * @throws {TypeError} when `rule` is none
 * @throws {RangeError} when one of its numbers cannot be
 */
export function checkFaultRule(rule: FaultRule): boolean {
  const { on, error, times = 1, probability = USUAL_PROBABILITY, effect = "either" } = rule ?? {};
  const isMatcher = typeof on === "string" || on instanceof RegExp || typeof on === "function";
  if (!isMatcher || typeof error !== "function") {
    throw new TypeError(
      `Cannot make a fault of ${describe(rule)}${keysOf(rule)}: { on, error } with a label, pattern or function and a function is wanted`,
    );
  }
  const name = inWords(on);
  if (!(times >= 0)) {
    throw new RangeError(`Cannot make a fault on ${name}: times is ${describe(times)}, 0 or more is wanted`);
  }
  checkProbability(probability, `make a fault on ${name}`);
  oneOf(`effect of the fault on ${name}`, effect, EFFECTS);
  return true;
}

/** The rules of a search: how often each was used in this run, and whether it ever fitted. */
export class Faults {
  readonly rules: readonly FaultRule[];
  readonly #used: number[];
  readonly #fitted = new Set<number>();

  constructor(rules: readonly FaultRule[]) {
    this.rules = rules;
    this.#used = rules.map(() => 0);
  }

  /** A run begins, and none was used in it. */
  begin(): void {
    for (let at = 0; at < this.#used.length; at++) this.#used[at] = 0;
  }

  /** There is an operation called `label`: which rules are on it, whether they may hit it or not? */
  look(label: string): void {
    if (this.#fitted.size === this.rules.length) return;
    for (const [at, { on }] of this.rules.entries())
      if (!this.#fitted.has(at) && fits(on, label)) this.#fitted.add(at);
  }

  /** Those that fitted some operation of some run: their places. */
  fitted(): readonly number[] {
    return [...this.#fitted];
  }

  /** Others have seen that those at `places` fit. */
  fit(places: readonly number[]): void {
    for (const at of places) this.#fitted.add(at);
  }

  /** What those are on that fitted nothing. */
  unfitted(): readonly string[] {
    const idle = this.rules.filter((_, at) => !this.#fitted.has(at));
    return idle.map(({ on }) => inWords(on));
  }

  /** The rule for an operation called `label`, if it may fail now. */
  ruleFor(label: string): FaultRule | undefined {
    for (const [at, rule] of this.rules.entries()) {
      if (!fits(rule.on, label)) continue;
      return (this.#used[at] as number) < (rule.times ?? 1) ? rule : undefined;
    }
    return undefined;
  }

  /** `rule` made a fault. */
  count(rule: FaultRule): void {
    const at = this.rules.indexOf(rule);
    if (at >= 0) this.#used[at] = (this.#used[at] as number) + 1;
  }
}

/** How probable a fault by `rule` is. */
export function probabilityOf(rule: FaultRule): number {
  return rule.probability ?? USUAL_PROBABILITY;
}

/** What a rule that is none has: its names may be misspelled. */
function keysOf(rule: unknown): string {
  const names = typeof rule === "object" && rule !== null ? Object.keys(rule) : [];
  return names.length === 0 ? "" : ` (with ${names.join(", ")})`;
}

function inWords(on: FaultRule["on"]): string {
  if (typeof on === "string") return JSON.stringify(on);
  return typeof on === "function" ? "a function" : String(on);
}

function fits(on: FaultRule["on"], label: string): boolean {
  if (typeof on === "function") return on(label);
  // Unlike test(), it keeps no place in a pattern with the flag "g" from run to run.
  if (on instanceof RegExp) return label.search(on) >= 0;
  return on.endsWith("*") ? label.startsWith(on.slice(0, -1)) : label === on;
}
