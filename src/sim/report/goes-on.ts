/** Who takes the steps of a run that does not end: read from the last part of its recording. */
import type { Recording, WaitEvent } from "../../trace/index.ts";

/** So many waits are looked at. */
const LAST_WAITS = 1000;
const MOST_TOLD = 4;
/** One that has less than this share of them is beside the matter. */
const LEAST_SHARE = 0.02;

/** Waits that are told as one. */
interface Part {
  readonly name: string;
  readonly ids: Set<number>;
  /** The last of them, and for what it waited. */
  id: number;
  what: string;
  count: number;
}

/** What is known of a coroutine that has not ended. */
export interface Alive {
  readonly name: string;
  /** Where it waits. */
  readonly line: string | undefined;
}

/**
 * @param aliveOf - the coroutine with an id, while it has not ended
 * @returns such as `goes on: poll #1 waits for "ready?" at app.ts:3:5`; `undefined` where no coroutine does
 */
export function whoGoesOn(
  { works, events }: Recording,
  aliveOf: (id: number) => Alive | undefined,
): string | undefined {
  const names = new Map(works.map(({ id, name }) => [id, name]));
  // The start of one that runs for long may have left the recording.
  const nameOf = (id: number): string => aliveOf(id)?.name ?? names.get(id) ?? "";
  const waits = events.filter((event): event is WaitEvent => event.kind === "wait").slice(-LAST_WAITS);
  const each = partsOf(waits, nameOf, (name, id) => `${name} #${id}`);
  // A loop may start a coroutine in each turn.
  const all = each.length <= MOST_TOLD ? each : partsOf(waits, nameOf, (name) => name);
  const parts = all.filter(({ count }) => count >= waits.length * LEAST_SHARE);
  if (parts.length === 0) return undefined;
  const told = parts.slice(0, MOST_TOLD).map((part) => inWords(part, aliveOf(part.id)?.line));
  return `goes on: ${told.join(", ")}${parts.length > MOST_TOLD ? ", and others" : ""}`;
}

/** Those with most waits first. What is waited for counts as one and the same where only numbers differ. */
function partsOf(
  waits: readonly WaitEvent[],
  nameOf: (id: number) => string,
  whoOf: (name: string, id: number) => string,
): Part[] {
  const parts = new Map<string, Part>();
  for (const { id, on } of waits) {
    const name = nameOf(id);
    const what = typeof on === "number" ? `${nameOf(on)} #${on}` : on;
    const key = `${whoOf(name, id)}\0${what.replace(/\d+/g, "")}`;
    const part = parts.get(key) ?? { name, ids: new Set(), id, what, count: 0 };
    parts.set(key, part);
    part.ids.add(id);
    part.id = id;
    part.what = what;
    part.count++;
  }
  return [...parts.values()].sort((one, other) => other.count - one.count);
}

function inWords({ name, id, ids, what }: Part, line: string | undefined): string {
  const many = ids.size === 1 ? "" : ` (one of ${ids.size})`;
  return `${name} #${id}${many} waits for ${what}${line === undefined ? "" : ` at ${line}`}`;
}
