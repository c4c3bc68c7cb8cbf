/**
 * What a loop's coroutines wait for, as a tree: owners above those they
 * started, each with the line at which it waits.
 */
import type { Future } from "../future/index.ts";
import type { IOLoop } from "../loop/index.ts";
import { formatLocation, type Location, waitingLine } from "./location.ts";
import { childrenOf, type Owned, rootsOf } from "./owned.ts";
import { type CoroutineInfo, infoOf } from "./reports.ts";

/** One coroutine that has not ended, and those it started. */
export interface WaitingNode {
  readonly coroutine: CoroutineInfo;
  /** What it waits for, in words, such as `fetchUser #3` or `sleep, 200 ms left`. */
  readonly waitsFor: string;
  /** The line at which it waits; `undefined` where it cannot be known. */
  readonly waitsAt: Location | undefined;
  readonly children: readonly WaitingNode[];
}

/**
 * The coroutines of `loop` that have not ended, oldest first.
 *
 * Asks the inspector for each line, about 100 us a coroutine: for reports, not for every request.
 */
export function waitingTree(loop: IOLoop): WaitingNode[] {
  return rootsOf(loop).map(toNode);
}

/** `waitingTree` as text, a line a coroutine; empty when none waits. */
export function formatWaitingTree(nodes: readonly WaitingNode[], indent = ""): string {
  return nodes
    .map(({ coroutine, waitsFor, waitsAt, children }) => {
      const at = waitsAt === undefined ? "" : ` at ${formatLocation(waitsAt)}`;
      const below = children.length === 0 ? "" : `\n${formatWaitingTree(children, `${indent}  `)}`;
      return `${indent}${coroutine.name} #${coroutine.id} waits for ${waitsFor}${at}${below}`;
    })
    .join("\n");
}

function toNode(owned: Owned<unknown>): WaitingNode {
  return {
    coroutine: infoOf(owned),
    waitsFor: describeWaits(owned._awaits()),
    waitsAt: owned._generator === undefined ? undefined : waitingLine(owned._generator),
    children: childrenOf(owned)
      .filter((child) => !child.done())
      .map(toNode),
  };
}

function describeWaits(sources: readonly Future<unknown>[]): string {
  return sources.length === 0 ? "its turn" : sources.map((source) => source._describe()).join(", ");
}
