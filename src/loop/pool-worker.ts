/** What the threads of a `WorkerPool` run: the functions of other modules, by name. */
import { describe } from "../base/index.ts";
import { packThrow } from "./thrown.ts";

/** One task, as it is sent to a thread. */
export interface PoolTask {
  /** The address of the module. */
  readonly url: string;
  readonly name: string;
  readonly task: unknown;
}

export default async function runTask({ url, name, task }: PoolTask): Promise<unknown> {
  try {
    const module = (await import(url)) as Record<string, unknown>;
    // Node does not see every name that a CommonJS module exports.
    const fn = module[name] ?? (module.default as Record<string, unknown> | undefined)?.[name];
    if (typeof fn !== "function") {
      const names = Object.keys(module).join(", ") || "nothing";
      throw new TypeError(
        `Cannot run "${name}" in a thread: in ${url} it is ${describe(fn)}, a function is wanted (exported: ${names})`,
      );
    }
    return await fn(task);
  } catch (error) {
    throw packThrow(error);
  }
}
