/** Making a program visible from outside of it. */
import type { Console, ConsoleOptions } from "./options.ts";

/**
 * Start the console of this process: a thread that answers `gyre ps`, `gyre stack` and the page,
 * also while the program is in an endless loop.
 *
 * The thread never keeps the process alive, and ends with it.
 *
 * @returns resolves when it answers
 * @throws {Error} in a worker thread, when the process has one already, and when there can be no thread
 * @throws {TypeError} {RangeError} when `blockedAfterMs` is no finite number > 0
 */
export async function startConsole(options: ConsoleOptions = {}): Promise<Console> {
  // Only now: this door is the command line's too, which must answer at once.
  const { openConsole } = await import("./console.ts");
  return await openConsole(options);
}
