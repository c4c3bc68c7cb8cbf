/**
 * gyre/sim/fast-check: data by fast-check, schedules by gyre, and both made small.
 *
 * fast-check draws data and makes it smaller; for each datum a small search looks for
 * a schedule that fails. A smaller datum is tried with the schedule that failed last
 * before any other; the schedule is made small once the data is.
 */
import * as fc from "fast-check";
import { describe, GyreError } from "../base/index.ts";
import { isCoroutineFunction } from "../gen/index.ts";
import { readRun } from "./followed.ts";
import { type ExploreOptions, tokenToReplay, toSettings } from "./options.ts";
import { saveDrawing } from "./report/drawing-file.ts";
import type { SimFailureInfo } from "./report/failure.ts";
import type { Program } from "./run.ts";
import { Search } from "./search.ts";

/** Options of both: `seed` is that of the data and of the schedules; `schedules` are for each datum, 100 by default. */
export interface PropertyOptions<T>
  extends Omit<ExploreOptions, "workers" | "onProgress" | "replayCommand">,
    Pick<
      fc.Parameters<[T]>,
      "numRuns" | "path" | "examples" | "endOnFailure" | "interruptAfterTimeLimit" | "skipAllAfterTimeLimit"
    > {}

/** What was tried, and the smallest that failed. */
export interface PropertyReport<T> {
  /** Data, those of making it smaller left out, and schedules, all of them. */
  readonly numRuns: number;
  readonly numShrinks: number;
  readonly schedules: number;
  readonly seed: number;
  /** The datum that fails, and where fast-check finds it; `undefined` when none does. */
  readonly counterexample: T | undefined;
  readonly path: string | undefined;
  /** How it fails. */
  readonly failure: SimFailureInfo | undefined;
  /** In one line, or the failure's text. */
  readonly text: string;
}

/** Thrown by `checkProperty`. Its message is the whole report; `cause` is the error itself. */
export class PropertyFailure extends GyreError {
  /** Not shown where the error is printed as an object, as the message has it all. */
  declare readonly failure: SimFailureInfo;
  /** The datum that fails. */
  readonly counterexample: unknown;

  constructor(failure: SimFailureInfo, counterexample: unknown, text: string) {
    super("GYRE_SIM_PROPERTY", text, { cause: failure.error });
    Object.defineProperty(this, "failure", { value: failure });
    this.counterexample = counterexample;
  }
}

const USUAL_SCHEDULES = 100;

/**
 * Look for a datum and a schedule that fail together.
 *
 * @param programOf - makes the program for a datum; called for each run, and must not change the datum
 * @throws {RangeError} for options that cannot be
 * @throws {TypeError} for arguments that cannot be, and when the program changes a datum
 * @throws {Error} what fast-check reports when there is no program to run: too many data are refused, say
 */
export function exploreProperty<T>(
  arbitrary: fc.Arbitrary<T>,
  programOf: (data: T) => Program,
  options: PropertyOptions<T> = {},
): PropertyReport<T> {
  checkArguments(arbitrary, programOf);
  const { numRuns, path, examples, endOnFailure, interruptAfterTimeLimit, skipAllAfterTimeLimit, ...search } =
    options;
  const given = { numRuns, path, examples, endOnFailure, interruptAfterTimeLimit, skipAllAfterTimeLimit };
  const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const property = new Property(programOf, search);
  const details = fc.check(
    fc.property(arbitrary, (data) => property.try(data)),
    { ...wanted, seed: property.seed },
  );
  return property.report(details);
}

/**
 * The same as a test: silent when nothing fails.
 *
 * @throws {PropertyFailure} when something does; the message has the datum, and how to run it again
 * @throws as `exploreProperty`
 */
export function checkProperty<T>(
  arbitrary: fc.Arbitrary<T>,
  programOf: (data: T) => Program,
  options: PropertyOptions<T> = {},
): void {
  const { failure, counterexample, text } = exploreProperty(arbitrary, programOf, options);
  if (failure === undefined) return;
  const name = options.name ?? programOf.name;
  const file = failure.drawing === "" ? undefined : saveDrawing(name, failure.token, failure.drawing);
  throw new PropertyFailure(
    failure,
    counterexample,
    file === undefined ? text : `${text}\n  drawing ${file}`,
  );
}

/** @throws {TypeError} when they are none */
function checkArguments(arbitrary: unknown, programOf: unknown): void {
  // One of another copy of fast-check is of another class.
  const { generate } = (arbitrary ?? {}) as { readonly generate?: unknown };
  if (typeof generate !== "function")
    throw new TypeError(
      `Cannot check the property: its data are ${describe(arbitrary)}, an arbitrary such as fc.integer() is wanted`,
    );
  if (typeof programOf !== "function" || isCoroutineFunction(programOf))
    throw new TypeError(
      `Cannot check the property: came ${describe(programOf)}${typeof programOf === "function" ? ", which is a program" : ""}, a function that makes one is wanted: (data) => coroutine(function* (sim) { ... })`,
    );
}

class Property<T> {
  readonly seed: number;
  readonly #programOf: (data: T) => Program;
  readonly #options: ExploreOptions;
  readonly #name: string;
  #schedules = 0;
  /** A datum that was changed by the program, as it was before. */
  #changed: string | undefined = undefined;
  /** What the function gave back that was to make a program. */
  #noProgram: string | undefined = undefined;
  /** Are runs to be looked at, whether they depend on their decisions only? */
  #looksAtRuns = true;
  /** Of what failed last, which is the smallest so far. */
  #choices: readonly number[] | undefined = undefined;

  constructor(programOf: (data: T) => Program, options: ExploreOptions) {
    this.#programOf = programOf;
    this.#name = options.name ?? programOf.name;
    this.#options = { schedules: USUAL_SCHEDULES, ...options, name: this.#name };
    this.seed = toSettings(() => {}, this.#options).seed;
  }

  /** @throws what a run failed with */
  try(data: T): void {
    if (this.#changed !== undefined || this.#noProgram !== undefined) return;
    const before = fc.stringify(data);
    // Data that are refused are so before anything runs.
    const made: unknown = this.#programOf(fc.cloneIfNeeded(data));
    if (typeof made !== "function") {
      this.#noProgram = describe(made);
      return;
    }
    const { failure, schedules } = this.#search(data, { shrink: false });
    this.#schedules += schedules;
    // fast-check would make it smaller for ever.
    if (fc.stringify(data) !== before) {
      this.#changed = before;
      return;
    }
    // The others are the same program, which need not be looked at again, unless that is what is wrong.
    this.#looksAtRuns &&= failure?.kind === "nondeterminism" || failure?.kind === "uncontrolled";
    if (failure === undefined) return;
    if (!fc.PreconditionFailure.isFailure(failure.error)) this.#choices = failure.choices;
    throw failure.error;
  }

  report(details: fc.RunDetails<[T]>): PropertyReport<T> {
    const { numRuns, numShrinks, seed, failed, counterexample, counterexamplePath } = details;
    if (this.#noProgram !== undefined)
      throw new TypeError(
        `Cannot check the property: ${describe(this.#programOf)} gave back ${this.#noProgram}, a program is wanted: (data) => coroutine(function* (sim) { ... })`,
      );
    if (this.#changed !== undefined)
      throw new TypeError(
        `Cannot check the property: its program changes the data ${this.#changed}, a copy is wanted, as it runs more than once`,
      );
    const tried = { numRuns, numShrinks, schedules: this.#schedules, seed };
    const name = this.#name === "" ? "the property" : this.#name;
    if (!failed) {
      const text = `${name} passed: ${numRuns} data, ${this.#schedules} schedules; seed ${seed}`;
      return { ...tried, counterexample: undefined, path: undefined, failure: undefined, text };
    }
    const path = counterexamplePath ?? "";
    const [data] = counterexample ?? [];
    const again = (token: string): string =>
      `checkProperty(..., { seed: ${seed}, path: "${path}", replay: "${token}" })`;
    const found =
      this.#choices === undefined
        ? undefined
        : this.#search(data as T, { replayCommand: again }, this.#choices).failure;
    // Not by a run: the data is refused, or there is no program for it.
    if (found === undefined)
      throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
    const text = found.text.replace("\n", () => `\n  data    ${fc.stringify(data)}\n`);
    return { ...tried, counterexample: data as T, path, failure: { ...found, text }, text };
  }

  #search(data: T, options: ExploreOptions, first = this.#choices): ReturnType<Search["run"]> {
    const program: Program = (sim) =>
      (this.#programOf(fc.cloneIfNeeded(data)) as (one: typeof sim) => ReturnType<Program>)(sim);
    const isLooked = this.#looksAtRuns || this.#options.determinism === "each";
    const determinism = isLooked ? {} : { determinism: "never" };
    const all = { ...this.#options, ...options, ...determinism } as ExploreOptions;
    const settings = toSettings(program, all);
    const token = tokenToReplay(all);
    if (token === undefined || !token.isAsked) return new Search(program, settings).run(first);
    const asked = readRun(token.token, settings);
    return new Search(program, asked.settings).replay(asked.run);
  }
}
