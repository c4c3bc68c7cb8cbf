/**
 * gyre: coroutine functions with `try`/`finally`, `cancel()`, and a wait for the coroutine that was cancelled.
 *
 * Only where a cancel comes when the clean-up has begun it stands in `defer`: a
 * plain `finally` would be cut at its wait then, and wants `shield`.
 */
import {
  all,
  type Coroutine,
  type CoroutineGenerator,
  call,
  coroutine,
  defer,
  Queue,
  race,
  run,
  scope,
  signal,
  sleep,
  suppressedBy,
  withTimeout,
} from "gyre";
import { CLEAN_UP_MS, type Library, LONG_MS, type Note, START_MS, versionOf } from "./cases.ts";

/** What waiting for `work` throws. */
function* errorOf(work: Coroutine<unknown>): CoroutineGenerator<unknown> {
  try {
    yield work;
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Start `body`, cancel it when it waits, and wait for its end. */
function cancelled(body: () => CoroutineGenerator<unknown>): Promise<unknown> {
  return run(function* () {
    const work = call(body);
    yield* sleep(START_MS);
    work.cancel();
    return yield* errorOf(work);
  });
}

const cleansUp = coroutine(function* cleansUp(note: Note, event: string, ms: number = CLEAN_UP_MS) {
  try {
    yield* sleep(LONG_MS);
  } finally {
    yield* sleep(ms);
    note(event);
  }
});

const nest = coroutine(function* nest(note: Note, depth: number): CoroutineGenerator<void> {
  try {
    yield* depth === 3 ? sleep(LONG_MS) : nest(note, depth + 1);
  } finally {
    note(`${depth} begins`);
    yield* sleep(CLEAN_UP_MS);
    note(`${depth} ends`);
  }
});

export const gyre: Library = {
  name: "gyre",
  version: versionOf("gyre"),
  run: {
    tryFinally: (note) =>
      cancelled(function* () {
        try {
          yield* sleep(LONG_MS);
        } finally {
          note("finally");
        }
      }),
    waits: (note) =>
      cancelled(function* () {
        try {
          yield* sleep(LONG_MS);
        } finally {
          for (const event of ["1", "2", "3"]) {
            yield* sleep(1);
            note(event);
          }
        }
      }),
    canceller: async (note) => {
      await cancelled(function* () {
        yield* cleansUp(note, "clean-up over");
      });
      note("canceller goes on");
    },
    nested: (note) =>
      cancelled(function* () {
        yield* nest(note, 1);
      }),
    behind: (note) =>
      cancelled(function* () {
        yield* cleansUp(note, "clean-up");
        note("behind the wait");
      }),
    helper: (note) => {
      function* helper(): CoroutineGenerator<void> {
        try {
          yield* sleep(LONG_MS);
        } finally {
          yield* sleep(CLEAN_UP_MS);
          note("helper's clean-up");
        }
      }
      return cancelled(function* () {
        try {
          yield* helper();
          note("behind the helper");
        } finally {
          yield* sleep(CLEAN_UP_MS);
          note("caller's clean-up");
        }
        note("behind the caller");
      });
    },
    second: (note) =>
      run(function* () {
        const work = call(function* () {
          try {
            yield* sleep(LONG_MS);
          } finally {
            note("begins");
            yield* sleep(CLEAN_UP_MS);
            note("ends");
          }
        });
        work.cancel();
        yield* sleep(START_MS);
        work.cancel();
        yield* errorOf(work);
      }),
    begun: (note) =>
      cancelled(function* () {
        defer(function* () {
          note("begins");
          yield* sleep(CLEAN_UP_MS);
          note("ends");
        });
        yield* sleep(1);
      }),
    error: async (note) => {
      const error = await cancelled(function* () {
        try {
          yield* sleep(LONG_MS);
        } finally {
          yield* sleep(CLEAN_UP_MS);
          // biome-ignore lint/correctness/noUnsafeFinally: that is the case
          throw new Error("clean-up");
        }
      });
      for (const each of suppressedBy(error)) if ((each as Error).message === "clean-up") note("told");
    },
    list: async (note) => {
      await cancelled(function* () {
        yield* all([cleansUp(note, "a over", 2 * CLEAN_UP_MS), cleansUp(note, "b over")]);
      });
      note("list over");
    },
    race: (note) =>
      run(function* () {
        yield* race([cleansUp(note, "loser over"), sleep(START_MS)]);
        note("race over");
      }),
    limit: (note) =>
      run(function* () {
        try {
          yield* withTimeout(START_MS, cleansUp(note, "limited over"));
        } catch {
          note("limit reported");
        }
      }),
    group: async (note) => {
      await cancelled(function* () {
        yield* scope(function* (group) {
          group.start(cleansUp, note, "child over");
          yield* sleep(LONG_MS);
        });
      });
      note("parent over");
    },
    shared: (note) =>
      run(function* () {
        const shared = call(() => sleep(2 * START_MS));
        const one = call(function* () {
          yield* shared;
        });
        const other = call(function* () {
          yield* shared;
          note("other has the result");
        });
        yield* sleep(START_MS);
        one.cancel();
        yield* errorOf(one);
        yield* other;
      }),
    signal: (note) =>
      cancelled(function* () {
        signal().addEventListener("abort", () => note("aborted"));
        yield* sleep(LONG_MS);
      }),
    item: (note) =>
      run(function* () {
        const queue = new Queue<string>();
        const work = call(function* () {
          yield* queue.get();
          note("received");
        });
        queue.putNowait("item");
        work.cancel();
        yield* errorOf(work);
        note(queue.isEmpty() ? "lost" : "still there");
      }),
  },
};
