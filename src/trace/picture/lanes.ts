/**
 * The lane that each coroutine is drawn in.
 *
 * A lane is one coroutine; or several of one name that the same lane started
 * one after the other, as a loop does. Where there are too many lanes, those
 * of leaves are folded into the lane that started them.
 */
import type { TraceEvent } from "../recording.ts";
import type { Actor } from "./actor.ts";

interface DraftLane {
  readonly index: number;
  readonly parent: DraftLane | undefined;
  readonly name: string;
  readonly members: Actor[];
}

/** Give each actor its lane, or fold it (`folded` is 1 or more, `lane` its owner's). @returns who is in each lane */
export function assignLanes(
  actors: ReadonlyMap<number, Actor>,
  events: readonly TraceEvent[],
  most: number,
): Actor[][] {
  const drafts = fold(draftLanes(actors, events), most);
  // Owners stand before what they started, so theirs is done.
  for (const actor of actors.values()) {
    if (actor.folded === 0) continue;
    actor.lane = actor.owner?.lane ?? 0;
    actor.folded = (actor.owner?.folded ?? 0) + 1;
  }
  return drafts.map((draft) => draft.members);
}

function draftLanes(actors: ReadonlyMap<number, Actor>, events: readonly TraceEvent[]): DraftLane[] {
  const drafts: DraftLane[] = [];
  const draftOf = new Map<Actor, DraftLane>();
  /** Lanes whose coroutine has ended, by who may take them. */
  const free = new Map<string, DraftLane[]>();
  const enter = (actor: Actor): void => {
    const parent = actor.owner === undefined ? undefined : draftOf.get(actor.owner);
    const index = drafts.length;
    const name = actor.work.name;
    let draft = free.get(groupKey({ parent, name }))?.shift();
    if (draft === undefined) {
      draft = { index, parent, name, members: [] };
      drafts.push(draft);
    }
    draft.members.push(actor);
    draftOf.set(actor, draft);
  };
  for (const actor of actors.values()) if (actor.atFirst !== "none") enter(actor);
  for (const event of events) {
    const actor = event.id === undefined ? undefined : actors.get(event.id);
    if (actor === undefined) continue;
    if (event.kind === "start" && !draftOf.has(actor)) enter(actor);
    const draft = draftOf.get(actor);
    if (event.kind !== "end" || draft === undefined) continue;
    const same = free.get(groupKey(draft));
    if (same === undefined) free.set(groupKey(draft), [draft]);
    else same.push(draft);
  }
  return drafts;
}

/** The same for lanes of one name under one parent. */
function groupKey({ parent, name }: Pick<DraftLane, "parent" | "name">): string {
  return `${parent?.index ?? ""} ${name}`;
}

/** Fold leaves, those of one name under one parent together, until there are `most`; then number the rest. */
function fold(drafts: readonly DraftLane[], most: number): DraftLane[] {
  const gone = new Set<DraftLane>();
  const children = new Map<DraftLane, number>();
  for (const { parent } of drafts) {
    if (parent !== undefined) children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  let leaves = drafts.filter((draft) => !children.has(draft));
  // Those whose last child is folded are the leaves of the next round. Roots stay, and those are few.
  while (drafts.length - gone.size > most && leaves.length > 0) {
    const next: DraftLane[] = [];
    for (const group of largestFirst(leaves)) {
      if (drafts.length - gone.size <= most) break;
      for (const draft of group) {
        gone.add(draft);
        for (const actor of draft.members) actor.folded = 1;
        const parent = draft.parent as DraftLane;
        const left = (children.get(parent) ?? 0) - 1;
        children.set(parent, left);
        if (left === 0) next.push(parent);
      }
    }
    leaves = next;
  }
  const left = drafts.filter((draft) => !gone.has(draft));
  for (const [index, draft] of left.entries()) for (const actor of draft.members) actor.lane = index;
  return left;
}

/** Leaves that can be folded, in groups; of equally large ones the latest first, which tell least of how it began. */
function largestFirst(leaves: readonly DraftLane[]): DraftLane[][] {
  const groups = new Map<string, DraftLane[]>();
  for (const draft of leaves) {
    if (draft.parent === undefined) continue;
    const group = groups.get(groupKey(draft));
    if (group === undefined) groups.set(groupKey(draft), [draft]);
    else group.push(draft);
  }
  return [...groups.values()].reverse().sort((a, b) => b.length - a.length);
}
