/** A recording at one of its times, as if the program still ran: what the scrubber moves over. */
import {
  deadlocksAt,
  type Recording,
  type Row,
  type Snapshot,
  type TraceEvent,
  type Work,
} from "../../trace/index.ts";

interface Live {
  readonly work: Work;
  startUs: number | undefined;
  state: Row["state"];
  on: readonly (number | string)[];
  /** Was it reported that its owner ended while nobody waited for it? */
  isOrphan: boolean;
  line: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

/**
 * What ran and waited at `atUs`.
 *
 * A coroutine whose start was lost is taken to be there from the beginning, with nothing known of what it waits for.
 *
 * @param limit - how many rows it has at most
 */
export function snapshotAt(recording: Recording, atUs: number, limit: number): Snapshot {
  const { program, works, events } = recording;
  const live = liveAt(recording, atUs);
  const rows: Row[] = [];
  for (const { id } of works) {
    if (rows.length >= limit) break;
    const found = live.get(id);
    if (found !== undefined) rows.push(rowOf(found, atUs));
  }
  const ready = [...live.values()].filter(({ state }) => state === "ready").length;
  return {
    at: new Date(Date.parse(program.startedAt) + atUs / 1000).toISOString(),
    pid: program.pid,
    program: program.name,
    node: program.node,
    uptimeMs: atUs / 1000,
    loop: { running: true, ready, callbacks: 0, timers: 0, descriptors: 0 },
    total: live.size,
    rows,
    deadlocks: deadlocksAt(recording, atUs),
    recorder: { on: false, events: events.length, dropped: recording.dropped },
  };
}

function liveAt({ works, events }: Recording, atUs: number): Map<number, Live> {
  const byId = new Map(works.map((work) => [work.id, work]));
  const live = new Map<number, Live>();
  const started = new Set<number>();
  for (const event of events) {
    if (event.kind === "start") started.add(event.id);
  }
  for (const work of works) {
    if (!started.has(work.id))
      live.set(work.id, {
        work,
        startUs: undefined,
        state: "waiting",
        on: [],
        isOrphan: false,
        line: undefined,
      });
  }
  for (const event of events) {
    if (event.atUs > atUs) break;
    if (event.kind === "note") continue;
    if (event.kind === "end") {
      live.delete(event.id);
      for (const id of event.orphans ?? []) {
        const orphan = live.get(id);
        if (orphan !== undefined) orphan.isOrphan = true;
      }
      continue;
    }
    const work = byId.get(event.id);
    if (work === undefined) continue;
    const before = live.get(event.id);
    live.set(event.id, {
      work,
      startUs: event.kind === "start" ? event.atUs : before?.startUs,
      isOrphan: before?.isOrphan === true,
      ...stateAfter(event),
    });
  }
  return live;
}

function stateAfter(event: TraceEvent): Pick<Live, "state" | "on" | "line"> {
  if (event.kind === "wait") return { state: "waiting", on: [event.on], line: event.line };
  return { state: event.kind === "wake" ? "ready" : "running", on: [], line: undefined };
}

function rowOf({ work, startUs, state, on, line, isOrphan }: Live, atUs: number): Row {
  const { id, name, ownerId, labels } = work;
  const ageMs = startUs === undefined ? undefined : (atUs - startUs) / 1000;
  const shared = { id, name, ownerId, state, on, ageMs, labels, at: undefined };
  const row: Row = isOrphan ? { ...shared, isOrphan } : shared;
  if (line === undefined) return row;
  const { file } = line;
  return { ...row, at: `${file}:${line.line}:${line.column}`, file, line: line.line };
}
