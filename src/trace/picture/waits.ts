/**
 * What can be known of each wait by looking ahead: whether the world ends it
 * or a coroutine, and which wakes were cancels.
 */
import type { TraceEvent, WaitEvent } from "../recording.ts";
import type { Actor, Wait, Waits } from "./actor.ts";

/** Only the world brings these about, or lists of them; a coroutine that ends such a wait has cancelled it. */
const OF_THE_WORLD =
  /^(?:(?:all|allSettled|race|any) of )?(?:\(?(?:sleep \d+ ms|a promise|a thenable|moment)(?:, (?:at most \d+ ms|\d+ ms left|shielded))*\)?(?:, | and \d+ more$|$))+$/;

const OF_THE_FIRST = /^(?:race|any) of /;
const OF_MORE = / and \d+ more$/;

/** Read all waits of a drawing. */
export function readWaits(events: readonly TraceEvent[], actors: ReadonlyMap<number, Actor>): Waits {
  const waits = new Map<TraceEvent, Wait>();
  const cancels = new Set<TraceEvent>();
  const byLastStep = new Set<TraceEvent>();
  const topics = notedTopics(events);
  /** The next wait or end of each coroutine, seen from where the reading is: it goes backwards. */
  const nextStop = new Map<number, "wait" | "end">();
  const wakers = new Map<number, TraceEvent>();
  const waking = new Map<TraceEvent, TraceEvent>();
  for (const event of events.toReversed()) {
    if (event.id === undefined) continue;
    if (event.kind === "wait" || event.kind === "end") {
      const wake = wakers.get(event.id);
      if (event.kind === "wait" && wake !== undefined) waking.set(event, wake);
      wakers.delete(event.id);
      nextStop.set(event.id, event.kind);
    } else if (event.kind === "wake") {
      wakers.set(event.id, event);
      const isLast = nextStop.get(event.id) === "end";
      if (isLast && actors.get(event.id)?.how === "cancel") cancels.add(event);
      if (event.by !== undefined && nextStop.get(event.by) !== "wait") byLastStep.add(event);
    }
  }
  const cancelled = new Set<number>();
  for (const event of events) {
    if (event.kind !== "wait") continue;
    const wake = waking.get(event);
    const by = wake?.kind === "wake" ? wake.by : undefined;
    const topic = topics.get(event);
    const ids = topic === undefined ? awaitedIds(event.on, actors) : [];
    const isOfWorld = ids.length === 0 && (topic !== undefined || OF_THE_WORLD.test(String(event.on)));
    const isWokenByWorld = wake !== undefined && by === undefined;
    const isOfNobody = ids.length === 0 && typeof event.on === "string" && (isOfWorld || isWokenByWorld);
    if (wake !== undefined) {
      const isCancel = (isOfWorld && by !== undefined) || isEarly(event, wake);
      // Once cancelled, what it still waits for is its clean-up.
      if (isCancel) cancels.add(wake);
      else if (cancelled.has(event.id)) cancels.delete(wake);
      if (isCancel) cancelled.add(event.id);
    }
    waits.set(event, {
      on: event.on,
      ids,
      namesAll: !OF_MORE.test(String(event.on)),
      isForFirst: OF_THE_FIRST.test(String(event.on)),
      words: isOfNobody ? undefined : inWords(event.on, ids),
      topic: topic ?? topicOf(event.on),
      isNoted: topic !== undefined,
      line: event.line,
    });
  }
  return { waits, cancels, byLastStep };
}

/** Waits that the coroutine announced, in the same step, by a note to the world: with the note's first word. */
function notedTopics(events: readonly TraceEvent[]): Map<WaitEvent, string> {
  const topics = new Map<WaitEvent, string>();
  const noted = new Map<number, string>();
  for (const event of events) {
    if (event.id === undefined) continue;
    if (event.kind === "note") {
      if (event.text.startsWith(">")) noted.set(event.id, event.text.slice(1).trim().split(/\s/, 1)[0] ?? "");
    } else if (event.kind === "wait") {
      const topic = noted.get(event.id);
      const isAnnounced =
        typeof event.on === "string" && !event.on.startsWith("sleep") && !/#\d/.test(event.on);
      if (topic !== undefined && isAnnounced) topics.set(event, topic);
      noted.delete(event.id);
    }
  }
  return topics;
}

/** Did a sleep, "sleep 20 ms, 5 ms left", end before it was over? To the milliseconds that its words tell. */
function isEarly(event: WaitEvent, wake: TraceEvent): boolean {
  const [, all, left = all] = /^sleep (\d+) ms(?:, (\d+) ms left)?$/.exec(String(event.on)) ?? [];
  return left !== undefined && wake.atUs - event.atUs < (Number(left) - 2) * 1_000;
}

function awaitedIds(on: number | string, actors: ReadonlyMap<number, Actor>): number[] {
  if (typeof on === "number") return [on];
  const named = [...on.slice(0, 1_000).matchAll(/#(\d+)/g)].map((match) => Number(match[1]));
  return named.filter((id) => actors.has(id));
}

function inWords(on: number | string, ids: readonly number[]): string {
  if (ids.length === 0) return `waits ${on}`;
  const shown = ids.slice(0, 3).map((id) => `#${id}`);
  return `waits ${shown.join(", ")}${ids.length > 3 ? ", ..." : ""}`;
}

/** "sleep 20 ms" is about "sleep", and "all of fetch #3, fetch #4" about "fetch". */
function topicOf(on: number | string): string {
  if (typeof on === "number") return `#${on}`;
  return (
    on
      .replace(/^(?:(?:the )?\w+ of \(?)+/, "")
      .replace(/(?:[,\d]|\s#\d).*$/s, "")
      .trim() || on
  );
}
