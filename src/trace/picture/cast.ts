/** Who takes part in a drawing. */
import type { End, Recording, TraceEvent } from "../recording.ts";
import type { Actor, ActorState, Cast } from "./actor.ts";
import { type Choice, ownerOf } from "./choose.ts";
import { assignLanes } from "./lanes.ts";
import { readWaits } from "./waits.ts";

/** The coroutines of `choice` and what they did, in at most `mostLanes` lanes. */
export function castOf(recording: Recording, choice: Choice, mostLanes: number): Cast {
  const actors = actorsOf(recording, choice);
  const events = eventsOf(recording, actors);
  const lanes = assignLanes(actors, events, mostLanes);
  const names = new Map(recording.works.map(({ id, name }) => [id, name]));
  return {
    actors,
    lanes,
    folded: [...actors.values()].filter((actor) => actor.folded > 0),
    waits: readWaits(events, actors),
    events,
    endUs: recording.endUs,
    nameOf: (id) => `${names.get(id) ?? ""} #${id}`.trimStart(),
  };
}

function actorsOf(recording: Recording, choice: Choice): Map<number, Actor> {
  const byId = new Map(recording.works.map((work) => [work.id, work]));
  const ends = new Map<number, End>();
  const firsts = new Map<number, TraceEvent>();
  for (const event of recording.events) {
    if (event.id === undefined) continue;
    if (!firsts.has(event.id)) firsts.set(event.id, event);
    if (event.kind === "end") ends.set(event.id, event.how);
  }
  const roots = new Set(choice.roots);
  const actors = new Map<number, Actor>();
  for (const work of recording.works) {
    const ownerWork = ownerOf(work, byId);
    const owner = ownerWork === undefined || roots.has(work) ? undefined : actors.get(ownerWork.id);
    const first = firsts.get(work.id);
    if (first === undefined || (owner === undefined && !roots.has(work))) continue;
    const atFirst = first.kind === "start" ? "none" : stateBefore(first);
    const how = ends.get(work.id);
    actors.set(work.id, { work, owner, lane: -1, folded: 0, atFirst, how });
  }
  return actors;
}

/** One whose start is not recorded was there already. */
function stateBefore(first: TraceEvent): ActorState {
  return first.kind === "wake" || first.kind === "step" ? "waiting" : "running";
}

function eventsOf(recording: Recording, actors: ReadonlyMap<number, Actor>): TraceEvent[] {
  const isOfActor = (event: TraceEvent) => event.id !== undefined && actors.has(event.id);
  const first = recording.events.findIndex(isOfActor);
  const last = recording.events.findLastIndex(isOfActor);
  return recording.events.filter(
    (event, index) => isOfActor(event) || (event.id === undefined && index >= first && index <= last),
  );
}
