/**
 * Effection 4.1: `task.halt()`, which waits for the end of the task; clean-ups in `finally`, and by `ensure` where a
 * halt comes when they have begun.
 *
 * It has no limit of its own, so that is a race against a sleep that throws. It
 * halts by the generator's `return()`, which `yield*` into another generator
 * forgets as soon as that one's `finally` waits; `call` and `scoped` delegate by
 * `yield*` too, only a task of its own, `yield* (yield* spawn(helper))`, does not.
 */
import {
  all,
  createQueue,
  createScope,
  ensure,
  type Operation,
  race,
  run,
  sleep,
  spawn,
  type Task,
  useAbortSignal,
} from "effection";
import { CLEAN_UP_MS, type Library, LONG_MS, type Note, pause, START_MS, versionOf } from "./cases.ts";

/** Start `body`, halt it when it waits, and wait for its end. */
async function halted(body: () => Operation<unknown>): Promise<void> {
  const task = run(body);
  // Its result is not asked for: without this it would be an unhandled rejection.
  task.catch(() => {});
  await pause(START_MS);
  await task.halt();
}

function* cleansUp(note: Note, event: string, ms: number = CLEAN_UP_MS): Operation<void> {
  try {
    yield* sleep(LONG_MS);
  } finally {
    yield* sleep(ms);
    note(event);
  }
}

function* nest(note: Note, depth: number): Operation<void> {
  try {
    yield* depth === 3 ? sleep(LONG_MS) : nest(note, depth + 1);
  } finally {
    note(`${depth} begins`);
    yield* sleep(CLEAN_UP_MS);
    note(`${depth} ends`);
  }
}

function* beginsAndEnds(note: Note): Operation<void> {
  note("begins");
  yield* sleep(CLEAN_UP_MS);
  note("ends");
}

export const effection: Library = {
  name: "Effection",
  version: versionOf("effection"),
  run: {
    tryFinally: (note) =>
      halted(function* () {
        try {
          yield* sleep(LONG_MS);
        } finally {
          note("finally");
        }
      }),
    waits: (note) =>
      halted(function* () {
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
      await halted(() => cleansUp(note, "clean-up over"));
      note("canceller goes on");
    },
    nested: (note) => halted(() => nest(note, 1)),
    behind: (note) =>
      halted(function* () {
        try {
          yield* sleep(LONG_MS);
        } finally {
          yield* sleep(CLEAN_UP_MS);
          note("clean-up");
        }
        note("behind the wait");
      }),
    helper: (note) =>
      halted(function* () {
        try {
          yield* cleansUp(note, "helper's clean-up");
          note("behind the helper");
        } finally {
          yield* sleep(CLEAN_UP_MS);
          note("caller's clean-up");
        }
        note("behind the caller");
      }),
    second: async (note) => {
      const task = run(function* () {
        try {
          yield* sleep(LONG_MS);
        } finally {
          yield* beginsAndEnds(note);
        }
      });
      task.catch(() => {});
      await pause(START_MS);
      const first = task.halt().then(() => {});
      await pause(START_MS);
      await task.halt();
      await first;
    },
    begun: (note) =>
      halted(function* () {
        yield* ensure(() => beginsAndEnds(note));
        yield* sleep(1);
      }),
    error: async (note) => {
      try {
        await halted(function* () {
          try {
            yield* sleep(LONG_MS);
          } finally {
            yield* sleep(CLEAN_UP_MS);
            // biome-ignore lint/correctness/noUnsafeFinally: that is the case
            throw new Error("clean-up");
          }
        });
      } catch {
        note("told");
      }
    },
    list: async (note) => {
      await halted(() => all([cleansUp(note, "a over", 2 * CLEAN_UP_MS), cleansUp(note, "b over")]));
      note("list over");
    },
    race: async (note) => {
      await run(() => race([cleansUp(note, "loser over"), sleep(START_MS)]));
      note("race over");
    },
    limit: (note) =>
      run(function* () {
        try {
          yield* race([
            cleansUp(note, "limited over"),
            (function* limit(): Operation<never> {
              yield* sleep(START_MS);
              throw new Error("the limit has passed");
            })(),
          ]);
        } catch {
          note("limit reported");
        }
      }),
    group: async (note) => {
      await halted(function* () {
        yield* spawn(() => cleansUp(note, "child over"));
        yield* sleep(LONG_MS);
      });
      note("parent over");
    },
    shared: async (note) => {
      const scope = createScope();
      const shared: Task<void> = scope.run(() => sleep(2 * START_MS));
      const one = scope.run(function* () {
        yield* shared;
      });
      one.catch(() => {});
      const other = scope.run(function* () {
        yield* shared;
        note("other has the result");
      });
      await pause(START_MS);
      await one.halt();
      await other;
    },
    signal: (note) =>
      halted(function* () {
        const signal = yield* useAbortSignal();
        signal.addEventListener("abort", () => note("aborted"));
        yield* sleep(LONG_MS);
      }),
    item: async (note) => {
      const queue = createQueue<string, never>();
      const task = run(function* () {
        yield* queue.next();
        note("received");
      });
      task.catch(() => {});
      await pause(START_MS);
      queue.add("item");
      await task.halt();
      const left = await run(() => race([queue.next(), sleep(START_MS)]));
      if (left !== undefined) note("still there");
    },
  },
};
