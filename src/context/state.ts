/**
 * What is in force around the code that runs now, as one value: stack contexts,
 * context variables, and the stores of the followed AsyncLocalStorages.
 *
 * It is captured where a callback is registered or a coroutine started, and put
 * in force again where that runs. A state never changes; whatever changes it
 * makes a new one, so two can be compared by identity, which is all that it
 * costs while nothing is in use.
 */

/** A thrown value in a box, so that `throw undefined` is still seen as thrown. */
export interface Thrown {
  readonly error: unknown;
}

/** Leaves a context again, and may consume or replace what was thrown. */
export type Leave = (thrown: Thrown | undefined) => Thrown | undefined;

/** One stack context: something to do around each callback that captured it. */
export interface Entry {
  active: boolean;
  enter(): Leave;
}

/** What was captured. Opaque to all but this folder. */
export interface ContextState {
  /** Stack contexts, outermost first. */
  readonly entries: readonly Entry[];
  /** Values of context variables that were set. */
  readonly variables: ReadonlyMap<object, unknown>;
  /** The store of each followed AsyncLocalStorage, in the order in which they were. */
  readonly stores: readonly unknown[];
}

/** The part of an AsyncLocalStorage that following it needs. */
export interface FollowedStorage {
  getStore(): unknown;
  enterWith(store: never): void;
}

/** A place once taken stays, empty when it is no longer followed: captured stores go by place. */
const followed: (FollowedStorage | undefined)[] = [];
let following = false;
let current: ContextState = { entries: [], variables: new Map(), stores: [] };

/** The state in force now; to be given back to `restoreContexts` or `runInContexts`. */
export function captureContexts(): ContextState {
  return following ? readStores() : current;
}

/** Put `state` in force without entering anything; returns what was in force before. */
export function restoreContexts(state: ContextState): ContextState {
  const before = captureContexts();
  current = state;
  if (following) writeStores(state.stores);
  return before;
}

/** The state in force now, with some of it replaced. */
export function changedContexts(change: Partial<ContextState>): ContextState {
  return { ...captureContexts(), ...change };
}

/** From now on the store of `storage` is part of the state. @returns a function that ends it */
export function follow(storage: FollowedStorage): () => void {
  if (!followed.includes(storage)) followed.push(storage);
  following = true;
  return () => {
    const at = followed.indexOf(storage);
    if (at >= 0) followed[at] = undefined;
    following = followed.some((each) => each !== undefined);
  };
}

function readStores(): ContextState {
  const known = current.stores;
  const isSame = followed.every((storage, at) => at < known.length && storage?.getStore() === known[at]);
  if (!isSame) current = { ...current, stores: followed.map((storage) => storage?.getStore()) };
  return current;
}

/** A storage that was not followed yet when the state was captured is left as it is. */
function writeStores(stores: readonly unknown[]): void {
  for (let at = 0; at < stores.length; at++) {
    const storage = followed[at];
    if (storage !== undefined && storage.getStore() !== stores[at]) storage.enterWith(stores[at] as never);
  }
}
