/**
 * From a run that fails to a small one that fails in the same way: fewer decisions
 * that are not 0, then smaller ones.
 *
 * What comes out is 1-minimal: no single decision can be made 0, or smaller by
 * one, without the failure going away or becoming another.
 */
/** One try: the choices that were really taken, if it failed in the same way. */
export type Try = (choices: readonly number[]) => readonly number[] | undefined;

/**
 * @param first - the choices of a run that fails
 * @param realizable - the same without those that no real run could take: what is left is one that could, if that
 *   fails too
 * @param fails - runs a candidate
 * @param mayGoOn - when not, what is there is the result
 */
export function shrink(
  first: readonly number[],
  realizable: readonly number[],
  fails: Try,
  mayGoOn: () => boolean,
): readonly number[] {
  let best = first;
  const accept = (candidate: readonly number[]): boolean => {
    if (!mayGoOn()) return false;
    const taken = fails(candidate);
    if (taken === undefined || !isSimpler(taken, best)) return false;
    best = taken;
    return true;
  };
  accept(realizable);
  for (let before: readonly number[] | undefined; before !== best && mayGoOn(); ) {
    before = best;
    cutChunks(() => best, accept);
    dropChunks(() => best, accept);
    lower(() => best, accept);
    moveEarlier(() => best, accept);
  }
  return best;
}

/** Fewer that are not 0; of as many, the smaller ones; of equal ones, those that come earlier. */
function isSimpler(one: readonly number[], other: readonly number[]): boolean {
  const [a, b] = [weigh(one), weigh(other)];
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return (a[at] as number) < (b[at] as number);
  return false;
}

function weigh(choices: readonly number[]): number[] {
  let count = 0;
  let sum = 0;
  let places = 0;
  for (const [at, value] of choices.entries()) {
    if (value === 0) continue;
    count++;
    sum += value;
    places += at;
  }
  return [count, sum, places];
}

function places(choices: readonly number[]): number[] {
  return choices.flatMap((value, at) => (value === 0 ? [] : [at]));
}

/** Take halves, quarters, ... and at last single decisions out, so that what follows comes earlier. */
function cutChunks(best: () => readonly number[], accept: (candidate: readonly number[]) => boolean): void {
  for (let size = best().length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from + size <= best().length; ) {
      const choices = best();
      if (!accept([...choices.slice(0, from), ...choices.slice(from + size)])) from += size;
    }
  }
}

/** Make halves, quarters, ... and at last single decisions 0. */
function dropChunks(best: () => readonly number[], accept: (candidate: readonly number[]) => boolean): void {
  for (let size = places(best()).length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < places(best()).length; ) {
      const chunk = new Set(places(best()).slice(from, from + size));
      if (!accept(best().map((value, at) => (chunk.has(at) ? 0 : value)))) from += size;
    }
  }
}

function lower(best: () => readonly number[], accept: (candidate: readonly number[]) => boolean): void {
  for (const place of places(best())) {
    while ((best()[place] ?? 0) > 1) {
      const value = best()[place] as number;
      const isLower = [1, value >> 1, value - 1].some((less) => {
        return less < value && less > 0 && accept(best().map((old, at) => (at === place ? less : old)));
      });
      if (!isLower) break;
    }
  }
}

/** A deviation before which less has happened is easier to follow. */
function moveEarlier(best: () => readonly number[], accept: (candidate: readonly number[]) => boolean): void {
  for (const place of places(best())) {
    for (const earlier of [place >> 1, place - 1]) {
      const choices = best();
      if (earlier < 0 || earlier >= place || choices[place] === 0 || choices[earlier] !== 0) continue;
      accept(
        choices.map((value, at) => (at === earlier ? (choices[place] as number) : at === place ? 0 : value)),
      );
    }
  }
}
