// @ts-check
/**
 * The tree of coroutines as lines: owners above what they started, and what each waits for.
 *
 * Who waits for a coroutine that stands elsewhere gets a line that leads there (`-> #12`), so each coroutine is drawn
 * once. A circle of waits is drawn where it closes.
 */

/** @import { Row } from "../../../trace/live.ts" */

/**
 * @typedef {object} TreeLine
 * @property {"coroutine" | "reference" | "circle" | "fold"} kind
 * @property {Row} row who it is about; of a reference, who is waited for; of a fold, the first that it stands for
 * @property {number} depth
 * @property {boolean} isAwaited does its owner, the line above it, wait for it?
 * @property {number} below how many lines are below it
 * @property {boolean} isOpen
 * @property {readonly number[]} [circle] the ids of a circle, in the order of waiting
 * @property {number} [folded] how many a fold stands for
 */

/** So many of one name below one owner, with nothing below them, are folded but for the first few. */
const mostAlike = 12;
const shownAlike = 3;

/**
 * @param {readonly Row[]} rows owners before what they started
 * @param {ReadonlySet<number>} closed ids of those whose lines below are left out
 * @param {readonly string[]} [deadlocks] circles in words, which go through locks too
 * @param {ReadonlySet<string>} [unfolded] keys of the folds that were opened: `foldKey`
 * @returns {TreeLine[]}
 */
export function treeLines(rows, closed, deadlocks = [], unfolded = new Set()) {
  const byId = new Map(rows.map((row) => [row.id, row]));
  /** @type {Map<number | undefined, Row[]>} */
  const owned = new Map();
  for (const row of rows) {
    const owner = row.ownerId !== undefined && byId.has(row.ownerId) ? row.ownerId : undefined;
    const list = owned.get(owner);
    if (list === undefined) owned.set(owner, [row]);
    else list.push(row);
  }
  const circles = circlesOf(rows, byId);
  for (const circle of deadlocks.map(membersOf)) {
    for (const id of circle) if (!circles.has(id)) circles.set(id, circle);
  }
  /** @type {TreeLine[]} */
  const lines = [];
  // A list of what is left, no recursion: owners may stand deeper than the stack has room for calls.
  /** @type {TreeLine[]} */
  const left = [];
  /** @param {readonly TreeLine[]} more */
  const push = (more) => {
    for (let at = more.length - 1; at >= 0; at--) left.push(/** @type {TreeLine} */ (more[at]));
  };
  /** @param {Row | undefined} owner @param {number} depth */
  const linesOf = (owner, depth) => {
    const list = owned.get(owner?.id) ?? [];
    /** @param {Row} row */
    const line = (row) => coroutineLine(row, depth, owner?.on.includes(row.id) === true);
    if (list.length <= mostAlike) return list.map(line);
    /** Is there more to see of it than its line? @param {Row} row */
    const isSpecial = ({ id, on }) =>
      owned.has(id) || circles.has(id) || on.some((one) => typeof one === "number");
    return folded(list, isSpecial, unfolded, line);
  };
  push(linesOf(undefined, 0));
  for (let line = left.pop(); line !== undefined; line = left.pop()) {
    lines.push(line);
    if (line.kind !== "coroutine") continue;
    const { row } = line;
    const depth = line.depth + 1;
    /** @type {TreeLine[]} */
    const below = [];
    const circle = circles.get(row.id) ?? [];
    const next = byId.get(circle[(circle.indexOf(row.id) + 1) % circle.length] ?? 0);
    if (next !== undefined) below.push({ ...referenceLine(next, depth), kind: "circle", circle });
    for (const id of row.on) {
      const other = typeof id === "number" && id !== next?.id ? byId.get(id) : undefined;
      if (other !== undefined && other.ownerId !== row.id) below.push(referenceLine(other, depth));
    }
    below.push(...linesOf(row, depth));
    line.below = below.length;
    line.isOpen = !closed.has(row.id);
    if (line.isOpen) push(below);
  }
  return lines;
}

/**
 * The lines of siblings; of those that are alike, the first few and one line for the rest.
 *
 * @param {readonly Row[]} rows
 * @param {(row: Row) => boolean} isSpecial never folded
 * @param {ReadonlySet<string>} unfolded
 * @param {(row: Row) => TreeLine} line
 */
function folded(rows, isSpecial, unfolded, line) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of rows) {
    if (!isSpecial(row)) counts.set(row.name, (counts.get(row.name) ?? 0) + 1);
  }
  /** @type {Map<string, number>} */
  const seen = new Map();
  /** @type {TreeLine[]} */
  const lines = [];
  for (const row of rows) {
    const count = counts.get(row.name) ?? 0;
    if (isSpecial(row) || count <= mostAlike) {
      lines.push(line(row));
      continue;
    }
    const place = (seen.get(row.name) ?? 0) + 1;
    seen.set(row.name, place);
    const isOpen = unfolded.has(foldKey(row));
    if (place === shownAlike + 1) {
      const rest = count - shownAlike;
      lines.push({ ...line(row), kind: "fold", isAwaited: false, below: rest, isOpen, folded: rest });
    }
    if (place <= shownAlike || isOpen) lines.push(line(row));
  }
  return lines;
}

/** Names a fold, whichever of its coroutines end. @param {Row} row the one of its line */
export function foldKey(row) {
  return `${row.ownerId ?? ""} ${row.name}`;
}

/** @param {Row} row @param {number} depth @param {boolean} isAwaited @returns {TreeLine} */
function coroutineLine(row, depth, isAwaited) {
  return { kind: "coroutine", row, depth, isAwaited, below: 0, isOpen: true };
}

/** @param {Row} row @param {number} depth @returns {TreeLine} */
function referenceLine(row, depth) {
  return { kind: "reference", row, depth, isAwaited: true, below: 0, isOpen: true };
}

/**
 * Who is in a circle, in the order of waiting.
 *
 * @param {string} deadlock such as "a #4 holds lock 1, waits for lock 2; b #7 holds lock 2, waits for lock 1"
 * @returns {readonly number[]}
 */
export function membersOf(deadlock) {
  return deadlock.split("; ").flatMap((member) => {
    const id = /#(\d+) (?:holds|waits)/.exec(member)?.[1];
    return id === undefined ? [] : [Number(id)];
  });
}

/**
 * Circles of waits, by the id of each that is in one.
 *
 * @param {readonly Row[]} rows
 * @param {ReadonlyMap<number, Row>} byId
 * @returns {Map<number, readonly number[]>}
 */
function circlesOf(rows, byId) {
  /** @type {Map<number, readonly number[]>} */
  const circles = new Map();
  /** @type {Set<number>} */
  const finished = new Set();
  for (const { id: first } of rows) {
    if (finished.has(first)) continue;
    /** Where each stands on the path; with the waits of it that are not yet followed. @type {Map<number, number>} */
    const places = new Map();
    /** @type {{ id: number, waits: number[] }[]} */
    const path = [];
    /** @param {number} id */
    const enter = (id) => {
      places.set(id, path.length);
      const waits = (byId.get(id)?.on ?? []).filter((one) => typeof one === "number" && byId.has(one));
      path.push({ id, waits: /** @type {number[]} */ (waits) });
    };
    enter(first);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.waits.pop();
      if (next === undefined) {
        finished.add(top.id);
        places.delete(top.id);
        path.pop();
      } else if (places.has(next)) {
        const circle = path.slice(places.get(next)).map(({ id }) => id);
        for (const id of circle) circles.set(id, circle);
      } else if (!finished.has(next)) {
        enter(next);
      }
    }
  }
  return circles;
}

/**
 * From a coroutine up to the root: who waits for it, or else who started it.
 *
 * @param {Row} row
 * @param {readonly Row[]} rows
 * @returns {{ row: Row, isAwaited: boolean }[]} innermost first, `row` itself at the start; `isAwaited`: the one
 *   after it waits for it
 */
export function stackOf(row, rows) {
  const byId = new Map(rows.map((one) => [one.id, one]));
  const stack = [];
  const seen = new Set();
  for (let one = /** @type {Row | undefined} */ (row); one !== undefined && !seen.has(one.id); ) {
    const { id } = one;
    seen.add(id);
    const owner = one.ownerId === undefined ? undefined : byId.get(one.ownerId);
    const waiter = owner?.on.includes(id) ? owner : (rows.find((other) => other.on.includes(id)) ?? owner);
    stack.push({ row: one, isAwaited: waiter?.on.includes(id) === true });
    one = waiter;
  }
  return stack;
}
