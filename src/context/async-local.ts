/**
 * AsyncLocalStorage, kept with coroutines.
 *
 * A coroutine is resumed by whoever settles what it waits for, so Node would
 * show it that one's store: another request's. A storage that is followed shows
 * each coroutine and callback the store of where it was started or registered.
 *
 * Node has no list of its storages, and a snapshot of all of them costs 8 us on
 * Node 20: so the program names those it uses, and pays tens of nanoseconds.
 */
import { describe } from "../base/index.ts";
import { type FollowedStorage, follow } from "./state.ts";

/**
 * Show to each coroutine and callback the store of `storage` that was in force where it began, whoever wakes it.
 *
 * Call it once, where the storage is made. A store that a coroutine enters by
 * `storage.enterWith()` stays its own, and is seen by what it starts.
 *
 * @returns a function that ends it
 * @throws {TypeError} when `storage` is no AsyncLocalStorage
 */
export function followStorage(storage: FollowedStorage): () => void {
  if (typeof storage?.getStore !== "function" || typeof storage.enterWith !== "function") {
    throw new TypeError(`Cannot follow ${describe(storage)}: an AsyncLocalStorage is wanted`);
  }
  return follow(storage);
}
