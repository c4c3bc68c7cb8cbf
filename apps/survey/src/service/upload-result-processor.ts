/**
 * The author's own mend: count down done callbacks, and cache when the last one has come.
 *
 * Source: the seed's `AssessHandler.upload_result_processor`.
 */
import { type Future, IOLoop } from "gyre";
import type { TotalAnswer } from "../model/index.ts";
import type { Tools } from "./tools.ts";
import { cacheTotalAnswer } from "./total-answer-cache.ts";
import type { Renames } from "./upload-file-handle.ts";

/**
 * What `uploadFileHandle` calls with the renames: caches `totalAnswer` under `rid` once all are done.
 *
 * Without a rename nothing would ever call back, so it is cached at once.
 */
export function uploadResultProcessor(
  { stores, log }: Tools,
  rid: string,
  totalAnswer: TotalAnswer,
): (renames: Renames) => void {
  const setWhenDone = (): void => {
    // A callback cannot wait for the store; a failure goes to the log this way.
    IOLoop.current().spawnCallback(function* cacheWhenAllAreRenamed() {
      yield* cacheTotalAnswer(stores.keyValue, rid, totalAnswer);
    });
  };
  return (renames) => {
    const futures = new Map<Future<void>, string>(
      Object.entries(renames).map(([name, rename]) => [rename, name]),
    );
    if (futures.size === 0) setWhenDone();
    for (const future of [...futures.keys()]) {
      future.addDoneCallback((done) => {
        const name = futures.get(done);
        futures.delete(done);
        const error = done.error();
        if (error !== undefined) log.error(`rename upload for rid:${rid} answer:${name} err`, error);
        if (futures.size === 0) setWhenDone();
      });
    }
  };
}
