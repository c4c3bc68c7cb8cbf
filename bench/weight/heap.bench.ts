/**
 * How much heap does a suspended coroutine hold?
 *
 * Each library starts them as children of one coroutine, all waiting at one gate
 * that never opens, in a process of its own; the figure is what the heap has
 * grown by after a collection, for each. Their handles are kept in an array that was
 * there before. Tornado's figure is of Python's own allocator, by `tracemalloc`.
 */
import Bluebird from "bluebird";
import co from "co";
import { Deferred, Effect } from "effect";
import { type Operation, run, spawn, withResolvers } from "effection";
import { coroutine, Future } from "gyre";
import { fork } from "redux-saga/effects";
import { isShort, tell } from "../harness.ts";
import { openPlayer, type Player, part, playToEnd } from "../player.ts";
import { runToEnd } from "../redux-saga.ts";
import { tornado } from "../tornado.ts";

const COUNT = isShort ? 2_000 : 100_000;
const TITLE = `heap of a suspended coroutine, of ${COUNT.toLocaleString("en")}`;

const never = new Promise<void>(() => {});

const waiter = coroutine(function* waiter(gate: Future<void>) {
  yield* gate;
});

async function waiterNative(): Promise<void> {
  await never;
}

const waiterCo = co.wrap(function* waiter() {
  yield never;
});

const neverBluebird = new Bluebird<void>(() => {});
const waiterBluebird = Bluebird.coroutine(function* waiter() {
  yield neverBluebird;
});

const gateEffect = Deferred.makeUnsafe<void>();
const waiterEffect = Effect.fnUntraced(function* waiter() {
  yield* Deferred.await(gateEffect);
});

const { operation: gateEffection } = withResolvers<void>();
function* waiterEffection(): Operation<void> {
  yield* gateEffection;
}

function* waiterSaga(): Generator<Promise<void>, void, void> {
  yield never;
}

/** Start as many as there are places in `handles`, and leave them to wait. */
type Start = (handles: unknown[]) => unknown;

const starts: { readonly [name: string]: Start } = {
  gyre: coroutine(function* start(handles: unknown[]) {
    const gate = new Future<void>();
    for (let i = 0; i < handles.length; i++) handles[i] = waiter(gate);
    yield* gate;
  }),
  native: (handles) => {
    for (let i = 0; i < handles.length; i++) handles[i] = waiterNative();
  },
  co: co.wrap(function* start(handles: unknown[]) {
    for (let i = 0; i < handles.length; i++) handles[i] = waiterCo();
    yield never;
  }),
  bluebird: Bluebird.coroutine(function* start(handles: unknown[]) {
    for (let i = 0; i < handles.length; i++) handles[i] = waiterBluebird();
    yield neverBluebird;
  }),
  Effect: (handles) =>
    Effect.runFork(
      Effect.gen(function* () {
        for (let i = 0; i < handles.length; i++)
          handles[i] = yield* Effect.forkChild(waiterEffect(), { startImmediately: true });
        yield* Deferred.await(gateEffect);
      }),
    ),
  Effection: (handles) =>
    run(function* () {
      for (let i = 0; i < handles.length; i++) handles[i] = yield* spawn(waiterEffection);
      yield* gateEffection;
    }),
  "redux-saga": (handles) =>
    runToEnd(function* () {
      for (let i = 0; i < handles.length; i++) handles[i] = yield fork(waiterSaga);
      yield never;
    }),
};

/** What is in use when nothing is left to collect, in bytes. */
function heapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("Cannot measure the heap: gc() is not there, --expose-gc is wanted");
  for (let pass = 0; pass < 3; pass++) gc();
  return process.memoryUsage().heapUsed;
}

/** Let them all start, which some libraries do in many turns, and be over with what they have put off. */
async function settle(handles: readonly unknown[]): Promise<void> {
  let turnsLeft = 10;
  while (turnsLeft > 0) {
    await new Promise((resolve) => void setImmediate(resolve));
    if (handles.at(-1) !== undefined) turnsLeft--;
  }
}

/** @returns bytes for each coroutine */
async function measure(start: Start): Promise<number> {
  // A hundred before, so that what a library makes once is not counted.
  const first: unknown[] = new Array(100).fill(undefined);
  const kept = [start(first)];
  await settle(first);
  const handles: unknown[] = new Array(COUNT).fill(undefined);
  const before = heapBytes();
  kept.push(start(handles));
  await settle(handles);
  const after = heapBytes();
  // Also keeps them alive until here.
  if (handles.includes(undefined) || kept.length !== 2)
    throw new Error(`Cannot measure the heap: not all of ${COUNT} coroutines have started`);
  return Math.round((after - before) / COUNT);
}

if (part !== undefined) await playToEnd(() => measure(starts[part?.name ?? ""] as Start));

/** The name of a contender, and its bytes for each coroutine. */
async function ask(name: string, player: Player): Promise<[string, number]> {
  const { value } = await player.play(1);
  player.end();
  return [name, value as number];
}

const python = tornado("heap", { count: COUNT });
// All at the same time: no clock is looked at.
const asked = Object.keys(starts).map((name) => ask(name, openPlayer({ title: TITLE, name })));
if ("open" in python) asked.push(ask(python.name, python.open()));
tell({
  title: TITLE,
  unit: "B",
  figures: Object.fromEntries(await Promise.all(asked)),
  goals: [{ atMost: 800 }],
  versions: "open" in python ? { [python.name]: python.version } : {},
  absent: "open" in python ? [] : [python.name],
});
