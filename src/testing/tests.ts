/** Tests that are coroutines: for `node:test`, vitest, or any runner that takes a function. */
import { NodePoller } from "../loop/index.ts";
import { SimPoller } from "../sim/index.ts";
import { type TestBody, type TestOptions, TestRun } from "./test-run.ts";

/**
 * A test on virtual time: `it("waits an hour", simulated(function* () { yield* sleep(3_600_000); }))`.
 *
 * The body runs to its end inside one call, on a loop of its own. Beside what it
 * throws, it fails by an orphan, a lost error, an error in a callback, an
 * unexpected line in the log, a timer left over, by waiting for something that
 * nothing can bring, and at its limit, with the tree of what waits, each at its line.
 *
 * Source: Tornado `testing.gen_test`.
 *
 * @throws {TypeError} when `body` is no function
 */
export function simulated(body: TestBody, options: TestOptions = {}): () => void {
  // Made once here too, so that a wrong body fails where it is written.
  new TestRun(body, new SimPoller(), options);
  return () => {
    const run = new TestRun(body, new SimPoller(), options);
    run.begin();
    run.loop.start();
    run.finish();
  };
}

/**
 * The same on real time, for tests of sockets, files and promises. Fails as `simulated` does.
 *
 * @throws {TypeError} when `body` is no function
 */
export function realTime(body: TestBody, options: TestOptions = {}): () => Promise<void> {
  new TestRun(body, new NodePoller(), options);
  return async () => {
    const run = new TestRun(body, new NodePoller(), options);
    run.begin();
    await run.loop.start();
    run.finish();
    run.loop.close();
  };
}
