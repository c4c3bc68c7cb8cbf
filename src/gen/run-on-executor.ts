/** Methods whose work is done by an executor that their object holds. */
import { describe } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import { type Executor, IOLoop } from "../loop/index.ts";

export interface RunOnExecutorOptions {
  /** The property of the object that holds the executor. Default: `executor`. */
  readonly executor?: string;
}

/**
 * A method that does its work in the executor which its object holds: in a worker thread, say.
 *
 * The executor is looked up at each call. Its task is the array of the
 * arguments, for the function `name` that the worker's file exports.
 *
 * Source: Tornado `run_on_executor`. Differs: the body stands in the worker's file.
 *
 * @throws {TypeError} from the call, when the object holds no executor there
 */
export function runOnExecutor<A extends unknown[], T>(
  name: string,
  options: RunOnExecutorOptions = {},
): (this: object, ...args: A) => Future<T> {
  const property = options.executor ?? "executor";
  function start(this: object, ...args: A): Future<T> {
    const executor = (this as Record<string, unknown>)[property] as Executor | undefined;
    if (executor === undefined) {
      throw new TypeError(
        `Cannot run "${name}": the property "${property}" of ${describe(this)} is undefined, an Executor is wanted`,
      );
    }
    return IOLoop.current().runInExecutor<T>(executor, args, { name });
  }
  Object.defineProperty(start, "name", { value: name });
  return start;
}
