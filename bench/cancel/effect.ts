/**
 * Effect 4.1: `Fiber.interrupt`, which waits for the fiber's end; clean-ups by `Effect.ensuring`, which are not
 * interruptible.
 *
 * A `finally` block in `Effect.gen` is shown in the first case only, and no other
 * case uses one: an interrupted fiber does not go back to its generator.
 */
import { Cause, Effect, Exit, Fiber, Queue } from "effect";
import { CLEAN_UP_MS, type Library, LONG_MS, type Note, pause, START_MS, versionOf } from "./cases.ts";

/** Start `work`, interrupt it when it waits, and wait for its end. */
async function interrupted<A, E>(work: Effect.Effect<A, E>): Promise<Exit.Exit<A, E>> {
  const fiber = Effect.runFork(work);
  await pause(START_MS);
  await Effect.runPromise(Fiber.interrupt(fiber));
  return Effect.runPromise(Fiber.await(fiber));
}

const noting = (note: Note, event: string, ms: number = CLEAN_UP_MS): Effect.Effect<void> =>
  Effect.sleep(ms).pipe(Effect.andThen(Effect.sync(() => note(event))));

const cleansUp = (note: Note, event: string, ms?: number): Effect.Effect<void> =>
  Effect.sleep(LONG_MS).pipe(Effect.ensuring(noting(note, event, ms)));

const beginsAndEnds = (note: Note): Effect.Effect<void> =>
  Effect.sync(() => note("begins")).pipe(Effect.andThen(noting(note, "ends")));

const nest = (note: Note, depth: number): Effect.Effect<void> =>
  Effect.suspend(() => (depth === 3 ? Effect.sleep(LONG_MS) : nest(note, depth + 1))).pipe(
    Effect.ensuring(
      Effect.gen(function* () {
        note(`${depth} begins`);
        yield* Effect.sleep(CLEAN_UP_MS);
        note(`${depth} ends`);
      }),
    ),
  );

export const effect: Library = {
  name: "Effect",
  version: versionOf("effect"),
  run: {
    tryFinally: (note) =>
      interrupted(
        Effect.gen(function* () {
          try {
            yield* Effect.sleep(LONG_MS);
          } finally {
            note("finally");
          }
        }),
      ),
    waits: (note) =>
      interrupted(
        Effect.sleep(LONG_MS).pipe(
          Effect.ensuring(
            Effect.gen(function* () {
              for (const event of ["1", "2", "3"]) yield* noting(note, event, 1);
            }),
          ),
        ),
      ),
    canceller: async (note) => {
      await interrupted(cleansUp(note, "clean-up over"));
      note("canceller goes on");
    },
    nested: (note) => interrupted(nest(note, 1)),
    behind: (note) =>
      interrupted(
        Effect.gen(function* () {
          yield* cleansUp(note, "clean-up");
          note("behind the wait");
        }),
      ),
    helper: (note) => {
      function* helper(): Effect.fn.Return<void> {
        yield* cleansUp(note, "helper's clean-up");
      }
      return interrupted(
        Effect.gen(function* () {
          yield* helper();
          note("behind the helper");
        }).pipe(Effect.ensuring(noting(note, "caller's clean-up"))),
      );
    },
    second: async (note) => {
      const fiber = Effect.runFork(Effect.sleep(LONG_MS).pipe(Effect.ensuring(beginsAndEnds(note))));
      const first = Effect.runPromise(Fiber.interrupt(fiber));
      await pause(START_MS);
      await Effect.runPromise(Fiber.interrupt(fiber));
      await first;
    },
    begun: (note) => interrupted(Effect.sleep(1).pipe(Effect.ensuring(beginsAndEnds(note)))),
    error: async (note) => {
      const cleanUp = Effect.sleep(CLEAN_UP_MS).pipe(Effect.andThen(Effect.die(new Error("clean-up"))));
      const exit = await interrupted(Effect.sleep(LONG_MS).pipe(Effect.ensuring(cleanUp)));
      if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) note("told");
    },
    list: async (note) => {
      const members = [cleansUp(note, "a over", 2 * CLEAN_UP_MS), cleansUp(note, "b over")];
      await interrupted(Effect.all(members, { concurrency: "unbounded" }));
      note("list over");
    },
    race: async (note) => {
      await Effect.runPromise(Effect.raceFirst(cleansUp(note, "loser over"), Effect.sleep(START_MS)));
      note("race over");
    },
    limit: (note) =>
      Effect.runPromise(
        cleansUp(note, "limited over").pipe(
          Effect.timeout(START_MS),
          Effect.catch(() => Effect.sync(() => note("limit reported"))),
        ),
      ),
    group: async (note) => {
      await interrupted(
        Effect.gen(function* () {
          yield* Effect.forkChild(cleansUp(note, "child over"));
          yield* Effect.sleep(LONG_MS);
        }),
      );
      note("parent over");
    },
    shared: async (note) => {
      const shared = Effect.runFork(Effect.sleep(2 * START_MS));
      const one = interrupted(Fiber.join(shared));
      const other = Effect.runPromise(Fiber.join(shared)).then(() => note("other has the result"));
      await Promise.all([one, other]);
    },
    signal: (note) =>
      interrupted(
        Effect.promise((signal) => {
          signal.addEventListener("abort", () => note("aborted"));
          return pause(LONG_MS);
        }),
      ),
    item: async (note) => {
      const queue = await Effect.runPromise(Queue.unbounded<string>());
      const fiber = Effect.runFork(
        Effect.gen(function* () {
          yield* Queue.take(queue);
          note("received");
        }),
      );
      await pause(START_MS);
      Queue.offerUnsafe(queue, "item");
      await Effect.runPromise(Fiber.interrupt(fiber));
      if (Queue.sizeUnsafe(queue) > 0) note("still there");
    },
  },
};
