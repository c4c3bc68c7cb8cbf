/**
 * What does a request cost that does one thing after the other, without and with errors?
 *
 * The shape is that of `doxbee-sequential` and `doxbee-errors`, by which bluebird measured promises: an upload in
 * six steps, each an answer of a fake service that takes an error-first callback, many uploads at the same time. The
 * service answers whoever has asked meanwhile together, from one `setImmediate`, as Node's timers do; so little is
 * measured that is not the library's. In the second row one step in ten fails, and the upload rolls back.
 *
 * Each library adapts the service by its own means. Errors are errors of JavaScript; in Effect, typed failures,
 * which is how it wants expected errors.
 */
import { promisify } from "node:util";
import Bluebird from "bluebird";
import co from "co";
import { Effect } from "effect";
import { action, all, type Operation, run } from "effection";
import { coroutine, nodeTask } from "gyre";
import { all as allOf, call, cps } from "redux-saga/effects";
import { ask } from "./harness.ts";
import { runToEnd } from "./redux-saga.ts";
import { tornado } from "./tornado.ts";

const UPLOADS = 500;
const STEPS = 6;

type Done = (error: Error | null, value: number) => void;

/** What the service owes, and whether it has been told to pay. */
let owed: (() => void)[] = [];

function answerAll(): void {
  const answers = owed;
  owed = [];
  for (const answer of answers) answer();
}

/** Write a file, look one up, insert a version, ...: all of them answer with what the next one needs. */
function service(id: number, step: number, fails: boolean, done: Done): void {
  if (owed.length === 0) setImmediate(answerAll);
  // The same for all contenders, and without a pattern that the uploads share.
  if (fails && (id * 7 + step * 3) % 10 === 0) owed.push(() => done(new Error("not stored"), 0));
  else owed.push(() => done(null, id + step));
}

/** What the uploads came to. */
interface Outcome {
  readonly committed: number;
  readonly rolledBack: number;
}

function outcomeOf(results: readonly number[]): Outcome {
  const rolledBack = results.filter((result) => result === ROLLED_BACK).length;
  return { committed: results.length - rolledBack, rolledBack };
}

const ROLLED_BACK = -1;

const ids: readonly number[] = Array.from({ length: UPLOADS }, (_none, id) => id);

const uploadGyre = coroutine(function* upload(id: number, fails: boolean) {
  try {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) sum += yield* nodeTask(service, id, step, fails);
    return sum;
  } catch {
    return ROLLED_BACK;
  }
});

const servicePromise = promisify(service);

async function uploadNative(id: number, fails: boolean): Promise<number> {
  try {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) sum += await servicePromise(id, step, fails);
    return sum;
  } catch {
    return ROLLED_BACK;
  }
}

const uploadCo = co.wrap(function* upload(
  id: number,
  fails: boolean,
): Generator<Promise<number>, number, number> {
  try {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) sum += yield servicePromise(id, step, fails);
    return sum;
  } catch {
    return ROLLED_BACK;
  }
});

const serviceBluebird = Bluebird.promisify(service);

const uploadBluebird = Bluebird.coroutine(function* upload(
  id: number,
  fails: boolean,
): Generator<Bluebird<number>, number, number> {
  try {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) sum += yield serviceBluebird(id, step, fails);
    return sum;
  } catch {
    return ROLLED_BACK;
  }
});

const serviceEffect = (id: number, step: number, fails: boolean): Effect.Effect<number, Error> =>
  Effect.callback((resume) => {
    service(id, step, fails, (error, value) =>
      resume(error === null ? Effect.succeed(value) : Effect.fail(error)),
    );
  });

const uploadEffect = Effect.fnUntraced(
  function* upload(id: number, fails: boolean) {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) sum += yield* serviceEffect(id, step, fails);
    return sum;
  },
  Effect.catch(() => Effect.succeed(ROLLED_BACK)),
);

const serviceEffection = (id: number, step: number, fails: boolean): Operation<number> =>
  action((resolve, reject) => {
    service(id, step, fails, (error, value) => (error === null ? resolve(value) : reject(error)));
    return () => {};
  });

function* uploadEffection(id: number, fails: boolean): Operation<number> {
  try {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) sum += yield* serviceEffection(id, step, fails);
    return sum;
  } catch {
    return ROLLED_BACK;
  }
}

function* uploadSaga(id: number, fails: boolean): Generator<unknown, number, unknown> {
  try {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) sum += (yield cps(service, id, step, fails)) as number;
    return sum;
  } catch {
    return ROLLED_BACK;
  }
}

for (const fails of [false, true]) {
  await ask({
    title: fails ? "doxbee with errors" : "doxbee, sequential",
    goals: [{ against: "libraries", atLeast: 1 }],
    contenders: [
      {
        name: "gyre",
        run: coroutine(function* uploadAll() {
          return outcomeOf((yield ids.map((id) => uploadGyre(id, fails))) as number[]);
        }),
      },
      {
        name: "native",
        run: async () => outcomeOf(await Promise.all(ids.map((id) => uploadNative(id, fails)))),
      },
      {
        name: "co",
        run: co.wrap(function* uploadAll(): Generator<Promise<number>[], Outcome, number[]> {
          return outcomeOf(yield ids.map((id) => uploadCo(id, fails)));
        }),
      },
      {
        name: "bluebird",
        run: async () =>
          outcomeOf((await Bluebird.all(ids.map((id) => uploadBluebird(id, fails)))) as number[]),
      },
      {
        name: "Effect",
        run: () =>
          Effect.runPromise(
            Effect.map(
              Effect.forEach(ids, (id) => uploadEffect(id, fails), { concurrency: "unbounded" }),
              outcomeOf,
            ),
          ),
      },
      {
        name: "Effection",
        run: () =>
          run(function* () {
            return outcomeOf(yield* all(ids.map((id) => uploadEffection(id, fails))));
          }),
      },
      {
        name: "redux-saga",
        run: () =>
          runToEnd(function* () {
            return outcomeOf((yield allOf(ids.map((id) => call(uploadSaga, id, fails)))) as number[]);
          }),
      },
      tornado("doxbee", { uploads: UPLOADS, steps: STEPS, fails: fails ? 1 : 0 }),
    ],
  });
}
