/** Worker threads that run the functions of modules: an executor over the package piscina. */
import { pathToFileURL } from "node:url";
import { describe } from "../base/index.ts";
import { Future } from "../future/index.ts";
import type { Executor, ExecutorTask } from "./executor.ts";
import { loadPeer } from "./peer.ts";
import type { PoolTask } from "./pool-worker.ts";
import { isPackedThrow, unpackThrow } from "./thrown.ts";

/** What is used of piscina. */
interface Piscina {
  run(task: PoolTask, options: { signal: AbortSignal; transferList?: unknown[] }): Promise<unknown>;
  destroy(): Promise<void>;
}

type PiscinaClass = new (options: {
  filename: string;
  minThreads: number;
  maxThreads?: number;
  idleTimeout: number;
}) => Piscina;

/** A thread without work ends after so long, unless it is the last one. */
const IDLE_MS = 5000;

export interface WorkerPoolOptions {
  /** As many threads work at a time, at most; piscina's own default, by the number of processors, if absent. */
  readonly maxThreads?: number;
}

/**
 * Worker threads that run the functions which a module exports.
 *
 * They are started when they are needed, and keep no process alive while they have nothing to do.
 * Needs the package `piscina`, which is loaded at the first task.
 *
 * What a function throws arrives with its stack, name and fields, but as an error of JavaScript's own classes.
 * What it left running when it ended stands still until its thread gets the next task.
 */
export class WorkerPool implements Executor {
  readonly #file: string | URL | undefined;
  readonly #options: WorkerPoolOptions;
  #pool: Piscina | undefined = undefined;

  /**
   * @param file - the module, for tasks that do not name one: a path, or a URL such as
   *   `new URL("./worker.js", import.meta.url)`
   */
  constructor(file?: string | URL, options: WorkerPoolOptions = {}) {
    this.#file = file;
    this.#options = options;
  }

  /**
   * @throws {GyreError} `GYRE_PEER_MISSING` when piscina is not installed
   * @throws {TypeError} when no file is named
   */
  run(task: unknown, options: ExecutorTask): Future<unknown> {
    const { name = "default", filename = this.#file, signal, transferList } = options;
    const url = toUrl(filename, name);
    this.#pool ??= this.#start();
    const pool = this.#pool;
    const result = new Future<unknown>();
    pool.run({ url, name, task }, transferList === undefined ? { signal } : { signal, transferList }).then(
      (value) => result.setResult(value),
      (error: unknown) => {
        if (this.#pool !== pool) result.cancel("its pool was closed");
        else result.setError(isPackedThrow(error) ? unpackThrow(error) : refusal(error, name));
      },
    );
    return result;
  }

  /**
   * End the threads, in the midst of their work: it is cancelled.
   *
   * The pool starts anew when it gets another task.
   */
  close(): Future<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    const closed = new Future<void>();
    if (pool === undefined) closed.setResult();
    else void pool.destroy().then(() => closed.setResult());
    return closed;
  }

  #start(): Piscina {
    const Pool = loadPeer("piscina", "run in a worker thread") as PiscinaClass;
    // Built, it stands beside this file as JavaScript; from the sources, as TypeScript.
    const ending = import.meta.url.endsWith(".js") ? "js" : "ts";
    const filename = new URL(`./pool-worker.${ending}`, import.meta.url).href;
    // Never without a thread: when a cancel ends the last one, piscina starts no other for the tasks that wait.
    return new Pool({ filename, minThreads: 1, idleTimeout: IDLE_MS, ...this.#options });
  }
}

function toUrl(file: string | URL | undefined, name: string): string {
  if (file instanceof URL) return file.href;
  if (typeof file !== "string") {
    throw new TypeError(
      `Cannot run "${name}" in a thread: its file is ${describe(file)}, a path or a URL is wanted`,
    );
  }
  return /^(file|data|node):/.test(file) ? file : pathToFileURL(file).href;
}

/** Piscina's own errors, of which those about data that cannot be sent say little. */
function refusal(error: unknown, name: string): unknown {
  // What a thread throws comes as its result: so this is the refusal to copy one, which is itself copied badly,
  // as an empty object by Node 20, as an Error without a message by Node 22.
  if (!(error instanceof Error) || error.message === "") {
    return new TypeError(
      `Cannot take the result of "${name}" from its thread: it cannot be copied, data is wanted`,
    );
  }
  if (error.name !== "DataCloneError") return error;
  return new TypeError(
    `Cannot send the task of "${name}" to a thread: it cannot be copied, data is wanted (${error.message})`,
    { cause: error },
  );
}
