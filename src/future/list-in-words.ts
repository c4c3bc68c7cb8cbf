/** Several Futures in words, for whoever reads what a coroutine waits for. */

/** Members of a list that are named; of the others, the number. */
const MOST_NAMED = 3;
/** Lists in lists that are told; of deeper ones, how many members they have. */
const MOST_LEVELS = 3;

/** What has words; a Future stands above this file. */
interface Told {
  _describe(isNow?: boolean): string;
}

/** Lists that are being told at this moment, each inside of the one before. */
let levels = 0;

/**
 * Such as "fetch #3, (sleep 20 ms, 5 ms left), a promise and 2 more".
 *
 * @param size - how many members there are: only the first ones are looked at
 * @param isNow - told of this moment, see `Future._describe`
 */
export function listInWords(members: Iterable<Told>, size: number, isNow?: boolean): string {
  if (levels === MOST_LEVELS) return String(size);
  levels++;
  try {
    const named: string[] = [];
    for (const member of members) {
      const text = member._describe(isNow);
      // A comma of its own would not be told apart from those between the members.
      if (named.push(size > 1 && text.includes(", ") ? `(${text})` : text) === MOST_NAMED) break;
    }
    const more = size - named.length;
    return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  } finally {
    levels--;
  }
}
