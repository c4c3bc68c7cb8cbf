/** From the ring of a recorder to a recording. */
import { Future } from "../future/index.ts";
import type { Location, Owned } from "../gen/index.ts";
import { END, HELD, LABEL, LINE, LOOP, NOTE, ORPHAN, START, STEP, WAIT, WAIT_TEXT, WAKE } from "./kinds.ts";
import { liveWorks } from "./live-works.ts";
import { labelsOf } from "./note.ts";
import type { End, Held, Program, Recording, TraceEvent, Work } from "./recording.ts";
import type { EventRing, RawEvent } from "./ring.ts";
import { Steps } from "./steps.ts";
import type { Texts } from "./texts.ts";

const ENDS: readonly End[] = ["result", "error", "cancel"];
const UNKNOWN = "unknown";

interface Known {
  name: string | undefined;
  ownerId: number | undefined;
  readonly labels: string[];
}

/** How it was written. */
export interface RingState {
  /** Are there the beginnings of all steps, and all waits? */
  readonly hasSteps: boolean;
  /** Whose step was on the stack at the end. */
  readonly runningId: number | undefined;
  /** Had all that was ready run since the last event? */
  readonly isTurnOver: boolean;
  /** What time it was then. */
  readonly atNs: number;
}

/**
 * What is in `ring` now. Events whose text is gone count as dropped.
 *
 * Where steps were not written, each stands where it must have been.
 */
export function readRing(ring: EventRing, texts: Texts, program: Program, state: RingState): Recording {
  const known = new Map<number, Known>();
  const steps = new Steps(new Future()._describe());
  const told = steps.events;
  const knownOf = (id: number): Known => {
    let work = known.get(id);
    if (work === undefined) {
      work = { name: undefined, ownerId: undefined, labels: [] };
      known.set(id, work);
    }
    return work;
  };
  let { dropped } = ring.count();
  let turnsOver = 0;
  const lines = new Map<number, Location | undefined>();
  /** By their owners, whose ends are to come. */
  const orphans = new Map<number, number[]>();
  for (const raw of ring.events()) {
    const { kind, id } = raw;
    if (!state.hasSteps) {
      if (turnsOver < raw.turnsOver) steps.turnIsOver();
      turnsOver = raw.turnsOver;
      steps.setTime(raw.atNs / 1000);
      tell(steps, raw);
    }
    if (kind === LOOP) continue;
    if (id !== 0) {
      const work = knownOf(id);
      if (kind === START) {
        work.name ??= texts.text(raw.text);
        if (raw.value !== 0) work.ownerId = raw.value;
      } else if (kind >= END && kind < NOTE) work.name ??= texts.text(raw.value);
      else if (kind === LABEL) {
        const text = texts.text(raw.value);
        if (text !== undefined && !work.labels.includes(text)) work.labels.push(text);
        continue;
      } else if (kind === LINE) {
        addToWait(told, id, { line: lineOf(raw.value, texts, lines) });
        continue;
      } else if (kind === HELD) {
        const name = texts.text(raw.text);
        addToWait(told, id, { held: name === undefined ? undefined : { name, by: raw.value } });
        knownOf(raw.value);
        continue;
      } else if (kind === ORPHAN) {
        orphans.set(raw.value, [...(orphans.get(raw.value) ?? []), id]);
        continue;
      }
    }
    let event = toEvent(raw, texts);
    const left = event?.kind === "end" ? orphans.get(id) : undefined;
    if (event?.kind === "end" && left !== undefined) event = { ...event, orphans: left };
    if (event === undefined) dropped++;
    else told.push(event);
  }
  if (!state.hasSteps) {
    if (state.isTurnOver) steps.turnIsOver();
    steps.finish(state.runningId);
  }
  const events = told.filter((event) => event !== undefined);
  // Others are mentioned only, or were started before the oldest event.
  for (const event of events) {
    if (event.kind === "wait" && typeof event.on === "number") knownOf(event.on);
    if (event.kind === "wake" && event.by !== undefined) knownOf(event.by);
  }
  completeFromLive(known, knownOf);
  const works = [...known]
    .map(([id, { name = UNKNOWN, ownerId, labels }]): Work => ({ id, name, ownerId, labels }))
    .sort((a, b) => a.id - b.id);
  const endUs = Math.max(state.atNs / 1000, events.at(-1)?.atUs ?? 0);
  return { version: 1, program, dropped, endUs, cutOff: false, works, events };
}

/** What `raw`, which comes now, means for steps. */
function tell(steps: Steps, { kind, id, value }: RawEvent): void {
  switch (kind) {
    case START:
    case WAKE:
      if (value === 0) steps.worldDoes();
      else steps.does(value);
      if (kind === START) steps.starts(id);
      else steps.isWoken(id, value === 0);
      break;
    case LOOP:
      steps.enterLoop(id, value);
      break;
    case WAIT:
    case WAIT_TEXT:
      steps.waits(id);
      break;
    case NOTE:
      if (id !== 0) steps.does(id);
      break;
    default:
      if (kind >= END && kind < NOTE) steps.ends(id);
  }
}

/** What is not known from events: of those that still run, the process itself knows it. */
function completeFromLive(known: Map<number, Known>, knownOf: (id: number) => Known): void {
  if (![...known.values()].some(({ name }) => name === undefined)) return;
  const live = new Map<number, Owned<unknown>>();
  for (const work of liveWorks()) live.set(work.id, work);
  // More may come behind: owners.
  const left = [...known.keys()];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const work = knownOf(id);
    if (work.name === undefined) {
      const found = live.get(id);
      if (found === undefined) continue;
      work.name = found.name;
      work.ownerId ??= found.owner?.id;
      for (const text of labelsOf(found)) if (!work.labels.includes(text)) work.labels.push(text);
    }
    if (work.ownerId !== undefined && !known.has(work.ownerId)) {
      knownOf(work.ownerId);
      left.push(work.ownerId);
    }
  }
}

/** The last event is the wait that this is of, unless that one is lost. */
function addToWait(
  events: (TraceEvent | undefined)[],
  id: number,
  { line, held }: { readonly line?: Location | undefined; readonly held?: Held | undefined },
): void {
  const wait = events.at(-1);
  if (wait?.kind !== "wait" || wait.id !== id) return;
  if (line !== undefined) events[events.length - 1] = { ...wait, line };
  else if (held !== undefined) events[events.length - 1] = { ...wait, held };
}

function toEvent({ kind, id, value, atNs }: RawEvent, texts: Texts): TraceEvent | undefined {
  const atUs = atNs / 1000;
  switch (kind) {
    case START:
      return { kind: "start", atUs, id };
    case WAIT:
      return { kind: "wait", atUs, id, on: value };
    case WAIT_TEXT:
      return { kind: "wait", atUs, id, on: texts.text(value) ?? "something" };
    case WAKE:
      return { kind: "wake", atUs, id, by: value === 0 ? undefined : value };
    case STEP:
      return { kind: "step", atUs, id };
    case NOTE: {
      const said = texts.text(value);
      return said === undefined
        ? undefined
        : { kind: "note", atUs, id: id === 0 ? undefined : id, text: said };
    }
    default:
      return { kind: "end", atUs, id, how: ENDS[kind - END] as End };
  }
}

function lineOf(
  number: number,
  texts: Texts,
  lines: Map<number, Location | undefined>,
): Location | undefined {
  if (!lines.has(number)) {
    const [, line, column, file] = /^(\d+):(\d+):(.*)$/s.exec(texts.text(number) ?? "") ?? [];
    lines.set(number, file === undefined ? undefined : { file, line: Number(line), column: Number(column) });
  }
  return lines.get(number);
}
