/**
 * What does it cost to have many children, and to join them?
 *
 * Once with children that wait for a gate which is opened when all of them are
 * suspended, and once, few and many, with children that return at once: there
 * nothing is measured but their start and their end. The joiner gets all results.
 */
import Bluebird from "bluebird";
import co from "co";
import { Deferred, Effect, Exit, Fiber } from "effect";
import { type Operation, run, spawn, type Task, until, withResolvers } from "effection";
import { coroutine, Future } from "gyre";
import type { Task as SagaTask } from "redux-saga";
import { fork, join } from "redux-saga/effects";
import { ask, isShort } from "./harness.ts";
import { runToEnd } from "./redux-saga.ts";
import { tornado } from "./tornado.ts";

/** A promise that is resolved from outside. */
function makeGate(): { gate: Promise<number>; open: (value: number) => void } {
  let open: (value: number) => void = () => {};
  const gate = new Promise<number>((resolve) => {
    open = resolve;
  });
  return { gate, open };
}

function sumOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

const WAITERS = 1000;

const waiter = coroutine(function* waiter(gate: Future<number>) {
  return yield* gate;
});

async function waiterNative(gate: Promise<number>): Promise<number> {
  return await gate;
}

const waiterCo = co.wrap(function* waiter(gate: Promise<number>): Generator<Promise<number>, number, number> {
  return yield gate;
});

const waiterBluebird = Bluebird.coroutine(function* waiter(
  gate: Bluebird<number>,
): Generator<Bluebird<unknown>, number, number> {
  return yield gate;
});

function* waiterSaga(gate: Promise<number>): Generator<Promise<number>, number, number> {
  return yield gate;
}

await ask({
  title: `${WAITERS} suspended children, then join`,
  goals: [
    { against: "native", atLeast: 1 },
    { against: "Effect", atLeast: 5 },
    { against: "Effection", atLeast: 20 },
    { against: "libraries", atLeast: 1 },
  ],
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* joinMany() {
        const gate = new Future<number>();
        const children = Array.from({ length: WAITERS }, () => waiter(gate));
        gate.setResult(1);
        return sumOf((yield children) as number[]);
      }),
    },
    {
      name: "native",
      run: async () => {
        const { gate, open } = makeGate();
        const children = Array.from({ length: WAITERS }, () => waiterNative(gate));
        open(1);
        return sumOf(await Promise.all(children));
      },
    },
    {
      name: "co",
      run: co.wrap(function* joinMany(): Generator<Promise<number>[], number, number[]> {
        const { gate, open } = makeGate();
        const children = Array.from({ length: WAITERS }, () => waiterCo(gate));
        open(1);
        return sumOf(yield children);
      }),
    },
    {
      name: "bluebird",
      run: Bluebird.coroutine(function* joinMany(): Generator<Bluebird<unknown[]>, number, number[]> {
        let open: (value: number) => void = () => {};
        const gate = new Bluebird<number>((resolve) => {
          open = resolve;
        });
        const children = Array.from({ length: WAITERS }, () => waiterBluebird(gate));
        open(1);
        return sumOf(yield Bluebird.all(children));
      }),
    },
    {
      name: "Effect",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            const gate = Deferred.makeUnsafe<number>();
            const child = Deferred.await(gate);
            const children: Fiber.Fiber<number>[] = [];
            // At once, so that each of them waits when the gate opens.
            for (let i = 0; i < WAITERS; i++)
              children.push(yield* Effect.forkChild(child, { startImmediately: true }));
            Deferred.doneUnsafe(gate, Exit.succeed(1));
            return sumOf(yield* Fiber.joinAll(children));
          }),
        ),
    },
    {
      name: "Effection",
      run: () =>
        run(function* () {
          const { operation, resolve } = withResolvers<number>();
          const child = (): Operation<number> => operation;
          const children: Task<number>[] = [];
          for (let i = 0; i < WAITERS; i++) children.push(yield* spawn(child));
          // A spawned task starts when the one that spawned it waits.
          yield* until(Promise.resolve());
          resolve(1);
          let sum = 0;
          for (const task of children) sum += yield* task;
          return sum;
        }),
    },
    {
      name: "redux-saga",
      run: () =>
        runToEnd(function* () {
          const { gate, open } = makeGate();
          const children: SagaTask[] = [];
          for (let i = 0; i < WAITERS; i++) children.push((yield fork(waiterSaga, gate)) as SagaTask);
          open(1);
          return sumOf((yield join(children)) as number[]);
        }),
    },
    tornado("join", { children: WAITERS }),
  ],
});

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

function* oneEffection(): Operation<number> {
  return 1;
}

function* oneSaga(): Generator<never, number> {
  return 1;
}

async function spawnAndJoin(count: number, rounds: number): Promise<void> {
  await ask({
    title: `spawn and join ${count.toLocaleString("en")}`,
    rounds,
    goals: [{ against: "libraries", atLeast: 1 }],
    contenders: [
      {
        name: "gyre",
        run: coroutine(function* spawnMany() {
          return sumOf((yield Array.from({ length: count }, () => one())) as number[]);
        }),
      },
      {
        name: "native",
        run: async () => sumOf(await Promise.all(Array.from({ length: count }, () => oneNative()))),
      },
      {
        name: "co",
        run: co.wrap(function* spawnMany(): Generator<Promise<number>[], number, number[]> {
          return sumOf(yield Array.from({ length: count }, () => oneCo()));
        }),
      },
      {
        name: "bluebird",
        run: Bluebird.coroutine(function* spawnMany(): Generator<Bluebird<unknown[]>, number, number[]> {
          return sumOf(yield Bluebird.all(Array.from({ length: count }, () => oneBluebird())));
        }),
      },
      {
        name: "Effect",
        run: () =>
          Effect.runPromise(
            Effect.gen(function* () {
              const children: Fiber.Fiber<number>[] = [];
              for (let i = 0; i < count; i++) children.push(yield* Effect.forkChild(oneEffect()));
              return sumOf(yield* Fiber.joinAll(children));
            }),
          ),
      },
      {
        name: "Effection",
        run: () =>
          run(function* () {
            const children: Task<number>[] = [];
            for (let i = 0; i < count; i++) children.push(yield* spawn(oneEffection));
            let sum = 0;
            for (const task of children) sum += yield* task;
            return sum;
          }),
      },
      {
        name: "redux-saga",
        run: () =>
          runToEnd(function* () {
            const children: SagaTask[] = [];
            for (let i = 0; i < count; i++) children.push((yield fork(oneSaga)) as SagaTask);
            return sumOf((yield join(children)) as number[]);
          }),
      },
      tornado("spawn", { children: count }),
    ],
  });
}

await spawnAndJoin(1000, isShort ? 9 : 45);
await spawnAndJoin(isShort ? 2_000 : 100_000, isShort ? 5 : 15);
