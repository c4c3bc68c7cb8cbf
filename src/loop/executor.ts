/**
 * Work that is done elsewhere, in a worker thread mostly, and the Future of its result.
 *
 * Source: Tornado `IOLoop.run_in_executor`, Python `concurrent.futures`. Differs: a
 * thread of Node's shares no functions with this one, so a task is data and a name.
 */
import { checkFunction, describe } from "../base/index.ts";
import { chainFuture, Future, fromThenable } from "../future/index.ts";
import { loadPeer } from "./peer.ts";

/** What an executor is told about one task. */
export interface ExecutorTask {
  /** The function that shall do it, among those that the worker's file exports; its default export if absent. */
  readonly name?: string;
  /** Aborted when nobody wants the result any more. */
  readonly signal: AbortSignal;
}

/** Does work elsewhere. Pools of the package piscina fit; `WorkerPool` is one. */
export interface Executor {
  /** Begin `task`, which must be such as can be sent to where it is done. A Future fits, and any promise. */
  run(task: unknown, options: ExecutorTask): PromiseLike<unknown>;
}

/** The result of one task. */
class ExecutorFuture<T> extends Future<T> {
  readonly #abort: AbortController;
  readonly #name: string | undefined;

  constructor(abort: AbortController, name: string | undefined) {
    super();
    this.#abort = abort;
    this.#name = name;
  }

  override _describe(): string {
    return this.#name === undefined ? "an executor" : `"${this.#name}" in an executor`;
  }

  /** Stops the work as well: the thread that does it is ended. */
  override cancel(reason?: unknown): boolean {
    if (!super.cancel(reason)) return false;
    this.#abort.abort();
    return true;
  }

  /** Whoever waits for it alone may stop it: it is nobody else's. */
  override _cancelOwned(_owner: object, reason: unknown): boolean {
    if (!this._isShared()) this.cancel(reason);
    return false;
  }
}

/** See `IOLoop.runInExecutor`. */
export function startInExecutor<T>(executor: Executor, task: unknown, name: string | undefined): Future<T> {
  if (typeof executor !== "object" || executor === null) {
    throw new TypeError(`Cannot run in an executor: came ${describe(executor)}, an Executor is wanted`);
  }
  checkFunction(executor.run, "run in an executor without a method run");
  const abort = new AbortController();
  const future = new ExecutorFuture<T>(abort, name);
  try {
    const { signal } = abort;
    const work = executor.run(task, name === undefined ? { signal } : { name, signal });
    chainFuture(work instanceof Future ? work : fromThenable(work), future);
  } catch (error) {
    future.setError(error);
  }
  return future;
}

/** What is used of piscina. */
interface Piscina extends Executor {
  destroy(): Promise<void>;
}

type PiscinaClass = new (options: {
  filename: string;
  minThreads: number;
  maxThreads?: number;
  idleTimeout: number;
}) => Piscina;

/** A thread without work ends after so long. */
const IDLE_MS = 5000;

export interface WorkerPoolOptions {
  /** As many threads work at a time; piscina's own default, by the number of processors, if absent. */
  readonly maxThreads?: number;
}

/**
 * Worker threads that all run the functions of one file.
 *
 * They are started when they are needed and keep no process alive while they have nothing to do.
 * Needs the package `piscina`, which is loaded at the first task.
 */
export class WorkerPool implements Executor {
  readonly #file: string;
  readonly #options: WorkerPoolOptions;
  #pool: Piscina | undefined = undefined;

  /** @param file - the module whose exports the threads run: a path, or a URL such as `new URL("./worker.js", import.meta.url)` */
  constructor(file: string | URL, options: WorkerPoolOptions = {}) {
    this.#file = String(file);
    this.#options = options;
  }

  /** @throws {GyreError} `GYRE_PEER_MISSING` when piscina is not installed */
  run(task: unknown, options: ExecutorTask): PromiseLike<unknown> {
    this.#pool ??= this.#start();
    return this.#pool.run(task, options);
  }

  /** End the threads, in the midst of their work. The pool starts anew when it gets another task. */
  close(): Future<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    return fromThenable(pool === undefined ? Promise.resolve() : pool.destroy());
  }

  #start(): Piscina {
    const Pool = loadPeer("piscina", "run in a worker thread") as PiscinaClass;
    return new Pool({ filename: this.#file, minThreads: 0, idleTimeout: IDLE_MS, ...this.#options });
  }
}
