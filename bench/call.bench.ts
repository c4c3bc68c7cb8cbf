/**
 * What does it cost to call a coroutine that returns at once?
 *
 * A hundred calls in one measured call, so that the await of the harness itself
 * does not count. Ownership tracking is on, as always.
 *
 * What a call is differs. In gyre and in native it makes something that others
 * can hold and wait for. In Effect it makes a description, which the caller's
 * fiber runs; in Effection, `yield*` runs the generator itself, and the library
 * does not hear of it. Both are how their documents say to call, so these are
 * the figures of the table; with a fiber or a task for each call, they are those of
 * `spawned`. `eager` is `fnUntracedEager`, which runs the generator when it is called.
 */
import Bluebird from "bluebird";
import co from "co";
import { Effect, Fiber } from "effect";
import { type Operation, run, spawn } from "effection";
import { coroutine } from "gyre";
import { call } from "redux-saga/effects";
import { ask } from "./harness.ts";
import { runToEnd } from "./redux-saga.ts";
import { tornado } from "./tornado.ts";

const CALLS = 100;

const one = coroutine(function* one() {
  return 1;
});

async function oneNative(): Promise<number> {
  return 1;
}

const oneCo = co.wrap(function* one() {
  return 1;
});

const oneBluebird = Bluebird.coroutine(function* one(): Generator<Bluebird<unknown>, number, number> {
  return 1;
});

const oneEffect = Effect.fnUntraced(function* one() {
  return 1;
});

const oneEager = Effect.fnUntracedEager(function* one() {
  return 1;
});

function* oneEffection(): Operation<number> {
  return 1;
}

function* oneSaga(): Generator<never, number> {
  return 1;
}

await ask({
  title: `call a coroutine that returns at once, x${CALLS}`,
  goals: [
    { against: "native", atLeast: 1 },
    { against: "Effect", atLeast: 5 },
    { against: "Effection", atLeast: 20 },
    { against: "libraries", atLeast: 1 },
  ],
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* callMany() {
        let sum = 0;
        for (let i = 0; i < CALLS; i++) sum += yield* one();
        return sum;
      }),
    },
    {
      name: "native",
      run: async () => {
        let sum = 0;
        for (let i = 0; i < CALLS; i++) sum += await oneNative();
        return sum;
      },
    },
    {
      name: "co",
      run: co.wrap(function* callMany(): Generator<Promise<number>, number, number> {
        let sum = 0;
        for (let i = 0; i < CALLS; i++) sum += yield oneCo();
        return sum;
      }),
    },
    {
      name: "bluebird",
      run: Bluebird.coroutine(function* callMany(): Generator<Bluebird<unknown>, number, number> {
        let sum = 0;
        for (let i = 0; i < CALLS; i++) sum += yield oneBluebird();
        return sum;
      }),
    },
    {
      name: "Effect",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            let sum = 0;
            for (let i = 0; i < CALLS; i++) sum += yield* oneEffect();
            return sum;
          }),
        ),
    },
    {
      name: "Effect, eager",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            let sum = 0;
            for (let i = 0; i < CALLS; i++) sum += yield* oneEager();
            return sum;
          }),
        ),
    },
    {
      name: "Effect, spawned",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            let sum = 0;
            for (let i = 0; i < CALLS; i++) sum += yield* Fiber.join(yield* Effect.forkChild(oneEffect()));
            return sum;
          }),
        ),
    },
    {
      name: "Effection",
      run: () =>
        run(function* () {
          let sum = 0;
          for (let i = 0; i < CALLS; i++) sum += yield* oneEffection();
          return sum;
        }),
    },
    {
      name: "Effection, spawned",
      run: () =>
        run(function* () {
          let sum = 0;
          for (let i = 0; i < CALLS; i++) sum += yield* yield* spawn(oneEffection);
          return sum;
        }),
    },
    {
      name: "redux-saga",
      run: () =>
        runToEnd(function* () {
          let sum = 0;
          for (let i = 0; i < CALLS; i++) sum += (yield call(oneSaga)) as number;
          return sum;
        }),
    },
    tornado("call", { calls: CALLS }),
  ],
});
