/**
 * Bluebird 3.7 with its cancellation switched on: `Promise.coroutine`, which is co's style, and `promise.cancel()`,
 * which returns at once; for waiting it has `.finally` of the same promise. It has no scopes and no queues.
 *
 * A coroutine is cancelled by the generator's `return()`; what its clean-up throws
 * ends as the cancel again. `all` is over as soon as it is cancelled, `timeout`
 * rejects before it cancels, and `race` cancels nobody.
 */
import Bluebird from "bluebird";
import { CLEAN_UP_MS, type Library, LONG_MS, type Note, pause, START_MS, versionOf } from "./cases.ts";

Bluebird.config({ cancellation: true });

type Body = Generator<Bluebird<unknown>, void, unknown>;

/** The end of `work`, whichever way. */
function endOf(work: Bluebird<unknown>): Promise<void> {
  return new Promise((resolve) => {
    work.finally(resolve).catch(() => {});
  });
}

/** Start `body`, cancel it when it waits, and wait for its end. */
async function cancelled(body: () => Body): Promise<void> {
  const work = Bluebird.coroutine(body)();
  await pause(START_MS);
  work.cancel();
  await endOf(work);
}

const cleansUpFor = Bluebird.coroutine(function* (ms: number, note: Note, event: string): Body {
  try {
    yield Bluebird.delay(LONG_MS);
  } finally {
    yield Bluebird.delay(ms);
    note(event);
  }
});

const cleansUp = (note: Note, event: string): Bluebird<unknown> => cleansUpFor(CLEAN_UP_MS, note, event);

const nest = Bluebird.coroutine(function* (note: Note, depth: number): Body {
  try {
    yield depth === 3 ? Bluebird.delay(LONG_MS) : nest(note, depth + 1);
  } finally {
    note(`${depth} begins`);
    yield Bluebird.delay(CLEAN_UP_MS);
    note(`${depth} ends`);
  }
});

export const bluebird: Library = {
  name: "Bluebird",
  version: versionOf("bluebird"),
  run: {
    tryFinally: (note) =>
      cancelled(function* () {
        try {
          yield Bluebird.delay(LONG_MS);
        } finally {
          note("finally");
        }
      }),
    waits: (note) =>
      cancelled(function* () {
        try {
          yield Bluebird.delay(LONG_MS);
        } finally {
          for (const event of ["1", "2", "3"]) {
            yield Bluebird.delay(1);
            note(event);
          }
        }
      }),
    canceller: async (note) => {
      await cancelled(function* () {
        yield cleansUp(note, "clean-up over");
      });
      note("canceller goes on");
    },
    nested: (note) =>
      cancelled(function* () {
        yield nest(note, 1);
      }),
    behind: (note) =>
      cancelled(function* () {
        try {
          yield Bluebird.delay(LONG_MS);
        } finally {
          yield Bluebird.delay(CLEAN_UP_MS);
          note("clean-up");
        }
        note("behind the wait");
      }),
    helper: (note) => {
      function* helper(): Body {
        try {
          yield Bluebird.delay(LONG_MS);
        } finally {
          yield Bluebird.delay(CLEAN_UP_MS);
          note("helper's clean-up");
        }
      }
      return cancelled(function* () {
        try {
          yield* helper();
          note("behind the helper");
        } finally {
          yield Bluebird.delay(CLEAN_UP_MS);
          note("caller's clean-up");
        }
        note("behind the caller");
      });
    },
    second: async (note) => {
      const work = Bluebird.coroutine(function* (): Body {
        try {
          yield Bluebird.delay(LONG_MS);
        } finally {
          note("begins");
          yield Bluebird.delay(CLEAN_UP_MS);
          note("ends");
        }
      })();
      work.cancel();
      await pause(START_MS);
      work.cancel();
      await endOf(work);
    },
    begun: async (note) => {
      const work = Bluebird.delay(1).finally(() => {
        note("begins");
        return Bluebird.delay(CLEAN_UP_MS).then(() => note("ends"));
      });
      await pause(START_MS);
      work.cancel();
      await endOf(work);
    },
    error: async (note) => {
      const work = Bluebird.coroutine(function* (): Body {
        try {
          yield Bluebird.delay(LONG_MS);
        } finally {
          yield Bluebird.delay(CLEAN_UP_MS);
          // biome-ignore lint/correctness/noUnsafeFinally: that is the case
          throw new Error("clean-up");
        }
      })();
      work.catch(() => note("told"));
      await pause(START_MS);
      work.cancel();
      await endOf(work);
    },
    list: async (note) => {
      const work = Bluebird.all([cleansUpFor(2 * CLEAN_UP_MS, note, "a over"), cleansUp(note, "b over")]);
      await pause(START_MS);
      work.cancel();
      await endOf(work);
      note("list over");
    },
    race: async (note) => {
      await Bluebird.race([cleansUp(note, "loser over"), Bluebird.delay(START_MS)]);
      note("race over");
    },
    limit: async (note) => {
      try {
        await cleansUp(note, "limited over").timeout(START_MS);
      } catch {
        note("limit reported");
      }
    },
    shared: async (note) => {
      const shared = Bluebird.delay(2 * START_MS);
      const one = shared.then(() => {});
      const other = shared.then(() => note("other has the result"));
      await pause(START_MS);
      one.cancel();
      await other;
    },
    signal: (note) =>
      cancelled(function* () {
        const controller = new AbortController();
        controller.signal.addEventListener("abort", () => note("aborted"));
        yield new Bluebird((_resolve, _reject, onCancel) => onCancel?.(() => controller.abort()));
      }),
  },
};
