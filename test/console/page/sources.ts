/** Programs and recordings to show, made of plain data. */
import type { ConsoleSource, Control } from "../../../src/console/index.ts";
import type { Recording, Row, Snapshot, SnapshotOptions, TraceEvent } from "../../../src/trace/index.ts";

/** A coroutine that waits for a promise, but for what is given. */
export function makeRow(row: Partial<Row> & { readonly id: number }): Row {
  return {
    name: "work",
    ownerId: undefined,
    state: "waiting",
    on: ["a promise"],
    at: undefined,
    ageMs: 1000,
    labels: [],
    ...row,
  };
}

export function makeSnapshot(rows: readonly Row[], changes: Partial<Snapshot> = {}): Snapshot {
  return {
    at: "2026-01-02T03:04:05.678Z",
    pid: 4711,
    program: "shop.ts",
    node: "v20.20.0",
    uptimeMs: 90_000,
    loop: { running: true, ready: 0, callbacks: 0, timers: 0, descriptors: 0 },
    total: rows.length,
    rows,
    deadlocks: [],
    recorder: { on: false, events: 0, dropped: 0 },
    ...changes,
  };
}

/**
 * A request that asks two others and is answered after 100 ms:
 * at 0 handle #1 starts, at 1 it starts fetchUser #2 and waits for it, at 41 that is woken, and so on.
 */
export function makeRecording(changes: Partial<Recording> = {}): Recording {
  const line = { file: "/srv/shop/app.ts", line: 13, column: 5 };
  const events: TraceEvent[] = [
    { kind: "start", atUs: 0, id: 1 },
    { kind: "start", atUs: 1000, id: 2 },
    { kind: "note", atUs: 1200, id: 2, text: ">http GET /u/7" },
    { kind: "wait", atUs: 1500, id: 2, on: "a promise", line },
    { kind: "wait", atUs: 2000, id: 1, on: 2, line },
    { kind: "wake", atUs: 41_000, id: 2, by: undefined },
    { kind: "step", atUs: 41_100, id: 2 },
    { kind: "wake", atUs: 41_400, id: 1, by: 2 },
    { kind: "end", atUs: 41_400, id: 2, how: "result" },
    { kind: "step", atUs: 41_500, id: 1 },
    { kind: "start", atUs: 42_000, id: 3 },
    { kind: "wait", atUs: 42_500, id: 3, on: "sleep 50 ms" },
    { kind: "wait", atUs: 43_000, id: 1, on: 3 },
    { kind: "wake", atUs: 92_000, id: 3, by: undefined },
    { kind: "step", atUs: 92_100, id: 3 },
    { kind: "end", atUs: 93_000, id: 3, how: "error" },
    { kind: "wake", atUs: 93_000, id: 1, by: 3 },
    { kind: "step", atUs: 93_500, id: 1 },
    { kind: "end", atUs: 100_000, id: 1, how: "result" },
  ];
  return {
    version: 1,
    program: { name: "shop.ts", pid: 4711, node: "v20.20.0", startedAt: "2026-01-02T03:04:05.000Z" },
    dropped: 0,
    endUs: 100_000,
    cutOff: false,
    works: [
      { id: 1, name: "handle", ownerId: undefined, labels: ["req-7"] },
      { id: 2, name: "fetchUser", ownerId: 1, labels: [] },
      { id: 3, name: "saveOrder", ownerId: 1, labels: [] },
    ],
    events,
    ...changes,
  };
}

/** A program that does nothing but stand still as `snapshot` says, and remembers what it was told to do. */
export class StillSource implements ConsoleSource {
  readonly kind: "live" | "recording";
  readonly commands: Control[] = [];
  /** What snapshots were asked for. */
  readonly asked: SnapshotOptions[] = [];
  readonly #snapshot: Snapshot;
  readonly #recording: Recording | undefined;

  constructor(snapshot: Snapshot, recording?: Recording, kind: "live" | "recording" = "live") {
    this.kind = kind;
    this.#snapshot = snapshot;
    this.#recording = recording;
  }

  async snapshot(options: SnapshotOptions): Promise<Snapshot> {
    this.asked.push(options);
    const { limit = 1000 } = options;
    return { ...this.#snapshot, rows: this.#snapshot.rows.slice(0, limit) };
  }

  async overview(): ReturnType<ConsoleSource["overview"]> {
    return { latencyMs: undefined, slowTurns: [], blockedAfterMs: 100, heapUsedBytes: 1e7, cpuMs: 12 };
  }

  async blocked(): ReturnType<ConsoleSource["blocked"]> {
    return undefined;
  }

  async stack(): ReturnType<ConsoleSource["stack"]> {
    return { frames: [], telling: [] };
  }

  async recording(): Promise<Recording> {
    if (this.#recording === undefined) throw new Error("Cannot give the recording: nothing is recorded");
    return this.#recording;
  }

  async control(command: Control): Promise<string> {
    this.commands.push(command);
    return "It was done";
  }
}
