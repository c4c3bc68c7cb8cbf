/** What a coroutine waits for: other coroutines by their ids, all else in words. */
import { Combined, type Future } from "../future/index.ts";
import { Coroutine, inWords } from "../gen/index.ts";

export { inWords } from "../gen/index.ts";

/** Lists in lists that are looked into. */
const MOST_LEVELS = 8;

/**
 * What `source` waits for in the end, at this moment: where all of a list is wanted, its members instead of the list.
 *
 * @param most - how many are named at most; the last of more says how many there are besides
 */
export function waitsOf(source: Future<unknown>, most: number): (number | string)[] {
  const members = membersOf(source, MOST_LEVELS);
  const shown = members.length === 0 ? [source] : members.slice(0, most);
  const waits = shown.map((each) => (each instanceof Coroutine ? each.id : inWords(each, true)));
  if (members.length > most) waits.push(`${members.length - most} more`);
  return waits;
}

/** The members of a list that have not settled, those of lists among them in their places. */
function membersOf(source: Future<unknown>, levels: number): readonly Future<unknown>[] {
  if (!(source instanceof Combined && source._wantsAll()) || levels === 0) return [];
  return source._pending().flatMap((member) => {
    const inner = membersOf(member, levels - 1);
    return inner.length === 0 ? [member] : inner;
  });
}
