/** What a recording says over time: when coroutines ran, which there were to ask for, and what became of one. */
import { type Recording, requestsOf as recordedRequests, type TraceEvent } from "../../trace/index.ts";
import type { History, Lane, Request, Timeline } from "./wire.ts";

/** More events of one coroutine say nothing more to a reader. */
const MOST_EVENTS = 200;
/** What is narrower than this part of the shown range is drawn as one. */
const RESOLUTION = 1 / 800;
const DENSITY_PARTS = 120;

interface Life {
  startUs: number | undefined;
  endUs: number | undefined;
  how: string | undefined;
  /** Begin of the step that runs. */
  runningSinceUs: number | undefined;
  busyUs: number;
  steps: number;
  readonly runs: [number, number][];
}

/** Each coroutine's life; runs closer than `gapUs` to each other are one. */
function livesOf({ events, endUs }: Recording, gapUs: number): Map<number, Life> {
  const lives = new Map<number, Life>();
  for (const event of events) {
    if (event.id === undefined || event.kind === "note") continue;
    let life = lives.get(event.id);
    if (life === undefined) {
      life = {
        startUs: undefined,
        endUs: undefined,
        how: undefined,
        runningSinceUs: undefined,
        busyUs: 0,
        steps: 0,
        runs: [],
      };
      lives.set(event.id, life);
    }
    take(life, event, gapUs);
  }
  for (const life of lives.values()) stopRunning(life, endUs, gapUs);
  return lives;
}

function take(life: Life, event: TraceEvent, gapUs: number): void {
  const { kind, atUs } = event;
  if (kind === "start" || kind === "step") {
    if (kind === "start") life.startUs = atUs;
    life.runningSinceUs = atUs;
    life.steps++;
    return;
  }
  if (kind !== "wait" && kind !== "end") return;
  stopRunning(life, atUs, gapUs);
  if (kind === "end") {
    life.endUs = atUs;
    life.how = event.how;
  }
}

/** A step that runs is over at `atUs`, or seen no further. */
function stopRunning(life: Life, atUs: number, gapUs: number): void {
  const { runningSinceUs: sinceUs } = life;
  if (sinceUs === undefined) return;
  life.busyUs += atUs - sinceUs;
  const last = life.runs.at(-1);
  if (last !== undefined && sinceUs - last[1] < gapUs) last[1] = atUs;
  else life.runs.push([sinceUs, atUs]);
  life.runningSinceUs = undefined;
}

/**
 * When the coroutines of a recording ran.
 *
 * @param limit - how many lanes it has at most, in the order of starting
 */
export function timelineOf(recording: Recording, fromUs: number, toUs: number, limit: number): Timeline {
  const { endUs: durationUs } = recording;
  const lives = livesOf(recording, Math.max(1, (toUs - fromUs) * RESOLUTION));
  const depths = new Map<number, number>();
  const lanes: Lane[] = [];
  let total = 0;
  let quiet = 0;
  for (const { id, name, ownerId, labels } of recording.works) {
    const depth = ownerId === undefined ? 0 : (depths.get(ownerId) ?? -1) + 1;
    depths.set(id, depth);
    const life = lives.get(id);
    const startUs = life?.startUs ?? 0;
    if (startUs > toUs || (life?.endUs ?? Number.POSITIVE_INFINITY) < fromUs) continue;
    const runs = (life?.runs ?? []).filter(([begin, end]) => begin <= toUs && end >= fromUs);
    if (runs.length === 0 && startUs < fromUs && life?.endUs === undefined) {
      quiet++;
      continue;
    }
    total++;
    if (lanes.length >= limit) continue;
    lanes.push({ id, name, ownerId, labels, depth, startUs, endUs: life?.endUs, how: life?.how, runs });
  }
  return { fromUs, toUs, durationUs, lanes, total, quiet, density: densityOf(recording, durationUs) };
}

function densityOf({ events }: Recording, durationUs: number): number[] {
  const parts = Array.from({ length: DENSITY_PARTS }, () => 0);
  for (const { atUs } of events) {
    const at = Math.min(DENSITY_PARTS - 1, Math.floor((atUs / Math.max(1, durationUs)) * DENSITY_PARTS));
    parts[at] = (parts[at] ?? 0) + 1;
  }
  return parts;
}

/** The coroutines that nobody owns, or that have a label, in the order of starting. */
export function requestsOf(recording: Recording): Request[] {
  /** Each with what is below it counted in; owners stand before what they started. */
  const below = new Map<number, number>();
  for (const { id, ownerId } of recording.works.toReversed()) {
    if (ownerId !== undefined) below.set(ownerId, (below.get(ownerId) ?? 0) + (below.get(id) ?? 0) + 1);
  }
  return recordedRequests(recording).map((request) => ({
    ...request,
    startUs: request.startUs ?? 0,
    below: below.get(request.id) ?? 0,
  }));
}

/** What is recorded of one coroutine, up to `atUs`. */
export function historyOf(recording: Recording, id: number, atUs: number): History {
  const events = recording.events.filter((event) => event.id === id && event.atUs <= atUs);
  const names = new Map(recording.works.map((work) => [work.id, work.name]));
  const life = livesOf({ ...recording, events, endUs: Math.min(atUs, recording.endUs) }, 0).get(id);
  const how = life?.how;
  return {
    events: events.slice(-MOST_EVENTS).map((event) => {
      const other = event.kind === "wait" ? event.on : event.kind === "wake" ? event.by : undefined;
      return { event, other: typeof other === "number" ? names.get(other) : undefined };
    }),
    steps: life?.steps ?? 0,
    busyUs: life?.busyUs ?? 0,
    startedUs: life?.startUs,
    ended: life?.endUs === undefined || how === undefined ? undefined : { atUs: life.endUs, how },
  };
}
