/** What locks, queues and the like are called. */
import { describe } from "../base/index.ts";

export interface NameOptions {
  /** What it is called where one reads who waits for it. */
  readonly name?: string | undefined;
}

/**
 * The name among `options`.
 *
 * @param what - what is to be made, such as "lock"
 * @throws {TypeError} when the options are none, or the name is no string
 */
export function nameOf(options: NameOptions, what: string): string | undefined {
  const article = /^[aeiou]/.test(what) ? "an" : "a";
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot make ${article} ${what}: the options are ${describe(options)}, such as { name: "a" } are wanted`,
    );
  }
  const { name } = options;
  if (name !== undefined && typeof name !== "string")
    throw new TypeError(`Cannot make ${article} ${what}: its name is ${describe(name)}, a string is wanted`);
  return name;
}
