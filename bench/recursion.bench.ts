/**
 * What does depth cost? A hundred calls, one in the other, and a hundred waits at the bottom.
 *
 * The shape is that of the recursion measurement which Effection publishes, in
 * its repository under `tasks/bench`: there, too, its own contender delegates by
 * `yield*` from generator to generator. Each wait is on a promise that is
 * resolved already; in Tornado on a future that is, which it does not suspend for.
 */
import Bluebird from "bluebird";
import co from "co";
import { Effect } from "effect";
import { call, type Operation, run } from "effection";
import { type CoroutineGenerator, coroutine } from "gyre";
import { call as callSaga } from "redux-saga/effects";
import { ask } from "./harness.ts";
import { runToEnd } from "./redux-saga.ts";
import { tornado } from "./tornado.ts";

const DEPTH = 100;
const WAITS = 100;

// The name of the body is not that of the coroutine: inside it would mean the bare generator function.
const recurseGyre = coroutine(function* recurse(depth: number): CoroutineGenerator<number> {
  if (depth > 1) return yield* recurseGyre(depth - 1);
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += (yield Promise.resolve(1)) as number;
  return sum;
});

async function recurseNative(depth: number): Promise<number> {
  if (depth > 1) return await recurseNative(depth - 1);
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += await Promise.resolve(1);
  return sum;
}

const recurseCo: (depth: number) => Promise<number> = co.wrap(function* recurse(
  depth: number,
): Generator<Promise<number>, number, number> {
  if (depth > 1) return yield recurseCo(depth - 1);
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += yield Promise.resolve(1);
  return sum;
});

const recurseBluebird: (depth: number) => Bluebird<unknown> = Bluebird.coroutine(function* recurse(
  depth: number,
): Generator<Bluebird<unknown>, number, number> {
  if (depth > 1) return yield recurseBluebird(depth - 1);
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += yield Bluebird.resolve(1);
  return sum;
});

const recurseEffect: (depth: number) => Effect.Effect<number> = Effect.fnUntraced(function* recurse(
  depth: number,
): Effect.fn.Return<number> {
  if (depth > 1) return yield* recurseEffect(depth - 1);
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += yield* Effect.promise(() => Promise.resolve(1));
  return sum;
});

function* recurseEffection(depth: number): Operation<number> {
  if (depth > 1) return yield* recurseEffection(depth - 1);
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += yield* call(() => Promise.resolve(1));
  return sum;
}

function* recurseSaga(depth: number): Generator<unknown, number, unknown> {
  if (depth > 1) return (yield callSaga(recurseSaga, depth - 1)) as number;
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += (yield Promise.resolve(1)) as number;
  return sum;
}

await ask({
  title: `recursion, ${DEPTH} deep with ${WAITS} waits at the bottom`,
  goals: [
    { against: "native", atLeast: 0.5 },
    { against: "libraries", atLeast: 1 },
  ],
  contenders: [
    { name: "gyre", run: () => recurseGyre(DEPTH) },
    { name: "native", run: () => recurseNative(DEPTH) },
    { name: "co", run: () => recurseCo(DEPTH) },
    { name: "bluebird", run: () => recurseBluebird(DEPTH) },
    { name: "Effect", run: () => Effect.runPromise(recurseEffect(DEPTH)) },
    { name: "Effection", run: () => run(() => recurseEffection(DEPTH)) },
    { name: "redux-saga", run: () => runToEnd(() => recurseSaga(DEPTH)) },
    tornado("recurse", { depth: DEPTH, waits: WAITS }),
  ],
});
