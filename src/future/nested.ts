/**
 * Calls that go on from one Future to the next, however many there are.
 *
 * Settling one Future settles the combinator that waits for it, and that one
 * the next; a cancel goes the same way down. Each is a call inside a call, and
 * programs make chains of thousands: so only some levels are on the stack at
 * once, and the call at the bottom of the stack makes the rest of them, one
 * after the other, before it returns.
 */

/** Levels that are on the stack at once; a few hundred bytes to a kilobyte each. */
const MOST_LEVELS = 100;

let levels = 0;
const left: (() => void)[] = [];
let nextLeft = 0;

/**
 * Call `fn(self, value)`: now, or where that would be too deep, before the outermost call of this kind returns.
 *
 * What `fn` does must be right at either time, so it looks at the state again.
 */
export function nest<S, V>(fn: (self: S, value: V) => void, self: S, value: V): void {
  if (levels >= MOST_LEVELS) {
    left.push(() => fn(self, value));
    return;
  }
  levels++;
  try {
    fn(self, value);
    if (levels === 1 && left.length > 0) callLeft();
  } finally {
    levels--;
  }
}

function callLeft(): void {
  while (nextLeft < left.length) (left[nextLeft++] as () => void)();
  left.length = 0;
  nextLeft = 0;
}
