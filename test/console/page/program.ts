/**
 * A program to look at, with some of everything: requests that call others, workers at a queue, a pool of permits, two
 * that wait for each other's lock, names that are meant to do harm; and that hangs when it is told to.
 *
 * It prints the page's address as its first line, and takes a word a line: "spin", "ask", "end".
 */
import { createInterface } from "node:readline";
import { startConsole } from "../../../src/console/index.ts";
import { call, coroutine, Lock, Queue, Semaphore, sleep } from "../../../src/index.ts";
import { label, note, record, writeRecording } from "../../../src/trace/index.ts";

const [file] = process.argv.slice(2);
const recorder = record();

const jobs = new Queue<number>();
const connections = new Semaphore(2);
const stock = new Lock();
const orders = new Lock();

const readCache = coroutine(function* readCache(key: string) {
  yield sleep(1);
  note(`cache read ${key}`);
  return undefined;
});

const fetchUser = coroutine(function* fetchUser(id: number) {
  const release: () => void = yield connections.acquire();
  try {
    note(`>http GET /users/${id}`);
    yield sleep(6 + (id % 4));
    return { id };
  } finally {
    release();
  }
});

const fetchOrders = coroutine(function* fetchOrders(id: number) {
  const release: () => void = yield connections.acquire();
  try {
    note(`>http GET /orders?user=${id}`);
    yield sleep(9);
    return [id];
  } finally {
    release();
  }
});

const handle = coroutine(function* handle(id: number) {
  label(`req-${id}`);
  yield readCache(`user:${id}`);
  const [user, list]: [unknown, unknown[]] = yield [fetchUser(id), fetchOrders(id)];
  note(`cache write user:${id}`);
  yield sleep(2);
  return { user, count: list.length };
});

const worker = coroutine(function* worker() {
  for (;;) yield jobs.get();
});

const watchPrices = coroutine(function* watchPrices() {
  for (;;) yield sleep(60_000);
});

const transfer = coroutine(function* transfer(first: Lock, second: Lock) {
  yield first.acquire();
  yield sleep(5);
  yield second.acquire();
});

const idleConnection = coroutine(function* idleConnection(ms: number) {
  yield sleep(ms);
});

const serve = coroutine(function* serve() {
  const open = Array.from({ length: 240 }, (_, at) => idleConnection(3_600_000 + at));
  for (let id = 1; ; id++) {
    yield handle(id);
    yield sleep(40);
    if (id === 1_000_000) yield open;
  }
});

const evil = `<img src=x onerror="document.title='owned'">\u0000\u202e\n${"x".repeat(10_000)}`;
const harmful = coroutine(
  Object.defineProperty(
    function* () {
      label("<b>bold</b>");
      yield sleep(3_600_000);
    },
    "name",
    { value: evil },
  ) as () => Generator<unknown, void, unknown>,
);

const main = coroutine(function* main() {
  yield call(function* supervise() {
    yield [
      serve(),
      worker(),
      worker(),
      worker(),
      watchPrices(),
      transfer(stock, orders),
      transfer(orders, stock),
      harmful(),
    ];
  });
});

/** So that its name is at the top of the stack. */
function spinInCircles(): void {
  const untilMs = performance.now() + 600_000;
  while (performance.now() < untilMs);
}

const page = await startConsole({ http: {}, socket: false, allowControl: true, blockedAfterMs: 100 });
main();
console.log(page.address);
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (line === "spin") spinInCircles();
  if (line === "save" && file !== undefined) {
    writeRecording(file, recorder.recording());
    console.log("saved");
  }
});
lines.on("close", () => process.exit(0));
