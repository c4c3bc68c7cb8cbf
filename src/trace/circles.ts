/** Circles of waits in a recording: coroutines of which each waits for the next one, or for what it holds. */
import type { Recording, WaitEvent } from "./recording.ts";

/** Circles that are told of, and coroutines of each, at most. */
const MOST_CIRCLES = 100;
const MOST_MEMBERS = 20;

/** A coroutine of a circle, and what it waits for. */
export interface Member {
  readonly id: number;
  readonly wait: WaitEvent;
}

/**
 * The circles that there were at `atUs`, or else at the end, in words: "a #2 holds lock x, waits for b #3; ...".
 *
 * Seen are waits for one coroutine, and for what one coroutine held; who holds what is handed on follows from who woke whom.
 */
export function deadlocksAt(recording: Recording, atUs: number = Number.POSITIVE_INFINITY): string[] {
  const names = new Map(recording.works.map(({ id, name }) => [id, name]));
  const circles = circlesAt(recording, atUs).slice(0, MOST_CIRCLES);
  return circles.map((circle) => inWords(circle, names));
}

/** The same as ids, each circle from the coroutine that was started first. */
export function circlesAt(recording: Recording, atUs: number = Number.POSITIVE_INFINITY): Member[][] {
  const { waits, holders } = waitsAt(recording, atUs);
  const nextOf = ({ on, held }: WaitEvent): number | undefined =>
    held !== undefined ? holders.get(held.name) : typeof on === "number" ? on : undefined;
  const found: Member[][] = [];
  const finished = new Set<number>();
  for (const first of waits.keys()) {
    /** In the order of waiting, each with its place. */
    const path = new Map<number, number>();
    for (let id: number | undefined = first; id !== undefined && !finished.has(id); ) {
      const wait = waits.get(id);
      if (wait === undefined) break;
      const at = path.get(id);
      if (at !== undefined) {
        const circle = [...path.keys()].slice(at);
        const least = circle.indexOf(Math.min(...circle));
        const sorted = [...circle.slice(least), ...circle.slice(0, least)];
        found.push(sorted.map((each) => ({ id: each, wait: waits.get(each) as WaitEvent })));
        break;
      }
      path.set(id, path.size);
      id = nextOf(wait);
    }
    for (const id of path.keys()) finished.add(id);
  }
  return found;
}

/** What each waits for at a time; and of what is held, by whom. */
function waitsAt(
  { events }: Recording,
  atUs: number,
): { readonly waits: Map<number, WaitEvent>; readonly holders: Map<string, number> } {
  const waits = new Map<number, WaitEvent>();
  const holders = new Map<string, number>();
  for (const event of events) {
    if (event.atUs > atUs) break;
    if (event.id === undefined || event.kind === "note") continue;
    if (event.kind === "wait") {
      waits.set(event.id, event);
      if (event.held !== undefined) holders.set(event.held.name, event.held.by);
      continue;
    }
    const held = waits.get(event.id)?.held;
    // The one that holds it wakes the next in line by giving it back.
    if (event.kind === "wake" && held !== undefined && holders.get(held.name) === event.by)
      holders.set(held.name, event.id);
    waits.delete(event.id);
  }
  return { waits, holders };
}

/** Who of a circle holds what, and waits for what. */
export function inWords(circle: readonly Member[], names: ReadonlyMap<number, string>): string {
  const nameOf = (id: number): string => `${names.get(id) ?? ""} #${id}`.trimStart();
  const parts = circle.slice(0, MOST_MEMBERS).map(({ id, wait }, at) => {
    const before = circle.at(at - 1)?.wait.held;
    const holds = before === undefined ? "" : `holds ${before.name}, `;
    const next = circle[(at + 1) % circle.length] as Member;
    return `${nameOf(id)} ${holds}waits for ${wait.held?.name ?? nameOf(next.id)}`;
  });
  const more = circle.length - MOST_MEMBERS;
  return `${parts.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
