/**
 * What does a cancel cost? A thousand suspended coroutines, each with a clean-up; cancel each, and wait until all are over.
 *
 * Starting them is in the figure too. Native has no cancel: an `AbortController`
 * for each, and a wait that rejects when it aborts, is what is written instead.
 * The clean-up is a `finally` block; in Effect, whose interrupted fibers do not
 * go back to their generators, `Effect.ensuring`. co cannot cancel, and a cancel of
 * Tornado's `gen.coroutine` does not reach its generator.
 */
import Bluebird from "bluebird";
import { Effect, Fiber } from "effect";
import { type Operation, run, spawn, suspend, type Task, until } from "effection";
import { CancelledError, type Coroutine, coroutine, Future } from "gyre";
import type { Task as SagaTask } from "redux-saga";
import { cancel, fork, take } from "redux-saga/effects";
import { ask } from "./harness.ts";
import { runToEnd } from "./redux-saga.ts";

const COUNT = 1000;

/** Clean-ups that ran. */
let over = 0;

/** What `over` has grown by since `before`: all contenders shall say `COUNT`. */
function grownSince(before: number): number {
  return over - before;
}

const waiter = coroutine(function* waiter(gate: Future<void>) {
  try {
    yield* gate;
  } finally {
    over++;
  }
});

async function waiterNative(signal: AbortSignal): Promise<void> {
  try {
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  } finally {
    over++;
  }
}

Bluebird.config({ cancellation: true });
const waiterBluebird = Bluebird.coroutine(function* waiter(): Generator<Bluebird<void>, void, void> {
  try {
    yield new Bluebird<void>(() => {});
  } finally {
    over++;
  }
});

const waiterEffect = Effect.never.pipe(
  Effect.ensuring(
    Effect.sync(() => {
      over++;
    }),
  ),
);

function* waiterEffection(): Operation<void> {
  try {
    yield* suspend();
  } finally {
    over++;
  }
}

function* waiterSaga(): Generator<unknown, void, unknown> {
  try {
    yield take("an action that never comes");
  } finally {
    over++;
  }
}

await ask({
  title: `start and cancel ${COUNT.toLocaleString("en")}, each with a clean-up`,
  goals: [{ against: "libraries", atLeast: 1 }],
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* cancelMany() {
        const before = over;
        const gate = new Future<void>();
        const waiters = Array.from({ length: COUNT }, () => waiter(gate));
        for (const one of waiters) one.cancel();
        for (const one of waiters) yield* endOf(one);
        return grownSince(before);
      }),
    },
    {
      name: "native",
      run: async () => {
        const before = over;
        const controllers = Array.from({ length: COUNT }, () => new AbortController());
        const waiters = controllers.map(({ signal }) => waiterNative(signal));
        for (const controller of controllers) controller.abort();
        await Promise.allSettled(waiters);
        return grownSince(before);
      },
    },
    {
      name: "bluebird",
      run: async () => {
        const before = over;
        const waiters = Array.from({ length: COUNT }, () => waiterBluebird());
        // A cancelled promise never settles; its own `finally` is what hears of the end.
        const ends = waiters.map((one) => new Promise<void>((resolve) => void one.finally(resolve)));
        for (const one of waiters) one.cancel();
        await Promise.all(ends);
        return grownSince(before);
      },
    },
    {
      name: "Effect",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            const before = over;
            const fibers: Fiber.Fiber<never>[] = [];
            for (let i = 0; i < COUNT; i++)
              fibers.push(yield* Effect.forkChild(waiterEffect, { startImmediately: true }));
            yield* Fiber.interruptAll(fibers);
            return grownSince(before);
          }),
        ),
    },
    {
      name: "Effection",
      run: () =>
        run(function* () {
          const before = over;
          const tasks: Task<void>[] = [];
          for (let i = 0; i < COUNT; i++) tasks.push(yield* spawn(waiterEffection));
          // A spawned task starts when the one that spawned it waits.
          yield* until(Promise.resolve());
          const ends = tasks.map((task) => task.halt());
          for (const end of ends) yield* end;
          return grownSince(before);
        }),
    },
    {
      name: "redux-saga",
      run: () =>
        runToEnd(function* () {
          const before = over;
          const tasks: SagaTask[] = [];
          for (let i = 0; i < COUNT; i++) tasks.push((yield fork(waiterSaga)) as SagaTask);
          yield cancel(tasks);
          return grownSince(before);
        }),
    },
  ],
});

function* endOf(work: Coroutine<unknown>) {
  try {
    yield* work;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
}
