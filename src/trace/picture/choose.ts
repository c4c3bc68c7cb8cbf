/** Which coroutines of a recording are drawn: those of one request. */
import { visible } from "../../base/index.ts";
import type { Recording, Work } from "../recording.ts";

/** What is drawn: some coroutines, and all that they started. */
export interface Choice {
  readonly roots: readonly Work[];
  /** Requests that there are: coroutines that nobody in the recording started. */
  readonly candidates: number;
  /** Others that nobody started, and that are taken for no requests: they have no label, or no end. */
  readonly others: readonly Work[];
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
 *   the most events. Those without a label are no requests where others have one; and where there are many without
 *   any, those that do not end
 * @throws {RangeError} when nothing, or too much, matches `request`; it lists what could be meant
 */
export function choose(recording: Recording, request: string | undefined): Choice {
  const byId = new Map(recording.works.map((work) => [work.id, work]));
  const all = recording.works.filter((work) => ownerOf(work, byId) === undefined);
  if (request === undefined) {
    const requests = requestsAmong(recording, all);
    const others = all.filter((work) => !requests.includes(work));
    const roots = requests.length <= MOST_ROOTS ? requests : busiest(recording, byId, requests);
    return { roots, candidates: requests.length, others, isAsked: false };
  }
  const found = recording.works.filter((work) => work.labels.includes(request) || isNamed(work, request));
  if (found.length > 0 && found.length <= MOST_ROOTS)
    return { roots: withoutNested(found, byId), candidates: all.length, others: [], isAsked: true };
  const problem = found.length === 0 ? whyMissing(recording) : `${found.length} coroutines match it`;
  throw new RangeError(
    `Cannot draw the request "${visible(request, 80)}": ${problem}, ${wanted(found.length === 0 ? all : found)}`,
  );
}

function whyMissing({ cutOff, dropped, endUs }: Recording): string {
  const missing = "it is not in the recording";
  const seconds = (endUs / 1e6).toFixed(1);
  if (cutOff)
    return `${missing}, which was cut off ${seconds} s after it began (did the request come later?)`;
  if (dropped === 0) return missing;
  return `${missing}, which has lost its ${dropped} oldest events (did the request come earlier?)`;
}

/** Those of `roots` that are taken for requests: what goes on in the background is none. */
function requestsAmong({ events }: Recording, roots: readonly Work[]): readonly Work[] {
  const labelled = roots.filter(({ labels }) => labels.length > 0);
  if (labelled.length > 0) return labelled;
  if (roots.length <= MOST_ROOTS) return roots;
  const ended = new Set(events.flatMap(({ kind, id }) => (kind === "end" ? [id] : [])));
  const over = roots.filter(({ id }) => ended.has(id));
  return over.length > 0 ? over : roots;
}

function isNamed(work: Work, request: string): boolean {
  return request === `${work.name} #${work.id}` || request === `#${work.id}` || request === String(work.id);
}

function wanted(works: readonly Work[]): string {
  if (works.length === 0) return "a recording with a coroutine is wanted";
  // Those with a label first: somebody meant them to be found.
  const labelled = works.filter(({ labels }) => labels.length > 0);
  const sorted = [...labelled, ...works.filter(({ labels }) => labels.length === 0)];
  const listed = sorted.slice(0, MOST_LISTED).map((work) => `\n  ${candidateText(work)}`);
  const more = works.length - MOST_LISTED;
  return `one of these is wanted:${listed.join("")}${more > 0 ? `\n  and ${more} more` : ""}`;
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
