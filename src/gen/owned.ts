/**
 * The tree of owners: who started whom, who has ended, what was forgotten.
 *
 * A child is linked when it first suspends, so one that ends at once costs
 * nothing, and leaves when it ends. One that fails while nobody listens stays,
 * until somebody takes its error or its owner ends: then it is a lost error.
 * A child that still runs when its owner ends, and that nobody waits for, is an
 * orphan. Both are reported in that very step, not at some garbage collection.
 */
import { Future, PENDING } from "../future/index.ts";
import { IOLoop } from "../loop/index.ts";
import { definitionLine, firstUserLine, formatLocation, type Location, waitingLine } from "./location.ts";

/** What has children: a coroutine, or a loop for those without an owner. */
interface Parent {
  _children: Owned<unknown> | undefined;
}

/** Bit of `_flags`: on its parent's list. */
const LINKED = 1;

/** Where each was started, while sites are recorded: a map beside them, so that none pays while they are not. */
const sites = new WeakMap<Owned<unknown>, Error>();

/** Remember the frames of `site` as the place that started `owned`. */
export function rememberSite(owned: Owned<unknown>, site: Error): void {
  sites.set(owned, site);
}

let lastId = 0;

/** A piece of work with a name and a place in the tree of owners. */
export abstract class Owned<T> extends Future<T> implements Parent {
  /** Unique in the process, counted from 1 in the order of starting. */
  readonly id: number = ++lastId;
  /** @internal */ readonly _loop: IOLoop;
  /** @internal */ _owner: Owned<unknown> | undefined;
  /** @internal Children that run, or failed unheard; newest first. */ _children: Owned<unknown> | undefined =
    undefined;
  /** @internal Bits; LINKED is of this file, the others of `coroutine.ts`. */ _flags: number = 0;
  /** @internal */ _previous: Owned<unknown> | undefined = undefined;
  /** @internal */ _next: Owned<unknown> | undefined = undefined;
  /** @internal */ _generator: Generator<unknown, unknown, unknown> | undefined = undefined;
  /** @internal What it runs. */ abstract readonly _body: (...args: never[]) => unknown;

  constructor(owner: Owned<unknown> | undefined) {
    super();
    this._owner = owner;
    // The owner runs now, so its loop is the current one.
    this._loop = owner === undefined ? IOLoop.current() : owner._loop;
  }

  /** The function's name, or "anonymous". */
  get name(): string {
    return this._body.name === "" ? "anonymous" : this._body.name;
  }

  /** The coroutine that started this one, as long as neither has ended. */
  get owner(): Owned<unknown> | undefined {
    return this._state === PENDING ? this._owner : undefined;
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
    if ((this._flags & LINKED) === 0 || this._state === PENDING) return;
    unlink(this);
    this._owner = undefined;
  }

  override _unheard(): void {
    if ((this._flags & LINKED) === 0 && !this._taken) keepForOwner(this);
  }

  /** @internal This one has ended: its children are on their own. */
  _abandonChildren(): void {
    const children: Owned<unknown>[] = [];
    for (let child = this._children; child !== undefined; child = child._next) children.push(child);
    for (const child of children.reverse()) {
      unlink(child);
      child._owner = undefined;
      if (child._state === PENDING) {
        child._link();
        if (!child._isAwaited()) child._loop._report(new OrphanReport(child, this));
      } else reportLost(child, this);
    }
  }
}

/**
 * Let `future` go on without an owner, on purpose: no orphan report when the coroutine that started it ends.
 *
 * @param reason - why nobody needs to wait for it; for the reader of the code
 * @returns the same future
 * @throws {TypeError} when `reason` is empty
 */
export function detach<F extends Future<unknown>>(future: F, reason: string): F {
  if (typeof reason !== "string" || reason.trim() === "") {
    throw new TypeError("Cannot detach a future: no reason is given, a sentence is wanted");
  }
  if (future instanceof Owned && (future._flags & LINKED) !== 0) {
    unlink(future);
    future._owner = undefined;
    future._link();
    if (future._state !== PENDING) future._leave(true);
  } else if (future instanceof Owned) future._owner = undefined;
  return future;
}

/** The coroutines of `loop` that have no owner and have not ended, oldest first. */
export function rootsOf(loop: IOLoop): Owned<unknown>[] {
  const roots: Owned<unknown>[] = [];
  const parent = loop._roots as Parent | undefined;
  for (let each = parent?._children; each !== undefined; each = each._next) roots.push(each);
  return roots.reverse();
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

function reportLost(failed: Owned<unknown>, owner: Owned<unknown> | undefined): void {
  if (failed._taken) return;
  // Once is enough, whatever becomes of it.
  failed._taken = true;
  failed._loop._report(new LostErrorReport(failed, owner));
}

/** Who a report is about. */
export interface CoroutineInfo {
  readonly name: string;
  readonly id: number;
}

/** Name and number, to be kept where the coroutine itself must not be. */
export function infoOf(owned: Owned<unknown>): CoroutineInfo {
  return { name: owned.name, id: owned.id };
}

function siteOf(owned: Owned<unknown>): Location | undefined {
  const site = sites.get(owned);
  return site === undefined ? undefined : firstUserLine(site.stack ?? "");
}

function whereLines(startedAt: Location | undefined, definedAt: Location | undefined): string[] {
  if (startedAt !== undefined) return [`  started at ${formatLocation(startedAt)}`];
  return definedAt === undefined ? [] : [`  defined at ${formatLocation(definedAt)}`];
}

/** A coroutine was still running, and nobody waited for it, when its owner ended. */
export class OrphanReport {
  readonly kind = "orphan";
  readonly orphan: CoroutineInfo;
  readonly owner: CoroutineInfo;
  /** The line at which the orphan waits; `undefined` where it cannot be known. */
  readonly waitsAt: Location | undefined;
  /** The line that started it, when sites are recorded (`recordSites`). */
  readonly startedAt: Location | undefined;
  /** Where its function is defined. */
  readonly definedAt: Location | undefined;
  readonly text: string;

  constructor(orphan: Owned<unknown>, owner: Owned<unknown>) {
    this.orphan = infoOf(orphan);
    this.owner = infoOf(owner);
    this.waitsAt = orphan._generator === undefined ? undefined : waitingLine(orphan._generator);
    this.startedAt = siteOf(orphan);
    this.definedAt = definitionLine(orphan._body);
    this.text = [
      `orphan: ${orphan} was still running when its owner ${owner} ended, and nobody waits for it`,
      ...(this.waitsAt === undefined ? [] : [`  waits at ${formatLocation(this.waitsAt)}`]),
      ...whereLines(this.startedAt, this.definedAt),
      `  yield it in ${owner.name}, or let it go on purpose with detach(future, reason)`,
    ].join("\n");
  }
}

/** A coroutine failed and nobody took the error. */
export class LostErrorReport {
  readonly kind = "lost-error";
  readonly coroutine: CoroutineInfo;
  /** Who started it; `undefined` when it had no owner, or outlived it. */
  readonly owner: CoroutineInfo | undefined;
  readonly error: unknown;
  readonly startedAt: Location | undefined;
  readonly definedAt: Location | undefined;
  readonly text: string;

  constructor(failed: Owned<unknown>, owner: Owned<unknown> | undefined) {
    this.coroutine = infoOf(failed);
    this.owner = owner === undefined ? undefined : infoOf(owner);
    this.error = failed._value;
    this.startedAt = siteOf(failed);
    this.definedAt = definitionLine(failed._body);
    const whose = owner === undefined ? "" : `, which ${owner} started,`;
    this.text = [
      `lost error: ${failed}${whose} failed and nobody took its error`,
      ...whereLines(this.startedAt, this.definedAt),
      `  ${failed._value instanceof Error ? (failed._value.stack ?? failed._value.message) : String(failed._value)}`,
    ].join("\n");
  }
}
