/** From what a program, or the main function of a node, gave back to the Future of its end. */
import { Future, isThenable } from "../future/index.ts";
import { isGenerator, startCoroutine } from "../gen/index.ts";
import { UncontrolledAwaitError } from "./errors.ts";

/**
 * The Future to wait for; a generator is started, under the name of the function that made it.
 *
 * @param what - what the function is called in an error
 * @returns `undefined` when there is nothing to wait for
 * @throws {UncontrolledAwaitError} for a promise
 */
export function startedProgram(
  made: unknown,
  { name }: { readonly name: string },
  what: string,
): Future<unknown> | undefined {
  if (made instanceof Future) return made;
  if (isGenerator(made)) {
    const body = Object.defineProperty(() => made, "name", { value: name });
    return startCoroutine(body, undefined, []);
  }
  if (isThenable(made) || isAsync(made)) throw new UncontrolledAwaitError(what, ", as async functions do");
  return undefined;
}

/** An async generator is one. */
function isAsync(made: unknown): boolean {
  return typeof made === "object" && made !== null && Symbol.asyncIterator in made;
}
