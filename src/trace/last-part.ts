/** The end of a recording, as if the recorder had been switched on only then. */
import type { Recording, TraceEvent } from "./recording.ts";

/**
 * The last `lastUs` microseconds of `recording`, with the coroutines that had not ended before; all of it when it is
 * no longer than that. Times count from the new beginning.
 */
export function lastPart(recording: Recording, lastUs: number): Recording {
  const { program, works, events, dropped, endUs } = recording;
  const fromUs = endUs - lastUs;
  if (fromUs <= 0) return recording;
  const before = events.filter(({ atUs }) => atUs < fromUs);
  const kept = events.filter(({ atUs }) => atUs >= fromUs);
  const gone = new Set<number | undefined>(before.flatMap(({ kind, id }) => (kind === "end" ? [id] : [])));
  // Such as one that has ended while it held a lock.
  for (const event of kept) for (const id of mentionedBy(event)) gone.delete(id);
  return {
    ...recording,
    program: { ...program, startedAt: new Date(Date.parse(program.startedAt) + fromUs / 1000).toISOString() },
    // The oldest ones are lost first.
    dropped: before.length > 0 ? 0 : dropped,
    endUs: lastUs,
    works: works.filter(({ id }) => !gone.has(id)),
    events: kept.map((event) => ({ ...event, atUs: event.atUs - fromUs })),
  };
}

function mentionedBy(event: TraceEvent): (number | undefined)[] {
  if (event.kind === "wait")
    return [event.id, typeof event.on === "number" ? event.on : undefined, event.held?.by];
  return event.kind === "wake" ? [event.id, event.by] : [event.id];
}
