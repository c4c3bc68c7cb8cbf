/**
 * The worker that looks into photos and videos before a person does.
 *
 * Several may run at once, in one process or many: each takes an entry with a
 * lease, and an entry whose worker died is handed out again.
 */
import { CancelledError, type Coroutine, type CoroutineGenerator, coroutine, sleep } from "gyre";
import { parseReviewTask } from "../model/index.ts";
import { fileCheckQueue, keys } from "../service/store-keys.ts";
import type { Tools } from "../service/tools.ts";
import type { Reservation } from "../stores/index.ts";
import { checkFile } from "./file-signature.ts";

/** How long one file may take before another worker tries it. */
const leaseMs = 30_000;
/** How often an empty queue is asked, and a store that failed. */
const idleMs = 500;
const retryMs = 5_000;
/** An entry that fails this often is given up. */
const attemptLimit = 5;

/**
 * Check what is in the queue, and then what arrives, until it is cancelled.
 *
 * Suspends: for ever.
 */
export const runReviewWorker: (tools: Tools) => Coroutine<never> = coroutine(function* reviewWorker(
  tools: Tools,
): CoroutineGenerator<never> {
  for (;;) {
    try {
      const wasBusy = yield* checkNext(tools);
      if (!wasBusy) yield* sleep(idleMs);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      tools.log.error("The review worker could not go on; it tries again", error);
      yield* sleep(retryMs);
    }
  }
});

/** Check the oldest file that waits. @returns whether there was one */
export const checkNext = coroutine(function* checkNextFile(tools: Tools): CoroutineGenerator<boolean> {
  const { queue } = tools.stores;
  const reserved = yield* queue.reserve(fileCheckQueue, { leaseMs });
  if (reserved === undefined) return false;
  try {
    yield* checkEntry(tools, reserved);
  } catch (error) {
    if (reserved.attempt < attemptLimit) throw error; // the lease runs out, and it is tried again
    tools.log.error(`Gave up the check of ${reserved.task} after ${attemptLimit} attempts`, error);
  }
  yield* queue.acknowledge(fileCheckQueue, reserved.id);
  return true;
});

function* checkEntry(tools: Tools, { task }: Reservation): CoroutineGenerator<void> {
  const { stores, log } = tools;
  const { file } = parseReviewTask(task);
  const verdict = yield* checkFile(tools, file);
  yield* stores.keyValue.set(keys.fileCheck(file.key), JSON.stringify(verdict));
  const found = verdict.kind === "missing" ? "" : `, it is ${verdict.found}`;
  if (verdict.kind !== "ok") log.warn(`check of ${file.key}: ${verdict.kind}${found}`);
}
