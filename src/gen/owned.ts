/**
 * The tree of owners: who started whom, who has ended, what was forgotten.
 *
 * A child is linked when it first suspends, so one that ends at once costs
 * nothing, and leaves when it ends. One that fails while nobody listens stays,
 * until somebody takes its error or its owner ends: then it is a lost error.
 * A child that still runs when its owner ends, and that nobody waits for, is an
 * orphan. Both are reported in that very step, not at some garbage collection.
 */
import { InvalidStateError } from "../base/index.ts";
import { Future, PENDING } from "../future/index.ts";
import type { IOLoop } from "../loop/index.ts";
import { LostErrorReport, OrphanReport } from "./reports.ts";

/** What has children: a coroutine, or a loop for those without an owner. */
interface Parent {
  _children: Owned<unknown> | undefined;
}

/** Bit of `_flags`: on its parent's list. */
const LINKED = 1;
const NONE: readonly Owned<unknown>[] = [];
/** Bit of `_flags`: its owner has ended, and nobody waited for it: it was reported. */
export const ORPHANED = 128;
/** Bit of `_flags`: let go on purpose, so that nobody is told of it while it runs. */
export const DETACHED = 64;

/**
 * A piece of work with a name and a place in the tree of owners.
 *
 * Its fields are made in one go with those of `Frame`, the one class below: a constructor for each of the two
 * would be too much for V8 to build into every call.
 */
export abstract class Owned<T> extends Future<T> implements Parent {
  /** Unique in the process, counted from 1 in the order of starting. */
  abstract readonly id: number;
  /** @internal */ abstract readonly _loop: IOLoop;
  /** @internal */ abstract _owner: Owned<unknown> | undefined;
  /** @internal Children that run, or failed unheard; newest first. */ abstract _children:
    | Owned<unknown>
    | undefined;
  /** @internal Bits; LINKED is of this file, the others of `frame.ts`. */ abstract _flags: number;
  /** @internal */ abstract _previous: Owned<unknown> | undefined;
  /** @internal */ abstract _next: Owned<unknown> | undefined;
  /** @internal */ abstract _generator: Generator<unknown, unknown, unknown> | undefined;
  /** @internal What it runs. */ abstract readonly _body: (...args: never[]) => unknown;

  /** The function's name, or "anonymous". */
  get name(): string {
    return nameOf(this._body);
  }

  /** The coroutine that started this one, as long as neither has ended. */
  get owner(): Owned<unknown> | undefined {
    return this._state === PENDING ? this._owner : undefined;
  }

  /** @throws {InvalidStateError} always: only its body says what a coroutine comes to; it can be cancelled */
  override setResult(_value: T): void {
    throw settlesItself(this, "set the result of");
  }

  /** @throws {InvalidStateError} always, as `setResult` */
  override setError(_error: unknown): void {
    throw settlesItself(this, "set the error of");
  }

  /** `name #id`, as reports and drawings call it. */
  override toString(): string {
    return `${this.name} #${this.id}`;
  }

  override _describe(): string {
    return this.toString();
  }

  /** @internal Take a place on the owner's list, or among the loop's own. */
  _link(): void {
    // One that has ended is asked for nothing any more.
    if (this._owner !== undefined && this._owner._state !== PENDING) this._owner = undefined;
    const parent = parentOf(this);
    const first = parent._children;
    this._next = first;
    if (first !== undefined) first._previous = this;
    parent._children = this;
    this._flags |= LINKED;
  }

  /** @internal Ended, well or with an error that somebody should see. */
  _leave(failed: boolean): void {
    if (failed && !this._isAwaited()) {
      keepForOwner(this);
      return;
    }
    if ((this._flags & LINKED) !== 0) unlink(this);
    // Of a failure that done callbacks only look at, the owner may still be told.
    if (!failed) this._owner = undefined;
  }

  override _take(): void {
    this._taken = true;
    if (this._state === PENDING) return;
    if ((this._flags & LINKED) !== 0) unlink(this);
    this._owner = undefined;
  }

  override _unheard(): void {
    if ((this._flags & LINKED) === 0 && !this._taken) keepForOwner(this);
  }

  /** @internal This one has ended: its children are on their own. */
  _abandonChildren(): void {
    for (const child of childrenOf(this)) {
      unlink(child);
      child._owner = undefined;
      if (child._state === PENDING) {
        child._link();
        if (child._isAwaited()) continue;
        child._flags |= ORPHANED;
        child._loop._report(new OrphanReport(child, this));
      } else reportLost(child, this);
    }
  }
}

function nameOf(body: { readonly name: unknown }): string {
  try {
    // Functions compute it anew at each look. A class may have a static one of any kind, as any object may.
    const { name } = body;
    return typeof name === "string" && name !== "" ? name : "anonymous";
  } catch {
    return "anonymous";
  }
}

/** Does it stand on its owner's list, or among the loop's own? Not so before its first wait. */
export function isListed(owned: Owned<unknown>): boolean {
  return (owned._flags & LINKED) !== 0;
}

/** `owned` belongs to nobody from now on. */
export function disown(owned: Owned<unknown>): void {
  if ((owned._flags & LINKED) === 0) {
    owned._owner = undefined;
    return;
  }
  unlink(owned);
  owned._owner = undefined;
  owned._link();
  if (owned._state !== PENDING) owned._leave(true);
}

/** The coroutines of `loop` that have no owner and have not ended, oldest first. */
export function rootsOf(loop: IOLoop): readonly Owned<unknown>[] {
  const parent = loop._roots as Parent | undefined;
  return parent?._children === undefined ? NONE : childrenOf(parent).filter((root) => !root.done());
}

/** The coroutines that `parent` started and that have not ended, oldest first; also those that failed unheard. */
export function childrenOf(parent: Parent | undefined): Owned<unknown>[] {
  const children: Owned<unknown>[] = [];
  for (let child = parent?._children; child !== undefined; child = child._next) children.push(child);
  return children.reverse();
}

/** Report now the failures without an owner that `loop` would report in its next passes. */
export function reportLostRoots(loop: IOLoop): void {
  for (const root of childrenOf(loop._roots as Parent | undefined)) if (root.done()) reportIfLost(root);
}

function parentOf(child: Owned<unknown>): Parent {
  if (child._owner !== undefined) return child._owner;
  child._loop._roots ??= { _children: undefined };
  return child._loop._roots as Parent;
}

function unlink(child: Owned<unknown>): void {
  const { _previous: previous, _next: next } = child;
  if (previous === undefined) parentOf(child)._children = next;
  else previous._next = next;
  if (next !== undefined) next._previous = previous;
  child._previous = undefined;
  child._next = undefined;
  child._flags &= ~LINKED;
}

function settlesItself(owned: Owned<unknown>, action: string): InvalidStateError {
  return new InvalidStateError(
    `Cannot ${action} "${owned}": it is a coroutine, a Future made by hand is wanted (to end it early, cancel it)`,
  );
}

/** Its owner's end is the moment of truth; without one, the pass after the next, as callbacks of the next may take it. */
function keepForOwner(failed: Owned<unknown>): void {
  if ((failed._flags & LINKED) === 0) failed._link();
  if (failed._owner !== undefined) return;
  const loop = failed._loop;
  loop.addCallback(() => loop.addCallback(reportIfLost, failed));
}

function reportIfLost(root: Owned<unknown>): void {
  if ((root._flags & LINKED) !== 0) unlink(root);
  reportLost(root, undefined);
}

/** Report the failure of one that has ended, once, unless somebody took it. */
function reportLost(failed: Owned<unknown>, owner: Owned<unknown> | undefined): void {
  if (failed._taken) return;
  // Once is enough, whatever becomes of it.
  failed._taken = true;
  failed._loop._report(new LostErrorReport(failed._value, failed, owner));
}
