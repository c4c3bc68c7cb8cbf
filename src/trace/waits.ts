/** What a coroutine waits for: other coroutines by their ids, all else in words. */
import { type Future, PENDING } from "../future/index.ts";
import { Coroutine } from "../gen/index.ts";

/** Members of a list that are named; of the others, the number. */
const MOST_NAMED = 3;
/** Lists in lists that are looked into. */
const MOST_LEVELS = 8;

/** What `source` is, in words, for one who reads what a coroutine waits for. */
export function inWords(source: Future<unknown>): string {
  const text = wordsOf(source);
  // What combines others has no words of its own.
  if (text !== "a Future" || source._awaits().length === 0) return text;
  const members = membersOf(source, MOST_LEVELS);
  if (members.length === 0) return text;
  const named = members.slice(0, MOST_NAMED).map(nameOf).join(", ");
  return members.length > MOST_NAMED ? `${named} and ${members.length - MOST_NAMED} more` : named;
}

/**
 * What `source` waits for in the end: the members of a list instead of the list.
 *
 * @param most - how many are named at most; the last of more says how many there are besides
 */
export function waitsOf(source: Future<unknown>, most: number): (number | string)[] {
  const members = source instanceof Coroutine ? [source] : membersOf(source, MOST_LEVELS);
  const shown = members.length === 0 ? [source] : members.slice(0, most);
  const waits = shown.map((each) => (each instanceof Coroutine ? each.id : inWords(each)));
  if (members.length > most) waits.push(`${members.length - most} more`);
  return waits;
}

/** What it calls itself. Of one that cannot say it, as of thousands of limits around each other, no more than that it is. */
function wordsOf(source: Future<unknown>): string {
  try {
    return source._describe();
  } catch {
    return "a Future";
  }
}

function nameOf(source: Future<unknown>): string {
  return source instanceof Coroutine ? source.toString() : wordsOf(source);
}

/** The members of a combinator that have not settled, those of its combinators in their places. */
function membersOf(source: Future<unknown>, levels: number): Future<unknown>[] {
  if (source instanceof Coroutine || wordsOf(source) !== "a Future" || levels === 0) return [];
  return source._awaits().flatMap((member) => {
    if (member._state !== PENDING) return [];
    const inner = membersOf(member, levels - 1);
    return inner.length === 0 ? [member] : inner;
  });
}
