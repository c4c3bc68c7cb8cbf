// @ts-check
/** Coroutines put together: those of one function that wait at one line, and those that wait for one kind of thing. */

/** @import { Row, Snapshot } from "../../../trace/live.ts" */
/** @import { Blocked } from "../../source.ts" */
import { duration, frame } from "./format.js";

/** How many coroutines are in each state. @typedef {Record<Row["state"], number>} States */

/**
 * Coroutines of one function that stand at one place.
 *
 * @typedef {object} Group
 * @property {string} key
 * @property {string} name
 * @property {string | undefined} at
 * @property {string} on what they wait for, in words that hold for all of them
 * @property {Row[]} rows
 * @property {States} states
 * @property {number | undefined} oldestMs
 */

/**
 * @param {readonly Row[]} rows
 * @returns {Map<number, Row>}
 */
export function byIdOf(rows) {
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * What a row waits for, without what differs from row to row: numbers become dots, ids the name of who has them.
 *
 * @param {Row} row
 * @param {ReadonlyMap<number, Row>} byId
 * @returns {string[]} each once
 */
export function kindsOf(row, byId) {
  const words = row.on.map((one) => {
    if (typeof one === "number") return byId.get(one)?.name ?? "a coroutine";
    return one.startsWith("sleep") ? "sleep" : one.replace(/#?\d+(\.\d+)?/g, "…");
  });
  if (words.length > 0) return [...new Set(words)];
  return row.state === "waiting" ? ["its turn"] : [];
}

/**
 * The same in one text.
 *
 * @param {Row} row
 * @param {ReadonlyMap<number, Row>} byId
 */
export function kindOf(row, byId) {
  // In words of others, "fetch #3" is "fetch …" by now.
  return kindsOf(row, byId)
    .join(", ")
    .replace(/ …(?=,| and |$)/g, "");
}

/**
 * A filter that finds what waits for the same.
 *
 * @param {readonly string[]} kinds
 */
export function filterOf(kinds) {
  return kinds
    .map((kind) => `on:"${kind.slice(0, 200).replace(/[…"]/g, "*")}${kind.length > 200 ? "*" : ""}"`)
    .join(" ");
}

/**
 * What a row waits for, to be read.
 *
 * @param {Row} row
 * @param {ReadonlyMap<number, Row>} byId
 */
export function waitsFor(row, byId) {
  return row.on
    .map((one) => (typeof one === "number" ? `${byId.get(one)?.name ?? ""} #${one}`.trim() : one))
    .join(", ");
}

/**
 * The groups of `rows`, the largest first.
 *
 * @param {readonly Row[]} rows
 * @param {ReadonlyMap<number, Row>} byId
 * @returns {Group[]}
 */
export function groupRows(rows, byId) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const row of rows) {
    const on = kindOf(row, byId);
    const key = JSON.stringify([row.name, row.at ?? on]);
    let group = groups.get(key);
    if (group === undefined) {
      const states = { running: 0, ready: 0, waiting: 0 };
      group = { key, name: row.name, at: row.at, on, rows: [], states, oldestMs: undefined };
      groups.set(key, group);
    }
    group.rows.push(row);
    group.states[row.state]++;
    if (group.on !== on) group.on = "several things";
    if (row.ageMs !== undefined) group.oldestMs = Math.max(group.oldestMs ?? 0, row.ageMs);
  }
  return [...groups.values()].sort((one, other) => other.rows.length - one.rows.length);
}

/**
 * @param {readonly Row[]} rows
 * @returns {States}
 */
export function countStates(rows) {
  const states = { running: 0, ready: 0, waiting: 0 };
  for (const { state } of rows) states[state]++;
  return states;
}

/** What who waits means to do, where the name of the thing alone does not say it. @type {Readonly<Record<string, string>>} */
const wishes = {
  "an item of a queue": "to take an item from a queue",
  "a place in a queue": "to put an item into a full queue",
  "a queue's items to be done": "until all items of a queue are done",
  "an event": "for an event to be set",
  "a condition": "for a condition to be notified",
  "a semaphore's permit": "for a permit of a semaphore",
  "a rate limiter's permit": "for a permit of a rate limiter",
};

/**
 * What so many do who wait for `what`, as a person says it, without the number itself.
 *
 * @param {number} waiting
 * @param {string} what such as "an item of a queue", numbers in it as dots
 */
export function waitWords(waiting, what) {
  const verb = (/** @type {string} */ one) => (waiting === 1 ? `${one}s` : one);
  if (what === "sleep") return verb("sleep");
  // A limit of their own each: how long it is says nothing of all of them.
  const bare = what.replace(/, at most … ms$/, "");
  const limit = bare === what ? "" : ", with a limit";
  return `${verb("wait")} ${wishes[bare] ?? `for ${bare}`}${limit}`;
}

/** What kinds of things are waited for, in the order they are shown. */
const kinds = /** @type {const} */ ([
  ["Locks and permits", /lock|permit|semaphore/i],
  ["Queues and streams", /queue|item|room|stream|store/i],
  ["Events and conditions", /event|condition|notif/i],
  ["Time", /sleep|timeout|timer|\bms\b|moment/i],
  ["Promises, callbacks and the rest of the world", /./],
]);

/**
 * Something that coroutines wait for, and who they are, in the order of starting.
 *
 * @typedef {{ kind: string, name: string, waiters: Row[] }} Resource
 */

/**
 * The things that are no coroutines, by kind.
 *
 * @param {readonly Row[]} rows
 * @param {ReadonlySet<string>} [known] what is left out, as it is shown otherwise
 * @returns {Resource[]} the kinds together; of one kind what most wait for first
 */
export function resourcesOf(rows, known = new Set()) {
  /** @type {Map<string, Resource>} */
  const found = new Map();
  for (const row of rows) {
    for (const one of row.on) {
      // The number of those that a long list leaves out is no thing.
      if (typeof one === "number" || known.has(one) || /^\d+ more$/.test(one)) continue;
      const name = kindOf({ ...row, on: [one] }, new Map());
      const kind = kinds.find(([, pattern]) => pattern.test(one))?.[0] ?? "";
      const resource = found.get(name) ?? { kind, name, waiters: [] };
      resource.waiters.push(row);
      found.set(name, resource);
    }
  }
  const order = kinds.map(([kind]) => /** @type {string} */ (kind));
  return [...found.values()].sort(
    (one, other) =>
      order.indexOf(one.kind) - order.indexOf(other.kind) || other.waiters.length - one.waiters.length,
  );
}

/** Something that is worth a look. @typedef {{ key: string, text: string, filter?: string, isBad: boolean }} Lint */

/** More ready coroutines than this mean that the loop does not keep up. */
const manyReady = 1000;

/**
 * What looks wrong in a snapshot.
 *
 * @param {Snapshot} snapshot
 * @param {Blocked} [blocked] what else holds up the program at that moment
 * @returns {Lint[]} the worst first
 */
export function lintsOf(snapshot, blocked) {
  const { rows, deadlocks, loop, recorder } = snapshot;
  /** @type {Lint[]} */
  const lints = deadlocks.map((text) => ({
    key: `deadlock ${text}`,
    text: `Deadlock: ${text}`,
    isBad: true,
  }));
  if (blocked !== undefined) {
    const [first] = blocked.frames;
    const what = first === undefined ? "one turn" : frame(first);
    const text = `Nothing can run: ${what} has held the loop for ${duration(blocked.forMs)} already`;
    lints.unshift({ key: "blocked", text, isBad: true });
  }
  for (const row of rows) {
    if (!row.isOrphan || lints.length > 20) continue;
    // Of one that runs, it is no longer known who that was.
    const owner = row.ownerId === undefined ? "who started it" : `#${row.ownerId}, which started it,`;
    const text = `${row.name} #${row.id} goes on, but ${owner} has ended, and nobody waits for it`;
    lints.push({ key: `orphan ${row.id}`, text, filter: `id:${row.id}`, isBad: false });
  }
  if (loop.ready > manyReady) {
    const text = `${loop.ready} coroutines are ready to run: the loop does not keep up`;
    lints.push({ key: "ready", text, filter: "state:ready", isBad: true });
  }
  if (recorder.dropped > 0) {
    const text = `${recorder.dropped} events were dropped by the recorder: drawings and times have gaps`;
    lints.push({ key: "drops", text, isBad: false });
  }
  return lints;
}
