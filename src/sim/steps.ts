/**
 * What happened in one run, step by step, as numbers: which operation or timer,
 * of which task. Two runs are the same if and only if these are.
 */

const FIRST_CAPACITY = 256;
/** Labels whose hash is kept; a program that makes them up by the million gets them hashed again. */
const MOST_LABELS = 10_000;

const hashes = new Map<string, number>();
/** A run asks for the same one most often. */
let lastText = "";
let lastHash = 0x811c9dc5;

/** The same number for the same text, in every process. Source: FNV-1a. */
export function hashOf(text: string): number {
  if (text === lastText) return lastHash;
  lastHash = hashes.get(text) ?? newHash(text);
  lastText = text;
  return lastHash;
}

/** The text that `hash` stands for, of those that are known. */
function textOf(hash: number): string | undefined {
  for (const [text, known] of hashes) if (known === hash) return text;
  return undefined;
}

function newHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  if (hashes.size >= MOST_LABELS) hashes.clear();
  hashes.set(text, hash);
  return hash;
}

/** Written by each run anew. */
export class Steps {
  #labels = new Int32Array(FIRST_CAPACITY);
  #tasks = new Int32Array(FIRST_CAPACITY);
  #low = 0;
  #high = 0;
  length = 0;

  clear(): void {
    this.length = 0;
    this.#low = 0x9e3779b1 | 0;
    this.#high = 0x85ebca6b | 0;
  }

  /** `label` (its hash) happened, for `task`. */
  add(label: number, task: number): void {
    const at = this.length++;
    if (at === this.#labels.length) this.#grow();
    this.#labels[at] = label;
    this.#tasks[at] = task;
    this.#low = Math.imul(this.#low ^ label, 0x01000193) ^ task;
    this.#high = (Math.imul(this.#high ^ task, 0x85ebca77) + label) ^ (this.#high >>> 15);
  }

  /** Whose step it was. */
  task(at: number): number {
    return this.#tasks[at] as number;
  }

  /** 52 bits that stand for the whole run. */
  get hash(): number {
    return (this.#high >>> 12) * 0x1_0000_0000 + (this.#low >>> 0);
  }

  /** The same for people: 13 hexadecimal digits. */
  get hashText(): string {
    return this.hash.toString(16).padStart(13, "0");
  }

  /** What happened at `at`, such as `"read" of #2`. */
  inWords(at: number): string {
    if (at >= this.length) return "the end";
    const text = textOf(this.#labels[at] as number);
    const task = this.task(at);
    const what =
      text === undefined
        ? "a decision"
        : /^\((?:pass|timer|callback|turn of .*)\)$/.test(text)
          ? text.slice(1, -1)
          : JSON.stringify(text);
    return text === undefined || task === 0 ? what : `${what} of #${task}`;
  }

  /** The first step in which `other` is different; `undefined` when they are the same. */
  firstDifference(other: Steps): number | undefined {
    const most = Math.max(this.length, other.length);
    for (let at = 0; at < most; at++) {
      if (at >= this.length || at >= other.length) return at;
      if (this.#labels[at] !== other.#labels[at] || this.#tasks[at] !== other.#tasks[at]) return at;
    }
    return undefined;
  }

  #grow(): void {
    const [labels, tasks] = [this.#labels, this.#tasks];
    this.#labels = new Int32Array(2 * labels.length);
    this.#tasks = new Int32Array(2 * tasks.length);
    this.#labels.set(labels);
    this.#tasks.set(tasks);
  }
}
