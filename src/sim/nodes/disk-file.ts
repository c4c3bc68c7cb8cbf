/** What a simulated disk holds of one file: its content now, and what of it would be there after a crash. */

/** One change that is not synced. */
interface Change {
  readonly after: Uint8Array;
  /** When only a part of it is written; `undefined` where it has no parts. */
  readonly torn: Uint8Array | undefined;
}

const EMPTY = new Uint8Array(0);

/** A content that a crash may leave. */
export interface Remains {
  readonly content: Uint8Array;
  readonly inWords: string;
}

export class DiskFile {
  #synced: Uint8Array = EMPTY;
  #changes: Change[] = [];

  get content(): Uint8Array {
    return this.#changes.at(-1)?.after ?? this.#synced;
  }

  /** Have `data` and nothing else. */
  replace(data: Uint8Array): void {
    this.#change(EMPTY, data);
  }

  append(data: Uint8Array): void {
    this.#change(this.content, data);
  }

  sync(): void {
    this.#synced = this.content;
    this.#changes = [];
  }

  /** What a crash may leave: first everything, then less and less of what is not synced. */
  remains(): readonly Remains[] {
    const all: Remains[] = [{ content: this.content, inWords: "is kept as it is" }];
    for (let at = this.#changes.length - 1; at >= 0; at--) {
      const { torn } = this.#changes[at] as Change;
      const ordinal = `change ${at + 1} of ${this.#changes.length} that are not synced`;
      if (torn !== undefined) all.push({ content: torn, inWords: `is torn in ${ordinal}` });
      all.push({
        content: this.#changes[at - 1]?.after ?? this.#synced,
        inWords: `loses ${ordinal}, and what followed`,
      });
    }
    return all;
  }

  /** The crash has left `content`. */
  leave(content: Uint8Array): void {
    this.#synced = content;
    this.#changes = [];
  }

  #change(before: Uint8Array, data: Uint8Array): void {
    this.#changes.push({
      after: joined(before, data),
      torn: data.length < 2 ? undefined : joined(before, data.subarray(0, data.length >> 1)),
    });
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
