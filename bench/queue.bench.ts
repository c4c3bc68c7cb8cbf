/**
 * What does a message cost? Two coroutines hand a number to and fro by two queues.
 *
 * A put never has to wait here, so each puts by the call that does not, and waits to get. Native has no queue: a
 * channel of promises, written out below, stands for one. co and bluebird have none either, and would be measured by that channel.
 */
import { Effect, Queue as EffectQueue, Fiber } from "effect";
import { createQueue, type Queue as EffectionQueue, type Operation, run, spawn } from "effection";
import { coroutine, Queue } from "gyre";
import { type Channel, channel, type Task } from "redux-saga";
import { fork, join, take } from "redux-saga/effects";
import { ask } from "./harness.ts";
import { runToEnd } from "./redux-saga.ts";
import { tornado } from "./tornado.ts";

const ROUNDS = 1000;
const END = -1;

const echo = coroutine(function* echo(requests: Queue<number>, replies: Queue<number>) {
  for (let value = yield* requests.get(); value !== END; value = yield* requests.get())
    replies.putNowait(value + 1);
});

/** As short as a channel can be that loses nothing. */
class NativeQueue {
  readonly #items: number[] = [];
  readonly #getters: ((item: number) => void)[] = [];

  put(item: number): void {
    const getter = this.#getters.shift();
    if (getter === undefined) this.#items.push(item);
    else getter(item);
  }

  get(): Promise<number> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => {
      this.#getters.push(resolve);
    });
  }
}

async function echoNative(requests: NativeQueue, replies: NativeQueue): Promise<void> {
  for (let value = await requests.get(); value !== END; value = await requests.get()) replies.put(value + 1);
}

const echoEffect = Effect.fnUntraced(function* echo(
  requests: EffectQueue.Queue<number>,
  replies: EffectQueue.Queue<number>,
) {
  for (
    let value = yield* EffectQueue.take(requests);
    value !== END;
    value = yield* EffectQueue.take(requests)
  )
    EffectQueue.offerUnsafe(replies, value + 1);
});

function* echoEffection(
  requests: EffectionQueue<number, never>,
  replies: EffectionQueue<number, never>,
): Operation<void> {
  for (let { value } = yield* requests.next(); value !== END; { value } = yield* requests.next())
    replies.add(value + 1);
}

function* echoSaga(requests: Channel<number>, replies: Channel<number>): Generator<unknown, void, unknown> {
  for (let value = (yield take(requests)) as number; value !== END; value = (yield take(requests)) as number)
    replies.put(value + 1);
}

await ask({
  title: `ping-pong over two queues, x${ROUNDS.toLocaleString("en")}`,
  goals: [{ against: "libraries", atLeast: 1 }],
  contenders: [
    {
      name: "gyre",
      run: coroutine(function* pingPong() {
        const requests = new Queue<number>();
        const replies = new Queue<number>();
        const echoing = echo(requests, replies);
        let value = 0;
        for (let i = 0; i < ROUNDS; i++) {
          requests.putNowait(value);
          value = yield* replies.get();
        }
        requests.putNowait(END);
        yield* echoing;
        return value;
      }),
    },
    {
      name: "native",
      run: async () => {
        const requests = new NativeQueue();
        const replies = new NativeQueue();
        const echoing = echoNative(requests, replies);
        let value = 0;
        for (let i = 0; i < ROUNDS; i++) {
          requests.put(value);
          value = await replies.get();
        }
        requests.put(END);
        await echoing;
        return value;
      },
    },
    {
      name: "Effect",
      run: () =>
        Effect.runPromise(
          Effect.gen(function* () {
            const requests = yield* EffectQueue.unbounded<number>();
            const replies = yield* EffectQueue.unbounded<number>();
            const echoing = yield* Effect.forkChild(echoEffect(requests, replies));
            let value = 0;
            for (let i = 0; i < ROUNDS; i++) {
              EffectQueue.offerUnsafe(requests, value);
              value = yield* EffectQueue.take(replies);
            }
            EffectQueue.offerUnsafe(requests, END);
            yield* Fiber.join(echoing);
            return value;
          }),
        ),
    },
    {
      name: "Effection",
      run: () =>
        run(function* () {
          const requests = createQueue<number, never>();
          const replies = createQueue<number, never>();
          const echoing = yield* spawn(() => echoEffection(requests, replies));
          let value = 0;
          for (let i = 0; i < ROUNDS; i++) {
            requests.add(value);
            ({ value } = yield* replies.next());
          }
          requests.add(END);
          yield* echoing;
          return value;
        }),
    },
    {
      name: "redux-saga",
      run: () =>
        runToEnd(function* () {
          const requests = channel<number>();
          const replies = channel<number>();
          const echoing = (yield fork(echoSaga, requests, replies)) as Task;
          let value = 0;
          for (let i = 0; i < ROUNDS; i++) {
            requests.put(value);
            value = (yield take(replies)) as number;
          }
          requests.put(END);
          yield join(echoing);
          return value;
        }),
    },
    tornado("queue", { rounds: ROUNDS }),
  ],
});
