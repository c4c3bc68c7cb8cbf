/** The simulation, as far as its nodes, disks and network know it. */
import type { Future } from "../future/index.ts";
import type { Log, OrphanPolicy, Report } from "../loop/index.ts";
import type { Latency } from "./latency.ts";
import type { World } from "./world.ts";

export interface SimHost {
  readonly _world: World;
  readonly _orphans: OrphanPolicy;
  readonly log: Log;
  readonly nodes: readonly { readonly name: string }[];

  /** Begin an operation of the process that runs now. */
  io<T>(label: string, effect: () => T, options?: { readonly latency?: Latency }): Future<T>;

  /** Begin one that is of no process, so that no crash and no fault is its: what is under way, what comes by itself. */
  _begin(label: string, effect: () => unknown, latency: Latency | undefined): void;

  _refusePromise(waiter: object | undefined): Error;
  _report(report: Report): void;
  random(): number;
}
