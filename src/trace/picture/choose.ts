/** Which coroutines of a recording are drawn: those of one request. */
import type { Recording, Work } from "../recording.ts";
import { visible } from "./words.ts";

/** What is drawn: some coroutines, and all that they started. */
export interface Choice {
  readonly roots: readonly Work[];
  /** Coroutines that nobody in the recording started. */
  readonly candidates: number;
  /** Did the caller say which? */
  readonly isAsked: boolean;
}

/** Roots that are drawn beside each other. */
const MOST_ROOTS = 3;
const MOST_LISTED = 20;

/**
 * The request to draw.
 *
 * @param request - a label, `name #id`, `#id` or the id; without it: all if they are few, else the one with
 *   the most events
 * @throws {RangeError} when nothing, or too much, matches `request`; it lists what could be meant
 */
export function choose(recording: Recording, request: string | undefined): Choice {
  const byId = new Map(recording.works.map((work) => [work.id, work]));
  const all = recording.works.filter((work) => ownerOf(work, byId) === undefined);
  const choice = { candidates: all.length, isAsked: request !== undefined };
  if (request === undefined) {
    return { ...choice, roots: all.length <= MOST_ROOTS ? all : busiest(recording, byId, all) };
  }
  const found = recording.works.filter((work) => work.labels.includes(request) || isNamed(work, request));
  if (found.length > 0 && found.length <= MOST_ROOTS) return { ...choice, roots: withoutNested(found, byId) };
  const problem = found.length === 0 ? "it is not in the recording" : `${found.length} coroutines match it`;
  throw new RangeError(
    `Cannot draw the request "${visible(request, 80)}": ${problem}, ${wanted(found.length === 0 ? all : found)}`,
  );
}

function isNamed(work: Work, request: string): boolean {
  return request === `${work.name} #${work.id}` || request === `#${work.id}` || request === String(work.id);
}

function wanted(works: readonly Work[]): string {
  if (works.length === 0) return "a recording with a coroutine is wanted";
  const listed = works.slice(0, MOST_LISTED).map(candidateText).join(", ");
  const more = works.length - MOST_LISTED;
  return `one of these is wanted: ${listed}${more > 0 ? `, and ${more} more` : ""}`;
}

function candidateText(work: Work): string {
  const labels = work.labels.map((label) => visible(label, 40)).join(", ");
  return `${visible(work.name, 40)} #${work.id}${labels === "" ? "" : ` (${labels})`}`;
}

/** One label may be on a coroutine and on what it started: the outer one shows both. */
function withoutNested(found: readonly Work[], byId: ReadonlyMap<number, Work>): Work[] {
  const ids = new Set(found.map((work) => work.id));
  return found.filter((work) => {
    for (let owner = ownerOf(work, byId); owner !== undefined; owner = ownerOf(owner, byId)) {
      if (ids.has(owner.id)) return false;
    }
    return true;
  });
}

/** Who started it, if that is recorded; ids count in the order of starting, so an owner's is the smaller one. */
export function ownerOf(work: Work, byId: ReadonlyMap<number, Work>): Work | undefined {
  return work.ownerId === undefined || work.ownerId >= work.id ? undefined : byId.get(work.ownerId);
}

function busiest(recording: Recording, byId: ReadonlyMap<number, Work>, roots: readonly Work[]): Work[] {
  const rootIds = new Map<number, number>();
  // Owners stand before what they started, so theirs is known.
  for (const work of recording.works) {
    const owner = ownerOf(work, byId);
    rootIds.set(work.id, owner === undefined ? work.id : (rootIds.get(owner.id) ?? work.id));
  }
  const counts = new Map<number, number>();
  for (const { id } of recording.events) {
    const rootId = id === undefined ? undefined : rootIds.get(id);
    if (rootId !== undefined) counts.set(rootId, (counts.get(rootId) ?? 0) + 1);
  }
  let best = roots[0];
  for (const root of roots) {
    if ((counts.get(root.id) ?? 0) > (counts.get(best?.id ?? root.id) ?? 0)) best = root;
  }
  return best === undefined ? [] : [best];
}
