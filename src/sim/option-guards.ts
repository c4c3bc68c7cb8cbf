/** Guards for options: each names the option, what came, and what is wanted. */
import { describe } from "../base/index.ts";

export function atLeast(name: string, value: number, least: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new RangeError(
    `Cannot simulate: ${name} is ${describe(value)}, a number of at least ${least} is wanted`,
  );
}

export function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`Cannot simulate: ${name} is ${describe(value)}, a whole number is wanted`);
}

export function oneOf(name: string, value: string, wanted: readonly string[]): void {
  if (!wanted.includes(value)) {
    throw new RangeError(
      `Cannot simulate: ${name} is ${describe(value)}, one of ${wanted.join(", ")} is wanted`,
    );
  }
}

/** @param action - what it is for, such as "lose packets" @returns `value` */
export function checkProbability(value: number, action: string): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new RangeError(
    `Cannot ${action}: the probability is ${describe(value)}, a number from 0 to 1 is wanted`,
  );
}

/** @param isOne - says of each whether it is what is wanted, or throws */
export function listOf<T>(
  name: string,
  value: readonly T[],
  wanted: string,
  isOne: (each: T) => boolean,
): readonly T[] {
  if (!Array.isArray(value))
    throw new TypeError(`Cannot simulate: ${name} is ${describe(value)}, a list of ${wanted} is wanted`);
  for (const [at, each] of value.entries()) {
    if (!isOne(each))
      throw new TypeError(`Cannot simulate: ${name}[${at}] is ${describe(each)}, ${wanted} are wanted`);
  }
  return value;
}

/** A whole number in the environment variable `name`; `undefined` when there is none. */
export function fromEnvironment(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot simulate: ${name} is ${JSON.stringify(text)}, a whole number is wanted`);
  }
  return value;
}
