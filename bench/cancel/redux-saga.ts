/**
 * redux-saga 1.5, without a store: `runSaga`, `task.cancel()`, clean-ups in `finally`.
 *
 * For waiting it has `task.toPromise()`, because `join` of a cancelled task
 * cancels who joins. A cancel ends the task at once, before its clean-ups and
 * those of what it called, which run on by themselves; an error in one of them
 * then has nobody to go to. It cancels by the generator's `return()`: a helper
 * that is called by `call` is right, one by `yield*`, as typed-redux-saga does
 * for effects, forgets it as soon as its `finally` waits.
 */
import { CANCEL, channel, runSaga, type Task } from "redux-saga";
import { all, call, cancel, delay, fork, join, race, spawn, take } from "redux-saga/effects";
import { CLEAN_UP_MS, type Library, LONG_MS, type Note, pause, START_MS, versionOf } from "./cases.ts";

type Saga = Generator<unknown, void, unknown>;

function start(body: () => Saga): Task {
  // Its own report to the console of errors that `toPromise` rejects with is not wanted here.
  return runSaga({ onError: () => {} }, body);
}

/** Start `body`, cancel it when it waits, and wait for its end. */
async function cancelled(body: () => Saga): Promise<void> {
  const task = start(body);
  await pause(START_MS);
  task.cancel();
  await task.toPromise();
}

function* cleansUp(note: Note, event: string, ms: number = CLEAN_UP_MS): Saga {
  try {
    yield delay(LONG_MS);
  } finally {
    yield delay(ms);
    note(event);
  }
}

function* nest(note: Note, depth: number): Saga {
  try {
    yield depth === 3 ? delay(LONG_MS) : call(nest, note, depth + 1);
  } finally {
    note(`${depth} begins`);
    yield delay(CLEAN_UP_MS);
    note(`${depth} ends`);
  }
}

function* beginsAndEnds(note: Note): Saga {
  note("begins");
  yield delay(CLEAN_UP_MS);
  note("ends");
}

export const reduxSaga: Library = {
  name: "redux-saga",
  version: versionOf("redux-saga"),
  run: {
    tryFinally: (note) =>
      cancelled(function* () {
        try {
          yield delay(LONG_MS);
        } finally {
          note("finally");
        }
      }),
    waits: (note) =>
      cancelled(function* () {
        try {
          yield delay(LONG_MS);
        } finally {
          for (const event of ["1", "2", "3"]) {
            yield delay(1);
            note(event);
          }
        }
      }),
    canceller: async (note) => {
      await cancelled(() => cleansUp(note, "clean-up over"));
      note("canceller goes on");
    },
    nested: (note) => cancelled(() => nest(note, 1)),
    behind: (note) =>
      cancelled(function* () {
        try {
          yield delay(LONG_MS);
        } finally {
          yield delay(CLEAN_UP_MS);
          note("clean-up");
        }
        note("behind the wait");
      }),
    helper: (note) =>
      cancelled(function* () {
        try {
          yield* cleansUp(note, "helper's clean-up");
          note("behind the helper");
        } finally {
          yield delay(CLEAN_UP_MS);
          note("caller's clean-up");
        }
        note("behind the caller");
      }),
    second: async (note) => {
      const task = start(function* () {
        try {
          yield delay(LONG_MS);
        } finally {
          yield call(beginsAndEnds, note);
        }
      });
      task.cancel();
      await pause(START_MS);
      task.cancel();
      await task.toPromise();
    },
    // A detached task is the only thing that a cancel does not reach.
    begun: (note) =>
      cancelled(function* () {
        try {
          yield delay(1);
        } finally {
          yield spawn(beginsAndEnds, note);
        }
      }),
    error: async (note) => {
      try {
        await cancelled(function* () {
          try {
            yield delay(LONG_MS);
          } finally {
            yield delay(CLEAN_UP_MS);
            // biome-ignore lint/correctness/noUnsafeFinally: that is the case
            throw new Error("clean-up");
          }
        });
      } catch {
        note("told");
      }
    },
    list: async (note) => {
      await cancelled(function* () {
        yield all([call(cleansUp, note, "a over", 2 * CLEAN_UP_MS), call(cleansUp, note, "b over")]);
      });
      note("list over");
    },
    race: (note) =>
      start(function* () {
        yield race([call(cleansUp, note, "loser over"), delay(START_MS)]);
        note("race over");
      }).toPromise(),
    limit: (note) =>
      start(function* () {
        yield race({ limited: call(cleansUp, note, "limited over"), limit: delay(START_MS) });
        note("limit reported");
      }).toPromise(),
    group: async (note) => {
      await cancelled(function* () {
        yield fork(cleansUp, note, "child over");
        yield delay(LONG_MS);
      });
      note("parent over");
    },
    shared: (note) =>
      start(function* () {
        const shared = (yield fork(function* () {
          yield delay(2 * START_MS);
        })) as Task;
        const one = (yield fork(function* () {
          yield join(shared);
        })) as Task;
        yield fork(function* () {
          yield join(shared);
          note("other has the result");
        });
        yield delay(START_MS);
        yield cancel(one);
      }).toPromise(),
    signal: (note) =>
      cancelled(function* () {
        const controller = new AbortController();
        controller.signal.addEventListener("abort", () => note("aborted"));
        const request = pause(LONG_MS);
        yield Object.assign(request, { [CANCEL]: () => controller.abort() });
      }),
    item: async (note) => {
      const items = channel<string>();
      const task = start(function* () {
        yield take(items);
        note("received");
      });
      await pause(START_MS);
      items.put("item");
      task.cancel();
      await task.toPromise();
      let left = 0;
      items.flush((rest) => {
        left = (rest as unknown[]).length;
      });
      if (left > 0) note("still there");
    },
  },
};
