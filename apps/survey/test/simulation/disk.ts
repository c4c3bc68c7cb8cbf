/**
 * What the simulated stores keep: it outlives the process, but for what was not synced when that died.
 *
 * The tables are those of the stores in memory. Each write leaves in a journal how
 * to take it back until it is synced; a crash takes back the last ones, down to
 * some point of the journal, as a log that is cut off would.
 */
import type { MemoryTables } from "../../src/stores/index.ts";

/** One write, as the steps that take it back. */
type Undo = readonly (() => void)[];

export class SimulatedDisk {
  /** Writes that may still be lost, oldest first. */
  readonly #journal: Undo[] = [];
  /** How many writes were synced, or taken back, since the beginning. */
  #gone = 0;
  #writing: (() => void)[] | undefined = undefined;
  /** How often something was changed: as long as it stays, so does all that is kept. */
  version = 0;
  readonly tables: MemoryTables;

  constructor() {
    const onChange = (undo: () => void): void => {
      this.version++;
      this.#writing?.push(undo);
    };
    this.tables = {
      items: new JournaledMap(onChange),
      queues: new JournaledMap(onChange),
      objects: new JournaledMap(onChange),
    };
  }

  /** How many writes a crash may lose. */
  get unsynced(): number {
    return this.#journal.length;
  }

  /** Run `action`; what it changes is one write. @returns what it returns */
  write<T>(action: () => T): T {
    const undo: (() => void)[] = [];
    this.#writing = undo;
    try {
      return action();
    } finally {
      this.#writing = undefined;
      if (undo.length > 0) this.#journal.push(undo.reverse());
    }
  }

  /** Where the journal ends now: what stands before it is what `sync` makes durable. */
  mark(): number {
    return this.#gone + this.#journal.length;
  }

  /** No crash can lose what was written before `mark`. */
  sync(mark: number = this.mark()): void {
    const count = mark - this.#gone;
    if (count <= 0) return;
    this.#journal.splice(0, count);
    this.#gone += count;
  }

  /** The process dies: the last `lost` of the unsynced writes never were. */
  crash(lost: number): void {
    this.version++;
    for (let at = 0; at < lost; at++) for (const undo of this.#journal.pop() ?? []) undo();
    this.sync();
  }
}

/** Tells how to take back each change of an entry. */
class JournaledMap<V> extends Map<string, V> {
  readonly #onChange: (undo: () => void) => void;

  constructor(onChange: (undo: () => void) => void) {
    super();
    this.#onChange = onChange;
  }

  override set(key: string, value: V): this {
    this.#tell(key);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    this.#tell(key);
    return super.delete(key);
  }

  #tell(key: string): void {
    const before = super.get(key);
    this.#onChange(() => void (before === undefined ? super.delete(key) : super.set(key, before)));
  }
}
