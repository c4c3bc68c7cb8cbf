/** Runs one body of a contract suite against each implementation, on the loop that it lives on. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coroutine, type Future, IOLoop, sleep } from "gyre";
import { SimPoller } from "gyre/sim";
import { openMemoryStores, openStores, type Stores } from "../../src/stores/index.ts";

/** What a test is given. */
export interface World {
  readonly stores: Stores;
  /** Let the clock that the stores go by pass `ms`. */
  advance(ms: number): Future<void>;
}

export type Body = (world: World) => Generator<Future<unknown>, void, unknown>;

export interface Harness {
  readonly name: string;
  /** Run `body` with stores of its own; fails as the body does. */
  run(body: Body): Promise<void>;
}

/** A folder of its own for `use`, removed afterwards. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gyre-stores-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Run `body` as a coroutine on a simulated loop, to its end, before this returns. */
export function runSimulated<T>(body: () => Generator<Future<unknown>, T, unknown>): T {
  const loop = new IOLoop({ poller: new SimPoller() });
  const noReports = watchReports(loop);
  const result = loop.runSync(body) as T;
  noReports();
  return result;
}

/** Listen to `loop`; the function returned fails if it had anything to report, and ends the listening. */
function watchReports(loop: IOLoop): () => void {
  const reports: string[] = [];
  const end = loop.onReport(({ text }) => reports.push(text));
  return () => {
    end();
    assert.deepEqual(reports, []);
  };
}

/** In memory, each operation taking 3 ms of virtual time. */
const inMemory: Harness = {
  name: "in memory, on virtual time",
  async run(body) {
    runSimulated(function* () {
      const stores = openMemoryStores({ latencyMs: 3 });
      yield* coroutine(body)({ stores, advance: sleep });
      yield* stores.close();
    });
  },
};

/** In a folder, with a clock that the test moves. */
const inFolder: Harness = {
  name: "in a folder",
  run: (body) =>
    withFolder(async (folder) => {
      let nowMs = Date.now();
      const advance = coroutine(function* (ms: number) {
        nowMs += ms;
        yield* sleep(0);
      });
      const noReports = watchReports(IOLoop.current());
      const stores = await openStores({ folder, now: () => nowMs });
      try {
        await coroutine(body)({ stores, advance });
      } finally {
        await stores.close();
      }
      noReports();
    }),
};

export const harnesses: readonly Harness[] = [inMemory, inFolder];

/** The error that `future` fails with; it must. */
export function* failureOf(
  future: Future<unknown>,
): Generator<Future<unknown>, Error & { code?: unknown }, unknown> {
  let value: unknown;
  try {
    value = yield* future;
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: `a failure is wanted, came ${String(value)}` });
}

/** The results of `futures` once all are there, in their order. */
export function* allOf<T>(futures: readonly Future<T>[]): Generator<Future<unknown>, T[], unknown> {
  const results: T[] = [];
  for (const future of futures) results.push(yield* future);
  return results;
}
