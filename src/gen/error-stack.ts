/**
 * Errors one can read: the stack of an error that crosses coroutines shows the
 * line at which each of them waited, up to the root, and none of the runtime's
 * own frames.
 *
 * JavaScript's stack ends at whoever resumed the failing coroutine, which is the
 * runtime. The lines above it are known to V8 only as places of suspended
 * generators, and to ask costs about 100 us. So there is a budget: a program
 * that throws thousands of errors a second pays for the first hundred.
 *
 * A thrown value is the user's: its `stack` may be a getter, it may be a proxy
 * that throws. Nothing here may fail because of it.
 */
import { pathToFileURL } from "node:url";
import { Budget } from "../base/index.ts";
import { Future, PromiseFuture } from "../future/index.ts";
import { isOwnFrame, waitingLine } from "./location.ts";
import { Owned } from "./owned.ts";
import { PromiseWait } from "./promise-wait.ts";

/** Stacks that are worked on in one second, at most. */
const budget = new Budget(100);
/** Lines of waits that one error collects, at most. */
const MOST_WAITING_LINES = 32;

/** How far an error has come. */
interface Journey {
  /** The id of the coroutine that it was in last. */
  at: number;
  /** How many lines of waits it has collected. */
  lines: number;
}

/**
 * An error goes up from who failed to who waits, and is followed there only: one
 * that many wait for, of a promise that they share, or that is thrown again
 * later, would collect lines that have nothing to do with each other, for ever.
 */
const journeys = new WeakMap<Error, Journey>();

/** `error` has left `failed`: take the runtime's frames out of its stack. */
export function cleanStack(error: unknown, failed: Owned<unknown>): void {
  withStack(error, (known) => {
    if (journeys.has(known)) return undefined;
    journeys.set(known, { at: failed.id, lines: 0 });
    return (frames) => frames;
  });
}

/** `error`, with which `source` failed, is about to be thrown in where `waiter` waits: add that line. */
export function addWaitingLine(error: unknown, source: Future<unknown>, waiter: Owned<unknown>): void {
  if (waiter._generator === undefined) return;
  withStack(error, (known) => {
    const journey = journeys.get(known);
    if (journey !== undefined && !(continues(journey, source) && journey.lines < MOST_WAITING_LINES))
      return undefined;
    journeys.set(known, { at: waiter.id, lines: (journey?.lines ?? 0) + 1 });
    return (frames) => [...frames, frameOf(waiter)];
  });
}

/** `error` says that what `waiter` has yielded cannot be waited for: add that line, above who runs it. */
export function addYieldLine(error: unknown, waiter: Owned<unknown>): void {
  withStack(error, (known) => {
    if (journeys.has(known)) return undefined;
    journeys.set(known, { at: waiter.id, lines: 1 });
    return (frames) => [frameOf(waiter), ...frames];
  });
}

/** Where `waiter` waits, as Node writes the frames of modules. */
function frameOf({ name, _generator: generator }: Owned<unknown>): string {
  const line = generator && waitingLine(generator);
  const place = line === undefined ? "<waiting>" : `${pathToFileURL(line.file)}:${line.line}:${line.column}`;
  return `    at ${name} (${place})`;
}

/** Does an error come from where it was last, when it comes from `source`? A combinator passes on what it was given. */
function continues(journey: Journey, source: Future<unknown>): boolean {
  if (source instanceof Owned) return source.id === journey.at;
  return !(source instanceof PromiseWait || source instanceof PromiseFuture) && source.constructor !== Future;
}

/** Change the frames of `error`, if it is an Error and the budget lasts. A stack that cannot be changed stays. */
function withStack(
  error: unknown,
  change: (known: Error) => ((frames: string[]) => string[]) | undefined,
): void {
  if (typeof error !== "object" || error === null || !budget.take()) return;
  try {
    if (!(error instanceof Error)) return;
    const { stack } = error;
    if (typeof stack !== "string") return;
    const lines = stack.split("\n");
    // The message comes first, and may have several lines.
    const at = lines.findIndex((line) => /^\s+at /.test(line));
    const changed = at < 0 ? undefined : change(error);
    if (changed === undefined) return;
    const frames = lines.slice(at).filter((line) => !isOwnFrame(line));
    error.stack = [...lines.slice(0, at), ...changed(frames)].join("\n");
  } catch {
    // A getter or a proxy of the user's threw, or the error is frozen: it travels on as it is.
  }
}
