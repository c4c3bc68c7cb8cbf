/**
 * A simulated disk: files whose changes are seen at once and outlive a crash only
 * when they were synced.
 *
 * As POSIX has it, `sync` of a file makes its content durable, and not its name:
 * that is an entry of its folder, which is synced by `syncFolder`. What was not
 * synced when the machine stops may be there, or in part, or not at all; each is a
 * decision of the search, and "it is all there" if nothing is decided. The changes
 * of one file are lost from the last one on, and so are those of names.
 */
import { posix } from "node:path";
import { describe } from "../../base/index.ts";
import { type Future, PENDING } from "../../future/index.ts";
import { decideFault, LOSS } from "../fault-decision.ts";
import type { Latency } from "../latency.ts";
import type { Operation } from "../operation.ts";
import type { SimHost } from "../sim-host.ts";
import { DiskFile } from "./disk-file.ts";

export interface DiskOptions {
  /** How long each operation takes. Default: it ends any time from its beginning on. */
  readonly latency?: Latency;
}

/** A change of names, which is not durable before the folders it is in are synced. */
interface NameChange {
  readonly folders: readonly string[];
  readonly inWords: string;
  readonly apply: (names: Map<string, DiskFile>) => void;
}

/** What stops: the program, whose files the system keeps, or the machine. */
export type CrashKind = "process" | "machine";

/**
 * Files by path; folders need not be made. Each operation is one of the simulation, called
 * `disk NAME: write a.log`, which is how rules of faults know it.
 */
export class Disk {
  readonly name: string;
  readonly #sim: SimHost;
  readonly #latency: Latency | undefined;
  readonly #names = new Map<string, DiskFile>();
  /** What a crash leaves of the names, when nothing else is kept. */
  readonly #syncedNames = new Map<string, DiskFile>();
  #nameChanges: NameChange[] = [];
  /** Operations that have begun and not ended, and what they do; in that order. */
  readonly #pending = new Map<Operation, () => void>();

  /** @internal */
  constructor(sim: SimHost, name: string, options: DiskOptions = {}) {
    this.#sim = sim;
    this.name = name;
    this.#latency = options.latency;
  }

  /**
   * Make a file that holds `data` and nothing else, or change one.
   *
   * Suspends who yields it: always, as do all operations.
   */
  write(path: string, data: string | Uint8Array): Future<void> {
    const file = pathOf(path);
    const bytes = bytesOf(data);
    return this.#change("write", file, () => this.#ofName(file).replace(bytes));
  }

  /** Put `data` behind what is in a file; it is made if it is not there. */
  append(path: string, data: string | Uint8Array): Future<void> {
    const file = pathOf(path);
    const bytes = bytesOf(data);
    return this.#change("append to", file, () => this.#ofName(file).append(bytes));
  }

  /** What is in a file, synced or not. Fails with the code `ENOENT` when there is none. */
  read(path: string): Future<Uint8Array> {
    const file = pathOf(path);
    return this.#begin("read", file, () => this.#existing("read", file).content.slice());
  }

  /** The same as text in UTF-8. */
  readText(path: string): Future<string> {
    const file = pathOf(path);
    return this.#begin("read", file, () => textOf(this.#existing("read", file)));
  }

  /** Give a file another name, and replace the one that has it. Fails with the code `ENOENT` when there is no file. */
  rename(from: string, to: string): Future<void> {
    const [before, after] = [pathOf(from), pathOf(to)];
    return this.#change(
      "rename",
      before,
      () => {
        const file = this.#existing("rename", before);
        this.#changeNames([before, after], `rename of ${before} to ${after}`, (names) => {
          names.delete(before);
          names.set(after, file);
        });
      },
      ` to ${after}`,
    );
  }

  /** Fails with the code `ENOENT` when there is no such file. */
  remove(path: string): Future<void> {
    const file = pathOf(path);
    return this.#change("remove", file, () => {
      this.#existing("remove", file);
      this.#changeNames([file], `removal of ${file}`, (names) => names.delete(file));
    });
  }

  /** The names of the files in a folder, without it, sorted. */
  list(folder: string = "."): Future<readonly string[]> {
    const path = pathOf(folder);
    return this.#begin("list", path, () =>
      [...this.#names.keys()]
        .filter((each) => posix.dirname(each) === path)
        .map((each) => posix.basename(each))
        .sort(),
    );
  }

  /** Make the content of a file durable. Fails with the code `ENOENT` when there is none. */
  sync(path: string): Future<void> {
    const file = pathOf(path);
    return this.#begin("sync", file, () => this.#existing("sync", file).sync());
  }

  /** Make the names in a folder durable: that files are there, were renamed, were removed. */
  syncFolder(folder: string = "."): Future<void> {
    const path = pathOf(folder);
    return this.#begin("sync folder", path, () => {
      const last = this.#nameChanges.findLastIndex(({ folders }) => folders.includes(path));
      // Names are written in order: what came before is durable with it.
      for (const { apply } of this.#nameChanges.splice(0, last + 1)) apply(this.#syncedNames);
    });
  }

  /** What a file holds as text, now and without an operation: for checks. `undefined` when there is none. */
  peek(path: string): string | undefined {
    const file = this.#names.get(pathOf(path));
    return file === undefined ? undefined : textOf(file);
  }

  /**
   * The machine stops, or the process that uses the disk does. What it had begun and what was not synced may be
   * lost; who waits for an operation is told nothing any more. A node's disk crashes with the node.
   */
  crash(kind: CrashKind = "machine"): void {
    const world = this.#sim._world;
    const pending = [...this.#pending].filter(([{ _state: state }]) => state === PENDING);
    this.#pending.clear();
    for (const [operation, change] of pending) {
      world.drop(operation);
      const outcomes = [`${operation.label}: it was done`, `${operation.label}: it was not done`];
      // What a machine has done is lost again by the decisions below.
      if (kind === "machine" || decideFault(world, LOSS, outcomes) === 0) attempt(change);
    }
    if (kind === "process") return;
    this.#loseNames();
    for (const [path, file] of this.#names) {
      const remains = file.remains();
      const words = remains.map(({ inWords }) => `disk ${this.name}: ${path} ${inWords}`);
      const { content } = remains[decideFault(world, LOSS, words)] as { content: Uint8Array };
      file.leave(content);
    }
  }

  #loseNames(): void {
    const changes = this.#nameChanges;
    const words = [
      `disk ${this.name}: all names are kept`,
      ...changes
        .map(({ inWords }) => `disk ${this.name}: the ${inWords} is lost, and what followed`)
        .reverse(),
    ];
    const lost = decideFault(this.#sim._world, LOSS, words);
    for (const { apply } of changes.slice(0, changes.length - lost)) apply(this.#syncedNames);
    this.#nameChanges = [];
    this.#names.clear();
    for (const [path, file] of this.#syncedNames) this.#names.set(path, file);
  }

  /** The file called `path`, which is made if there is none. */
  #ofName(path: string): DiskFile {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const file = new DiskFile();
    this.#changeNames([path], `name of the new file ${path}`, (names) => names.set(path, file));
    return file;
  }

  #changeNames(
    paths: readonly string[],
    inWords: string,
    apply: (names: Map<string, DiskFile>) => void,
  ): void {
    apply(this.#names);
    this.#nameChanges.push({ folders: paths.map((path) => posix.dirname(path)), inWords, apply });
  }

  #existing(action: string, path: string): DiskFile {
    const file = this.#names.get(path);
    if (file !== undefined) return file;
    throw Object.assign(
      new Error(
        `Cannot ${action} "${path}" on the disk "${this.name}": there is no such file, one that is there is wanted`,
      ),
      { code: "ENOENT", path },
    );
  }

  /** Begin an operation that a crash may find half done. */
  #change(verb: string, path: string, change: () => void, more: string = ""): Future<void> {
    const operation = this.#begin(
      verb,
      path,
      () => {
        this.#pending.delete(operation);
        change();
      },
      more,
    ) as unknown as Operation;
    this.#pending.set(operation, change);
    return operation as Future<unknown> as Future<void>;
  }

  #begin<T>(verb: string, path: string, effect: () => T, more: string = ""): Future<T> {
    const options = this.#latency === undefined ? {} : { latency: this.#latency };
    return this.#sim.io(`disk ${this.name}: ${verb} ${path}${more}`, effect, options);
  }
}

/** What fails now would have failed at its end, too. */
function attempt(change: () => void): void {
  try {
    change();
  } catch {}
}

function pathOf(path: string): string {
  if (typeof path === "string" && path !== "") return posix.normalize(path).replace(/(.)\/$/, "$1");
  throw new TypeError(`Cannot use a simulated disk: the path is ${describe(path)}, a string is wanted`);
}

/** A copy, as the caller may use its own again. */
function bytesOf(data: string | Uint8Array): Uint8Array {
  if (typeof data === "string") return new TextEncoder().encode(data);
  if (data instanceof Uint8Array) return Uint8Array.from(data);
  throw new TypeError(
    `Cannot write to a simulated disk: came ${describe(data)}, a string or a Uint8Array is wanted`,
  );
}

function textOf(file: DiskFile): string {
  return new TextDecoder().decode(file.content);
}
