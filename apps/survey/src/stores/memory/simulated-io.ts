/**
 * What stands between a memory store and its caller: time that passes, and
 * faults. All of it on the current loop, without Promises, so that the same
 * handlers run on a simulated loop.
 */
import { Future, IOLoop } from "gyre";
import type { StoreIO, StoreOperation } from "./store-io.ts";

/** What happens to an operation in place of the thing asked for: it fails, or it never ends. */
export type Fault = Error | "stall";

export interface SimulatedIOOptions {
  /** How long operations take, in milliseconds of loop time; default 0. `key` is the key, queue or prefix. */
  readonly latencyMs?: number | ((operation: StoreOperation, key: string) => number);
  /** Asked at the start of each operation, after `failNext`. */
  readonly fault?: (operation: StoreOperation, key: string) => Fault | undefined;
}

/** A fault that waits for its operation. */
interface PlannedFault {
  readonly operation: StoreOperation;
  readonly key: string | undefined;
  readonly fault: Fault;
}

export class SimulatedIO implements StoreIO {
  readonly #options: SimulatedIOOptions;
  readonly #planned: PlannedFault[] = [];

  constructor(options: SimulatedIOOptions = {}) {
    this.#options = options;
  }

  /**
   * Let the next `operation` (on `key`, if given) fail with `fault`, or never end.
   *
   * Several plans for one operation are used up in the order they were made.
   */
  failNext(operation: StoreOperation, fault: Fault, key?: string): void {
    this.#planned.push({ operation, key, fault });
  }

  /** The current loop's clock. */
  nowMs(): number {
    return IOLoop.current().time();
  }

  /**
   * Do `action` once the operation's time has passed, all at once and at its end.
   *
   * It is done also when the caller has cancelled the Future meanwhile, as a
   * server would that has the request already.
   */
  perform<T>(operation: StoreOperation, key: string, action: () => T): Future<T> {
    const future = new Future<T>();
    const fault = this.#takeFault(operation, key);
    if (fault === "stall") return future;
    const end = (): void => {
      try {
        if (fault !== undefined) throw fault;
        future.setResultUnlessCancelled(action());
      } catch (error) {
        if (!future.cancelled()) future.setError(error);
      }
    };
    const { latencyMs = 0 } = this.#options;
    const delayMs = typeof latencyMs === "number" ? latencyMs : latencyMs(operation, key);
    if (delayMs === 0) end();
    else IOLoop.current().callLater(delayMs, end);
    return future;
  }

  #takeFault(operation: StoreOperation, key: string): Fault | undefined {
    const at = this.#planned.findIndex(
      (planned) => planned.operation === operation && (planned.key === undefined || planned.key === key),
    );
    if (at >= 0) return this.#planned.splice(at, 1)[0]?.fault;
    return this.#options.fault?.(operation, key);
  }
}
