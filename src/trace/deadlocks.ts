/**
 * Circles of waits: coroutines of which each waits for the next one, for itself
 * or for what it holds, so that none of them can ever go on.
 *
 * What is known: which coroutine waits for which, also by lists, and who acquired a
 * lock. Who will put into a queue, set an event or give a permit of a semaphore back
 * is not known to anybody. A wait that has a limit ends, so it is in no circle.
 */
import { type Future, PENDING } from "../future/index.ts";
import { Coroutine, exclusiveWait, type Owned } from "../gen/index.ts";

/** Circles that are told of, and coroutines of each, at most. */
const MOST_CIRCLES = 100;
const MOST_MEMBERS = 20;

const NOTHING: readonly Future<unknown>[] = [];

/** Numbers of locks without a name, in the order in which they were in a circle. */
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/** Gather coroutines, then ask. */
export class DeadlockFinder {
  /** Looked at, and not on the path: no circle goes through it that has not been found. */
  readonly #done = new Set<Future<unknown>>();
  readonly #circles: Future<unknown>[][] = [];

  /** Look at what `work` waits for, and so on. Each coroutine is looked at once in all. */
  add(work: Owned<unknown>): void {
    if (this.#done.has(work) || !mayBeInCircle(work)) return;
    // No recursion: more may wait for each other than the stack has room for calls.
    const path = [work as Future<unknown>];
    const places = new Map<Future<unknown>, number>([[work, 0]]);
    const left = [[...edgesOf(work)]];
    while (path.length > 0) {
      const next = left.at(-1)?.pop();
      if (next === undefined) {
        const leaving = path.pop() as Future<unknown>;
        left.pop();
        places.delete(leaving);
        this.#done.add(leaving);
        continue;
      }
      const place = places.get(next);
      if (place !== undefined) this.#circles.push(path.slice(place));
      if (place !== undefined || this.#done.has(next)) continue;
      places.set(next, path.length);
      path.push(next);
      left.push([...edgesOf(next)]);
    }
  }

  /** What was found, in words: who holds what and waits for what. */
  texts(): string[] {
    const texts = this.#circles.slice(0, MOST_CIRCLES).map(inWords);
    const more = this.#circles.length - MOST_CIRCLES;
    if (more > 0) texts.push(`and ${more} more circles`);
    return texts;
  }
}

/** Most wait for a timer, a promise or the like, and need no further look. */
function mayBeInCircle(work: Owned<unknown>): boolean {
  const [source] = work._awaits();
  return source !== undefined && edgesOf(source).length > 0;
}

/** What `source` cannot go on without. */
function edgesOf(source: Future<unknown>): readonly Future<unknown>[] {
  if (source._state !== PENDING) return NOTHING;
  const holder = exclusiveWait(source)?._holder();
  return holder instanceof Coroutine ? [holder] : source._awaits();
}

function inWords(circle: readonly Future<unknown>[]): string {
  const members = fromOldest(circle);
  const parts: string[] = [];
  for (const [at, member] of members.entries()) {
    if (!(member instanceof Coroutine)) continue;
    const before = members.at(at - 1) as Future<unknown>;
    const holds = isHeld(before) ? `holds ${nameOf(before)}, ` : "";
    parts.push(`${member} ${holds}waits for ${nameOfNext(members, at)}`);
  }
  const more = parts.length - MOST_MEMBERS;
  return more > 0 ? `${parts.slice(0, MOST_MEMBERS).join("; ")}; and ${more} more` : parts.join("; ");
}

/** The same circle, beginning with the coroutine that was started first. */
function fromOldest(circle: readonly Future<unknown>[]): readonly Future<unknown>[] {
  let first = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [at, member] of circle.entries()) {
    if (!(member instanceof Coroutine) || member.id > least) continue;
    least = member.id;
    first = at;
  }
  return [...circle.slice(first), ...circle.slice(0, first)];
}

/** The next member that has a name: lists in between have none. */
function nameOfNext(members: readonly Future<unknown>[], at: number): string {
  for (let step = 1; step <= members.length; step++) {
    const next = members[(at + step) % members.length] as Future<unknown>;
    if (next instanceof Coroutine || isHeld(next)) return nameOf(next);
  }
  return "itself";
}

function isHeld(source: Future<unknown>): boolean {
  return exclusiveWait(source)?._holder() instanceof Coroutine;
}

/** What `source` waits for, so that two locks are told apart. */
export function nameOf(source: Future<unknown>): string {
  const text = source._describe();
  const line = exclusiveWait(source)?._line;
  // Its name if it was given one; else a number, so that two of them are told apart.
  if (line === undefined || line.name !== undefined || !text.startsWith("a ")) return text;
  const number = numbers.get(line) ?? ++lastNumber;
  numbers.set(line, number);
  return `${text.slice(2)} ${number}`;
}
