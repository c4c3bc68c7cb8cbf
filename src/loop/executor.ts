/**
 * Work that is done elsewhere, in a worker thread mostly, and the Future of its result.
 *
 * Source: Tornado `IOLoop.run_in_executor`, Python `concurrent.futures`. Differs: a
 * thread of Node's shares no functions with this one, so a task is data and a name.
 */
import { describe } from "../base/index.ts";
import { chainFuture, Future, fromThenable } from "../future/index.ts";

/** What an executor is told about one task. */
export interface ExecutorTask {
  /** The function that shall do it, among those that the file exports; its default export if absent. */
  readonly name?: string;
  /** The module that exports the function: a path or a URL. Absent when the executor has a file of its own. */
  readonly filename?: string;
  /** What of the task is handed over instead of copied, such as the buffer of an array. */
  readonly transferList?: unknown[];
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
export function startInExecutor<T>(
  executor: Executor,
  task: unknown,
  options: Omit<ExecutorTask, "signal">,
): Future<T> {
  checkExecutor(executor, "run in an executor");
  const abort = new AbortController();
  const future = new ExecutorFuture<T>(abort, options.name);
  try {
    const work = executor.run(task, { ...options, signal: abort.signal });
    chainFuture(work instanceof Future ? work : fromThenable(work), future);
  } catch (error) {
    future.setError(error);
  }
  return future;
}

/** @throws {TypeError} for anything that is no executor */
export function checkExecutor(executor: Executor, action: string): void {
  if (typeof executor !== "object" || executor === null || typeof executor.run !== "function") {
    throw new TypeError(`Cannot ${action}: came ${describe(executor)}, an Executor is wanted`);
  }
}
