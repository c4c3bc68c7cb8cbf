/** What a command of `gyre` is, and what it says when it is used wrongly. */
import { type ParseArgsConfig, parseArgs } from "node:util";

/** Exit codes; documented in `gyre help`. */
export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

export interface Command {
  readonly name: string;
  /** Arguments as help shows them, such as "PID". */
  readonly usage: string;
  /** One line, without a stop. */
  readonly summary: string;
  /** What else help says: options and what they do, examples. */
  readonly help: string;
  /** The names of its options, for completion. */
  readonly options: Options;
  /**
   * Do it.
   *
   * @param all - the commands there are, for those that tell of them
   * @returns the exit code; `undefined` when the process is to go on
   * @throws {UsageError} when the arguments are wrong; anything else is shown as a failure
   */
  run(args: readonly string[], all: Commands): Promise<number | undefined>;
}

/** By their names; each is loaded when it is used. */
export interface Commands {
  readonly [name: string]: () => Promise<Command>;
}

export type Options = NonNullable<ParseArgsConfig["options"]>;

/** The arguments are not as wanted; shown with a hint at the help. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Values of options, by their names. */
export interface Parsed {
  readonly values: { readonly [option: string]: string | boolean | (string | boolean)[] | undefined };
  readonly positionals: readonly string[];
}

/** @throws {UsageError} for an option that is not known, or lacks its value */
export function parse(args: readonly string[], options: Options): Parsed {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // The first sentence; what follows is a hint for programmers of such commands.
    const { message } = error as Error;
    const [, option] = /^Option '(?:-\w, )?(--[\w-]+).*' argument is ambiguous/.exec(message) ?? [];
    if (option !== undefined)
      throw new UsageError(`${option} is followed by what begins with "-", its value is wanted`);
    throw new UsageError(message.split(/\.\s/)[0]);
  }
}

/** @throws {UsageError} when there is not exactly one */
export function onlyArgument(positionals: readonly string[], what: string): string {
  const [first, ...others] = positionals;
  if (first === undefined) throw new UsageError(`${what} is missing`);
  if (others.length > 0)
    throw new UsageError(`too many arguments, one ${what} is wanted: ${others.join(" ")}`);
  return first;
}

/** @throws {UsageError} when `text` is no number of a process */
export function readPid(text: string): number {
  const pid = Number(text);
  if (!/^\d+$/.test(text) || pid < 1 || pid > 4_194_304)
    throw new UsageError(`PID is "${text}", the number of a process is wanted`);
  return pid;
}

/** What a number may be. */
export interface Range {
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
  /** Default true. */
  readonly isWhole?: boolean;
}

/** @throws {UsageError} when the option is there and is no number of `least` to `most` */
export function readNumber(
  { values }: Parsed,
  name: string,
  { fallback, least, most, isWhole = true }: Range,
): number {
  const text = values[name];
  if (text === undefined) return fallback;
  const number = Number(text);
  if (text === "" || !(number >= least && number <= most) || (isWhole && !Number.isInteger(number)))
    throw new UsageError(
      `--${name} is "${text}", a ${isWhole ? "whole " : ""}number of ${least} to ${most} is wanted`,
    );
  return number;
}
