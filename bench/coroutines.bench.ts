/**
 * What does a coroutine cost, next to native async/await?
 *
 * Calling, waiting and joining, each a hundred or a thousand times in one
 * measured call, so that the await of the harness itself does not count.
 * Ownership tracking is on, as always.
 */
import { coroutine, Future } from "gyre";
import { ask } from "./harness.ts";

const CALLS = 100;
const CHILDREN = 1000;

const one = coroutine(function* one() {
  return 1;
});
async function oneNative(): Promise<number> {
  return 1;
}

await ask({
  title: `call a coroutine that returns at once, x${CALLS}`,
  calls: 2000,
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
  ],
});

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
  title: `wait on a pending Promise, x${CALLS}`,
  calls: 2000,
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* waitMany() {
        let sum = 0;
        for (let i = 0; i < CALLS; i++) sum += (yield pendingPromise()) as number;
        return sum;
      }),
    },
    {
      name: "native",
      run: async () => {
        let sum = 0;
        for (let i = 0; i < CALLS; i++) sum += await pendingPromise();
        return sum;
      },
    },
  ],
});

const waiter = coroutine(function* waiter(gate: Future<number>) {
  return yield* gate;
});
async function waiterNative(gate: Promise<number>): Promise<number> {
  return await gate;
}

await ask({
  title: `${CHILDREN} suspended children, then join`,
  calls: 200,
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* joinMany() {
        const gate = new Future<number>();
        const children = Array.from({ length: CHILDREN }, () => waiter(gate));
        gate.setResult(1);
        const results = (yield children) as number[];
        return results.length;
      }),
    },
    {
      name: "native",
      run: async () => {
        let open: (value: number) => void = () => {};
        const gate = new Promise<number>((settle) => {
          open = settle;
        });
        const children = Array.from({ length: CHILDREN }, () => waiterNative(gate));
        open(1);
        return (await Promise.all(children)).length;
      },
    },
  ],
});
