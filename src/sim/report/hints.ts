/**
 * What a failure may come from: of what was given to `shared()`, a value that was
 * read, then changed by another one, and then written back or relied on.
 */
import { withStackLimit } from "../../base/index.ts";
import { type Coroutine, currentCoroutine, firstUserLine, formatLocation } from "../../gen/index.ts";
import type { AccessListener } from "../shared.ts";

interface Access {
  readonly key: string;
  readonly isWrite: boolean;
  readonly work: Coroutine<unknown> | undefined;
  readonly at: string;
}

/** Of a longer run, the first ones. */
const MOST_ACCESSES = 10_000;
const MOST_HINTS = 2;
const FRAMES = 12;

export class Hints implements AccessListener {
  readonly #accesses: Access[] = [];

  read(key: string): void {
    this.#add(key, false);
  }

  write(key: string): void {
    this.#add(key, true);
  }

  /** One line each; at most two. */
  texts(): string[] {
    const texts: string[] = [];
    for (const [at, read] of this.#accesses.entries()) {
      if (read.isWrite || read.key.endsWith(".*")) continue;
      const text = this.#stale(read, at);
      if (text !== undefined && !texts.includes(text)) texts.push(text);
      if (texts.length === MOST_HINTS) break;
    }
    return texts;
  }

  /** Did another one change what was `read` before the reader wrote, or read it again? */
  #stale(read: Access, from: number): string | undefined {
    let changed: Access | undefined;
    for (let at = from + 1; at < this.#accesses.length; at++) {
      const next = this.#accesses[at] as Access;
      if (next.key !== read.key) continue;
      if (next.work !== read.work) changed = next.isWrite ? (changed ?? next) : changed;
      else if (!next.isWrite) return undefined;
      else if (changed !== undefined) {
        return `${read.key}: read by ${inWords(read)}, written by ${inWords(changed)}, then written by ${inWords(next)}`;
      } else return undefined;
    }
    return undefined;
  }

  #add(key: string, isWrite: boolean): void {
    if (this.#accesses.length >= MOST_ACCESSES) return;
    const { stack } = withStackLimit(FRAMES, () => new Error());
    const line = firstUserLine(stack ?? "");
    const at = line === undefined ? "" : ` at ${formatLocation(line)}`;
    this.#accesses.push({ key, isWrite, work: currentCoroutine(), at });
  }
}

function inWords({ work, at }: Access): string {
  return `${work === undefined ? "the program" : work}${at}`;
}
