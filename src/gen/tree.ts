/**
 * What a loop's coroutines wait for, as a tree: owners above those they
 * started, each with the line at which it waits.
 */
import type { Future } from "../future/index.ts";
import type { IOLoop } from "../loop/index.ts";
import { formatLocation, type Location, waitingLine } from "./location.ts";
import { childrenOf, type Owned, rootsOf } from "./owned.ts";
import { type CoroutineInfo, infoOf } from "./reports.ts";
import { inWords } from "./words.ts";

/** One coroutine that has not ended, and those it started. */
export interface WaitingNode {
  readonly coroutine: CoroutineInfo;
  /** What it waits for, in words, such as `fetchUser #3`, `sleep 300 ms, 200 ms left` or `lock A, held by save #4`. */
  readonly waitsFor: string;
  /** The line at which it waits; `undefined` where it cannot be known. */
  readonly waitsAt: Location | undefined;
  readonly children: readonly WaitingNode[];
}

/**
 * The coroutines of `loop` that have not ended, oldest first.
 *
 * Asks the inspector for each line, about 100 us a coroutine: for reports, not for every request.
 *
 * @param most - how many coroutines it has at most; the rest is left out
 */
export function waitingTree(loop: IOLoop, most: number = Number.POSITIVE_INFINITY): WaitingNode[] {
  return treeOf(rootsOf(loop), most);
}

/** The tree below `found`, with the first `most` of its coroutines. */
export function treeOf(found: readonly Owned<unknown>[], most: number): WaitingNode[] {
  const roots: WaitingNode[] = [];
  let count = 0;
  // A list of what is left, no recursion: more coroutines may wait for each other than the stack has room for calls.
  const left = [{ owned: found, nodes: roots }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const owned of next.owned) {
      if (count++ >= most) return roots;
      const children: WaitingNode[] = [];
      next.nodes.push({
        coroutine: infoOf(owned),
        waitsFor: describeWaits(owned._awaits()),
        waitsAt: owned._generator === undefined ? undefined : waitingLine(owned._generator),
        children,
      });
      left.push({ owned: childrenOf(owned).filter((child) => !child.done()), nodes: children });
    }
  }
  return roots;
}

/** Levels that are shown by indenting; deeper ones stand below each other. */
const MOST_INDENTS = 40;

/** `waitingTree` as text, a line a coroutine; empty when none waits. */
export function formatWaitingTree(nodes: readonly WaitingNode[], indent = ""): string {
  const lines: string[] = [];
  for (const { node, depth } of nodesOf(nodes)) {
    const { coroutine, waitsFor, waitsAt } = node;
    const at = waitsAt === undefined ? "" : ` at ${formatLocation(waitsAt)}`;
    const indents = "  ".repeat(Math.min(depth, MOST_INDENTS));
    lines.push(`${indent}${indents}${coroutine.name} #${coroutine.id} waits for ${waitsFor}${at}`);
  }
  return lines.join("\n");
}

/** All nodes of a tree, each before those below it. */
export function* nodesOf(
  nodes: readonly WaitingNode[],
): Generator<{ readonly node: WaitingNode; readonly depth: number }, void, undefined> {
  const left = nodes.map((node) => ({ node, depth: 0 })).reverse();
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    const depth = next.depth + 1;
    for (const node of next.node.children.toReversed()) left.push({ node, depth });
  }
}

function describeWaits(sources: readonly Future<unknown>[]): string {
  return sources.length === 0 ? "its turn" : sources.map((source) => inWords(source, true)).join(", ");
}
