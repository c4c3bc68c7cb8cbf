/**
 * What does it cost to wait: on a promise of others, and on a Future of one's own?
 *
 * A hundred waits in one measured call. Each is on something that is pending
 * when it is waited for, and is settled by a later microtask (in Python, by the
 * loop's next pass). redux-saga has no futures; its callbacks (`cps`) stand for
 * them. co waits for promises only. What Tornado waits for are asyncio's
 * futures, so it has the second row only.
 */
import Bluebird from "bluebird";
import co from "co";
import { Deferred, Effect, Exit } from "effect";
import { run, until, withResolvers } from "effection";
import { coroutine, Future } from "gyre";
import { cps } from "redux-saga/effects";
import { ask } from "./harness.ts";
import { runToEnd } from "./redux-saga.ts";
import { tornado } from "./tornado.ts";

const WAITS = 100;

/** A promise that is pending when it is returned, and settled by a later microtask. */
function pendingPromise(): Promise<number> {
  let resolve: (value: number) => void = () => {};
  const promise = new Promise<number>((settle) => {
    resolve = settle;
  });
  Promise.resolve(1).then(resolve);
  return promise;
}

await ask({
  title: `wait on a pending Promise, x${WAITS}`,
  goals: [
    { against: "native", atLeast: 1 },
    { against: "Effect", atLeast: 5 },
    { against: "Effection", atLeast: 20 },
    { against: "libraries", atLeast: 1 },
  ],
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* waitMany() {
        let sum = 0;
        for (let i = 0; i < WAITS; i++) sum += (yield pendingPromise()) as number;
        return sum;
      }),
    },
    {
      name: "native",
      run: async () => {
        let sum = 0;
        for (let i = 0; i < WAITS; i++) sum += await pendingPromise();
        return sum;
      },
    },
    {
      name: "co",
      run: co.wrap(function* waitMany(): Generator<Promise<number>, number, number> {
        let sum = 0;
        for (let i = 0; i < WAITS; i++) sum += yield pendingPromise();
        return sum;
      }),
    },
    {
      name: "bluebird",
      run: Bluebird.coroutine(function* waitMany(): Generator<Promise<number>, number, number> {
        let sum = 0;
        for (let i = 0; i < WAITS; i++) sum += yield pendingPromise();
        return sum;
      }),
    },
    {
      name: "Effect",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            let sum = 0;
            for (let i = 0; i < WAITS; i++) sum += yield* Effect.promise(pendingPromise);
            return sum;
          }),
        ),
    },
    {
      name: "Effection",
      run: () =>
        run(function* () {
          let sum = 0;
          for (let i = 0; i < WAITS; i++) sum += yield* until(pendingPromise());
          return sum;
        }),
    },
    {
      name: "redux-saga",
      run: () =>
        runToEnd(function* () {
          let sum = 0;
          for (let i = 0; i < WAITS; i++) sum += (yield pendingPromise()) as number;
          return sum;
        }),
    },
  ],
});

await ask({
  title: `wait on a pending Future, x${WAITS}`,
  goals: [
    { against: "native", atLeast: 1 },
    { against: "libraries", atLeast: 1 },
  ],
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* waitMany() {
        let sum = 0;
        for (let i = 0; i < WAITS; i++) {
          const future = new Future<number>();
          queueMicrotask(() => future.setResult(1));
          sum += yield* future;
        }
        return sum;
      }),
    },
    {
      name: "native",
      run: async () => {
        let sum = 0;
        for (let i = 0; i < WAITS; i++) {
          sum += await new Promise<number>((resolve) => {
            queueMicrotask(() => resolve(1));
          });
        }
        return sum;
      },
    },
    {
      name: "bluebird",
      run: Bluebird.coroutine(function* waitMany(): Generator<Bluebird<unknown>, number, number> {
        let sum = 0;
        for (let i = 0; i < WAITS; i++) {
          sum += yield new Bluebird<number>((resolve) => {
            queueMicrotask(() => resolve(1));
          });
        }
        return sum;
      }),
    },
    {
      name: "Effect",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            let sum = 0;
            for (let i = 0; i < WAITS; i++) {
              const deferred = Deferred.makeUnsafe<number>();
              queueMicrotask(() => Deferred.doneUnsafe(deferred, Exit.succeed(1)));
              sum += yield* Deferred.await(deferred);
            }
            return sum;
          }),
        ),
    },
    {
      name: "Effection",
      run: () =>
        run(function* () {
          let sum = 0;
          for (let i = 0; i < WAITS; i++) {
            const { operation, resolve } = withResolvers<number>();
            queueMicrotask(() => resolve(1));
            sum += yield* operation;
          }
          return sum;
        }),
    },
    {
      name: "redux-saga",
      run: () =>
        runToEnd(function* () {
          let sum = 0;
          for (let i = 0; i < WAITS; i++) sum += (yield cps(answerOne)) as number;
          return sum;
        }),
    },
    tornado("wait", { waits: WAITS }),
  ],
});

function answerOne(done: (error: null, value: number) => void): void {
  queueMicrotask(() => done(null, 1));
}
