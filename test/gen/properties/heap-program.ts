/**
 * A million coroutines in batches: some end at once, some wait, some fail and are caught, some are cancelled.
 *
 * Prints the bytes of heap in use after a tenth of them, when all is warm, and after all. Needs --expose-gc.
 */
import { coroutine, IOLoop, sleep } from "../../../src/index.ts";
import { SimPoller } from "../../../src/sim/index.ts";

// What a stack costs is time, and it is gone with its error.
Error.stackTraceLimit = 0;

const ALL = 1_000_000;
const BATCH = 1000;

const atOnce = coroutine(function* atOnce() {
  return 1;
});
const later = coroutine(function* later() {
  yield* sleep(1);
});
const fails = coroutine(function* fails() {
  yield* sleep(1);
  throw error;
});
/** One for all: a stack for each would be most of what this measures. */
const error = new Error("as it should");

/** A quarter of `BATCH` of each kind, and the end of all of them. */
const batch = coroutine(function* batch() {
  const works = [];
  for (let i = 0; i < BATCH; i += 4) {
    const cancelled = later();
    works.push(atOnce(), later(), fails(), cancelled);
    cancelled.cancel();
  }
  for (const work of works) {
    try {
      yield* work;
    } catch {}
  }
});

const collect = (globalThis as unknown as { gc: () => void }).gc;

function usedBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const loop = new IOLoop({ poller: new SimPoller() });
let warmBytes = 0;
for (let done = BATCH; done <= ALL; done += BATCH) {
  loop.runSync(() => batch());
  if (done === ALL / 10) warmBytes = usedBytes();
}
console.log(JSON.stringify({ warmBytes, endBytes: usedBytes(), timers: loop.statistics().timers }));
