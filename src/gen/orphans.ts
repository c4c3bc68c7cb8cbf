/**
 * What happens at a coroutine's end to children that still run.
 *
 * `report` is the default: the end comes at once, and each child that nobody
 * waits for is reported. The other policies change the end itself, so they are
 * asked for by a coroutine (`coroutine(body, { orphans })`) or by a whole loop.
 */
import { CancelledError, OrphanError } from "../base/index.ts";
import { Future, type Listener, listInWords, nest, PENDING, RESOLVED } from "../future/index.ts";
import type { OrphanPolicy } from "../loop/index.ts";
import { formatLocation, waitingLine } from "./location.ts";
import { childrenOf, DETACHED, disown, Owned } from "./owned.ts";

const policies: readonly OrphanPolicy[] = ["report", "wait", "cancel", "throw"];

/** Bits of `_flags` that hold a policy: 0 for none, so that the loop's holds. */
const SHIFT = 8;
const MASK = 7 << SHIFT;

/**
 * The bits of `_flags` for `policy`.
 *
 * @throws {TypeError} when there is no such policy
 */
export function orphanFlags(policy: OrphanPolicy): number {
  const at = policies.indexOf(policy);
  if (at < 0) {
    throw new TypeError(`Cannot treat orphans by "${policy}": one of ${policies.join(", ")} is wanted`);
  }
  return (at + 1) << SHIFT;
}

/** The policy that holds for the children of `owner`. */
export function orphanPolicyOf(owner: Owned<unknown>): OrphanPolicy {
  return policies[((owner._flags & MASK) >> SHIFT) - 1] ?? owner._loop._orphans;
}

/** Settles when all of some coroutines have ended, whichever way; nobody's failure is taken by it. */
class ChildrenEnd extends Future<void> implements Listener {
  #children: readonly Owned<unknown>[];
  #missing: number;

  constructor(children: readonly Owned<unknown>[]) {
    super();
    this.#children = children;
    this.#missing = children.length;
    for (const child of children) child._listen(this);
  }

  settled(): void {
    if (--this.#missing === 0) nest(finish, this, undefined);
  }

  /** Wait for `child` no longer. */
  drop(child: Owned<unknown>): void {
    if (child._state !== PENDING || !this.#children.includes(child)) return;
    this.#children = this.#children.filter((each) => each !== child);
    child._unlisten(this);
    this.settled();
  }

  /** It waits for an end, not for a result: a failure is still to be reported. */
  isWaitedFor(): boolean {
    return false;
  }

  override _awaits(): readonly Future<unknown>[] {
    return this.#children.filter((child) => child._state === PENDING);
  }

  override _describe(): string {
    const children = this._awaits();
    return `the end of ${listInWords(children, children.length)}`;
  }

  override _cancelOwned(_owner: object, reason: CancelledError): boolean {
    // Each gets a cancel of its own: what their clean-ups throw is reported for each, and not with the owner's.
    for (const child of this.#children) child.cancel(new CancelledError(reason.reason));
    return true;
  }
}

/** For `nest`: the owner that ends now may be another one's child. */
function finish(end: ChildrenEnd): void {
  end._settle(RESOLVED, undefined);
}

/**
 * Let `future` go on without an owner, on purpose: no orphan report when the coroutine that started it ends,
 * and one that waits at its end for its children waits for this one no longer.
 *
 * @param reason - why nobody needs to wait for it; for the reader of the code
 * @returns the same future
 * @throws {TypeError} when `reason` is empty
 */
export function detach<F extends Future<unknown>>(future: F, reason: string): F {
  if (typeof reason !== "string" || reason.trim() === "") {
    throw new TypeError("Cannot detach a future: no reason is given, a sentence is wanted");
  }
  future._detach();
  if (!(future instanceof Owned)) return future;
  const owner = future._owner;
  disown(future);
  future._flags |= DETACHED;
  for (const end of owner?._awaits() ?? []) if (end instanceof ChildrenEnd) end.drop(future);
  return future;
}

/** The Future that `owner` has to wait for before it may end; `undefined` when it may end at once. */
export function whatEndWaitsFor(owner: Owned<unknown>, policy: OrphanPolicy): Future<void> | undefined {
  if (policy !== "wait" && policy !== "cancel") return undefined;
  const running = childrenOf(owner).filter((child) => child._state === PENDING);
  const children = policy === "wait" ? running : running.filter((child) => !child._isAwaited());
  if (children.length === 0) return undefined;
  const end = new ChildrenEnd(children);
  if (policy === "cancel") for (const child of children) child.cancel(`its owner ${owner} ended`);
  return end;
}

/** The error that `owner` ends with by the policy "throw"; `undefined` when it has no orphans. */
export function orphanError(owner: Owned<unknown>): OrphanError | undefined {
  const orphans = childrenOf(owner).filter((child) => child._state === PENDING && !child._isAwaited());
  if (orphans.length === 0) return undefined;
  const places = orphans.map((orphan) => {
    const line = orphan._generator === undefined ? undefined : waitingLine(orphan._generator);
    return line === undefined ? `${orphan}` : `${orphan} at ${formatLocation(line)}`;
  });
  return new OrphanError(
    `Cannot end "${owner}": nobody waits for ${places.join(", ")}, a yield of each is wanted (or detach it, with a reason)`,
  );
}
