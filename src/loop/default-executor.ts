/** What a loop runs the functions of modules by, when no executor is named. */
import { LoopStateError } from "../base/index.ts";
import { checkExecutor, type Executor } from "./executor.ts";
import { WorkerPool } from "./worker-pool.ts";

/** The executor that a loop was given, else a pool of its own, made when it is needed. */
export class DefaultExecutor {
  #given: Executor | undefined = undefined;
  #own: WorkerPool | undefined = undefined;
  #closed = false;

  /** Take `executor` from now on; the loop's own pool again when undefined. */
  set(executor: Executor | undefined): void {
    if (executor !== undefined) checkExecutor(executor, "set the default executor");
    this.#given = executor;
  }

  /** @throws {LoopStateError} when the loop is closed, and nobody would close a pool */
  get(): Executor {
    if (this.#given !== undefined) return this.#given;
    if (this.#closed)
      throw new LoopStateError("Cannot run in an executor: the loop is closed, make a new one");
    this.#own ??= new WorkerPool();
    return this.#own;
  }

  /** End the threads of the loop's own pool; one that was given is its giver's. */
  close(): void {
    this.#closed = true;
    this.#own?.close();
  }
}
