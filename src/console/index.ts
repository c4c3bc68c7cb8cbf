/**
 * gyre/console: what a program does and waits for, seen from outside of it.
 *
 * Only what is light stands here, as `gyre ps` must answer at once: the runtime and the page are loaded when used.
 */
export { connectAll, connectProcess, ProcessClient, UnreachableError } from "./client.ts";
export {
  columns,
  formatBlocked,
  formatDuration,
  formatHead,
  formatRows,
  formatSummary,
  formatTree,
  plainStyle,
  type Style,
} from "./format.ts";
export type { Console, ConsoleOptions } from "./options.ts";
export type { Hello } from "./protocol.ts";
export type { Blocked, ConsoleSource, Control, Overview, SlowTurn, Stack } from "./source.ts";
export { startConsole } from "./start.ts";
export { type View, viewRecording } from "./view.ts";
