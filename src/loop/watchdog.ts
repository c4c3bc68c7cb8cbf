/**
 * The watchdog of a loop: says which stack blocks the thread, while it blocks.
 *
 * A busy thread cannot look at itself. So a worker thread looks at a counter
 * that every turn of the loop moves on, and a timer of Node's between turns. If
 * the counter stands still for longer than the threshold, the worker interrupts
 * the main thread through the inspector: `#interrupt` then runs on top of the
 * very stack that blocks, an endless loop's as well. The debugger's pause could
 * say the same, but it makes every `await` slower while it is enabled.
 *
 * Source: Tornado `IOLoop.set_blocking_signal_threshold`, where the system's
 * alarm signal interrupts.
 */
import { isMainThread, Worker } from "node:worker_threads";
import { withStackLimit } from "../base/index.ts";
import type { Report } from "./report.ts";

/** Where the counter is in the shared memory: odd inside a turn of the loop, even outside. */
export const TURN = 0;
/** Is there anything to watch? 1 while the loop is started. */
export const ACTIVE = 1;
/** Frames that a report holds at most. */
const FRAMES = 50;
/** Under this name of the global object the worker finds whom to interrupt, by number. */
const REGISTRY = Symbol.for("gyre.watchdog");

/** What the worker is given. */
export interface WatchdogData {
  readonly turns: Int32Array;
  readonly thresholdMs: number;
  /** What the worker has the main thread evaluate, with the turn appended in parentheses. */
  readonly interrupt: string;
  /** Why it cannot interrupt the thread that it watches; `undefined` where it can. */
  readonly cannot: string | undefined;
}

/** What the worker says: the thread blocks, and why its stack cannot be read; or that it is done. */
export type WatchdogMessage = { readonly blocked: string } | "stopped";

/** The loop's thread has been busy without a pause for longer than the threshold. */
export class BlockedReport implements Report {
  readonly kind = "blocked";
  readonly thresholdMs: number;
  /** The frames of what runs, innermost first; empty where they cannot be read, and `text` says why. */
  readonly frames: readonly string[];
  readonly text: string;

  constructor(thresholdMs: number, frames: readonly string[], unreadable: string | undefined) {
    this.thresholdMs = thresholdMs;
    this.frames = frames;
    this.text = [
      unreadable === undefined
        ? `blocked: nothing else could run for ${thresholdMs} ms, because of`
        : `blocked: nothing else could run for ${thresholdMs} ms`,
      ...tellingFrames(frames).map((frame) => `  ${frame}`),
      ...(unreadable === undefined ? [] : [`  its stack cannot be read: ${unreadable}`]),
      "  let others run in between with `yield moment`, or do such work in a worker thread",
    ].join("\n");
  }
}

const OWN_FOLDER = new URL("..", import.meta.url).href;

/** The frames of the program itself: not gyre's, not Node's, unless there are no others. */
function tellingFrames(frames: readonly string[]): readonly string[] {
  const own = frames.filter(
    (frame) => !/^at (?:.*\()?(?:node:|<anonymous>)/.test(frame) && !frame.includes(OWN_FOLDER),
  );
  return own.length === 0 ? frames : own;
}

/** Why the inspector cannot interrupt this thread. To be asked here: in the worker it may end the process instead. */
export function whyUnreadable(): string | undefined {
  if (!isMainThread) return "this is not the main thread";
  // Present under the permission model only.
  const permission = process.permission as typeof process.permission | undefined;
  if (permission !== undefined && !permission.has("inspector"))
    return "the permission model refuses the inspector";
  return undefined;
}

type Interrupt = (turn: number) => boolean;

interface RegistryHolder {
  [REGISTRY]?: Map<number, Interrupt>;
}

let lastId = 0;

export class Watchdog {
  readonly #id = ++lastId;
  readonly #turns = new Int32Array(new SharedArrayBuffer(8));
  readonly #thresholdMs: number;
  readonly #report: (report: BlockedReport) => void;
  readonly #worker: Worker;
  readonly #beat: NodeJS.Timeout;

  /**
   * Begin to watch this thread.
   *
   * @param report - called in the midst of what blocks
   * @param onFailure - called when the watchdog's own thread fails; nothing is watched then
   * @throws what the system says when there can be no thread
   */
  constructor(
    thresholdMs: number,
    report: (report: BlockedReport) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#thresholdMs = thresholdMs;
    this.#report = report;
    const data: WatchdogData = {
      turns: this.#turns,
      thresholdMs,
      interrupt: `globalThis[Symbol.for("gyre.watchdog")]?.get(${this.#id})?.`,
      cannot: whyUnreadable(),
    };
    // Built, it stands beside this file as JavaScript; from the sources, as TypeScript, with the same flags as here.
    const built = import.meta.url.endsWith(".js");
    this.#worker = new Worker(new URL(`./watchdog-worker.${built ? "js" : "ts"}`, import.meta.url), {
      name: "gyre watchdog",
      workerData: data,
      ...(built ? { execArgv: [] } : {}),
    });
    this.#worker.on("message", (message: WatchdogMessage) => this.#hear(message));
    this.#worker.on("error", (error) => {
      this.stop();
      onFailure(error);
    });
    // After the listeners, which would keep the process alive again.
    this.#worker.unref();
    const holder = globalThis as RegistryHolder;
    holder[REGISTRY] ??= new Map();
    holder[REGISTRY].set(this.#id, (turn) => this.#interrupt(turn));
    this.#beat = setInterval(() => this.#moveOn(), Math.max(1, thresholdMs / 2)).unref();
  }

  /** The loop begins a turn. */
  turnBegins(): void {
    this.#turns[TURN] = ((this.#turns[TURN] as number) + 2) | 1;
  }

  /** The loop is about to wait. */
  turnEnds(): void {
    this.#turns[TURN] = ((this.#turns[TURN] as number) + 2) & ~1;
  }

  setActive(active: boolean): void {
    Atomics.store(this.#turns, ACTIVE, active ? 1 : 0);
  }

  /** End the thread, soon. */
  stop(): void {
    clearInterval(this.#beat);
    (globalThis as RegistryHolder)[REGISTRY]?.delete(this.#id);
    this.#worker.postMessage("stop");
  }

  /** Node called back between two turns of the loop. */
  #moveOn(): void {
    Atomics.add(this.#turns, TURN, 2);
  }

  /** Called by the worker, on top of whatever runs. @returns whether that was what blocked */
  #interrupt(turn: number): boolean {
    if (Atomics.load(this.#turns, TURN) !== turn) return false;
    const { stack } = withStackLimit(FRAMES + 4, () => new Error());
    // The first lines are the error's own, the two of its making, this method, its caller in the registry, and the
    // worker's expression.
    const frames = String(stack)
      .split("\n")
      .slice(6)
      .map((frame) => frame.trim());
    // Nothing below: the thread waits for the system, or for its turn on the processor.
    if (frames.length === 0) return false;
    this.#report(new BlockedReport(this.#thresholdMs, frames, undefined));
    return true;
  }

  #hear(message: WatchdogMessage): void {
    // A worker that ends right after it disconnected from the inspector ends the
    // process: it has stopped asking, and ends when it knows that this was heard.
    if (message === "stopped") this.#worker.postMessage("end");
    else this.#report(new BlockedReport(this.#thresholdMs, [], message.blocked));
  }
}
