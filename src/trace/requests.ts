/** The requests of a recording: what can be drawn by itself. */
import type { End, Recording } from "./recording.ts";

/** One request: a coroutine, and all that it started. */
export interface RecordedRequest {
  readonly id: number;
  readonly name: string;
  readonly labels: readonly string[];
  /** In microseconds since the recording began; `undefined` when it was started before. */
  readonly startUs: number | undefined;
  /** `undefined` when it was not over when the recording ended. */
  readonly endUs: number | undefined;
  readonly how: End | undefined;
}

/** The coroutines that nobody in the recording has started, or that have a label, in the order of starting. */
export function requestsOf({ works, events }: Recording): RecordedRequest[] {
  const known = new Set(works.map(({ id }) => id));
  const starts = new Map<number, number>();
  const ends = new Map<number, { readonly atUs: number; readonly how: End }>();
  for (const event of events) {
    if (event.kind === "start") starts.set(event.id, event.atUs);
    else if (event.kind === "end") ends.set(event.id, event);
  }
  return works
    .filter(({ ownerId, labels }) => labels.length > 0 || ownerId === undefined || !known.has(ownerId))
    .map(({ id, name, labels }) => {
      const end = ends.get(id);
      return { id, name, labels, startUs: starts.get(id), endUs: end?.atUs, how: end?.how };
    });
}
