/**
 * What the main thread says of itself when its console's thread asks: in the
 * midst of whatever runs, so quickly, and without a change of anything.
 */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { withStackLimit } from "../base/index.ts";
import { isOwnFrame, translateFrame } from "../gen/index.ts";
import { type SnapshotOptions, snapshot } from "../trace/index.ts";
import { cancelById, currentRecording, setRecording } from "./inside.ts";
import type { KeptRecording } from "./kept-recording.ts";
import type { MainOverview } from "./live-source.ts";
import { type Answered, BEGUN } from "./shared.ts";
import type { Control, Stack } from "./source.ts";

/** Frames that a stack has at most. */
const FRAMES = 50;

export class Answers {
  readonly #state: Int32Array;
  /** In microseconds, each one more than it was: a histogram holds no 0. */
  readonly #latency: RecordableHistogram = createHistogram();

  readonly #kept: () => KeptRecording | undefined;

  /** @param kept - what is written at the end, if anything is */
  constructor(state: Int32Array, kept: () => KeptRecording | undefined) {
    this.#state = state;
    this.#kept = kept;
  }

  /** A timer came so much too late. */
  late(ms: number): void {
    this.#latency.record(1 + Math.max(0, Math.round(ms * 1000)));
  }

  /** @returns an `Answered` as JSON; never throws, as nobody here could catch it */
  answer(id: number, ask: string, json: string): string {
    Atomics.store(this.#state, BEGUN, id);
    try {
      return JSON.stringify({ ok: this.#answer(ask, JSON.parse(json)) } satisfies Answered);
    } catch (error) {
      // Of an answer that is longer than a text can be, too.
      const said = error instanceof Error ? error.message : String(error);
      return JSON.stringify({ error: said } satisfies Answered);
    }
  }

  #answer(ask: string, options: unknown): unknown {
    switch (ask) {
      case "snapshot":
        return snapshot(options as SnapshotOptions);
      case "stack":
        return currentStack();
      case "overview":
        return this.#overview();
      case "recording":
        return currentRecording();
      case "record":
        return setRecording((options as { on: boolean }).on);
      case "release": {
        const { signal, force } = options as { signal: NodeJS.Signals; force: boolean };
        return this.#kept()?.release(signal, force);
      }
      case "save":
        return this.#kept()?.save();
      default:
        return control(options as Control);
    }
  }

  #overview(): MainOverview {
    const { user, system } = process.cpuUsage();
    const histogram = this.#latency;
    const lateMs = (us: number): number => Math.round((us - 1) / 10) / 100;
    return {
      latencyMs:
        histogram.count === 0
          ? undefined
          : {
              p50: lateMs(histogram.percentile(50)),
              p99: lateMs(histogram.percentile(99)),
              max: lateMs(histogram.max),
            },
      heapUsedBytes: process.memoryUsage().heapUsed,
      cpuMs: Math.round((user + system) / 1000),
    };
  }
}

/** The stack below the inspector's expression: what runs; nothing while the thread waits. */
function currentStack(): Stack {
  const { stack } = withStackLimit(FRAMES + 6, () => new Error());
  const lines = String(stack).split("\n");
  const expression = lines.findIndex((line) => /^ +at (?:eval \(eval at )?<anonymous>:\d+:\d+/.test(line));
  // Asked by message, there is nothing below but Node's own dispatch of it.
  const below = expression < 0 ? [] : lines.slice(expression + 1);
  const own = below.filter(
    (line) => !isOwnFrame(line) && !/^ +at (?:async )?(?:.*\()?(?:node:|<anonymous>)/.test(line),
  );
  const translated = (found: readonly string[]): string[] => found.map((line) => translateFrame(line.trim()));
  return { frames: translated(below), telling: translated(own.length === 0 ? below : own) };
}

function control(command: Control): string {
  if (command.action === "cancel") return cancelById(command.id, command.reason);
  const changed = setRecording(command.on);
  if (command.on) return changed ? "it is recorded now" : "it was recorded already";
  return changed ? "it is recorded no longer" : "nothing was switched off: no reader has switched it on";
}
