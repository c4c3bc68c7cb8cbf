/**
 * What other processes do in the tests of the embedded stores.
 *
 * Use: `child.ts FOLDER COMMAND [NAME]`. It prints one line for each thing that is done.
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { coroutine, type Future, until } from "gyre";
import { openStores, StoreFullError, type Stores } from "../../src/stores/index.ts";

type Steps = Generator<Future<unknown>, void, unknown>;

const TEXT = { contentType: "text/plain" };

/** Written at once: what is printed has happened, whatever comes next. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}

function* putObject({ objects }: Stores, key: string, bytes: Uint8Array): Steps {
  const writer = yield* objects.create(key, TEXT);
  try {
    yield* writer.write(bytes);
    yield* writer.commit();
  } finally {
    yield* writer.abort();
  }
}

/** One of everything, each printed and the last one followed by death. */
function* acknowledgeAndDie(stores: Stores): Steps {
  const { keyValue, queue, objects } = stores;
  yield* keyValue.set("key", "value");
  print("set");
  yield* keyValue.increment("counter");
  print("incremented");
  yield* queue.push("q", "task");
  print("pushed");
  yield* putObject(stores, "from", Buffer.from("object"));
  print("committed");
  yield* objects.rename("from", "to");
  print("renamed");
  process.kill(process.pid, "SIGKILL");
}

/** Write until killed. */
function* writeForEver(stores: Stores): Steps {
  for (let at = 0; ; at++) {
    const both = [stores.keyValue.set(`key ${at}`, String(at)), stores.queue.push("q", `task ${at}`)];
    for (const each of both) yield* each;
    yield* putObject(stores, `object ${at}`, Buffer.alloc(5000, at));
    print(String(at));
  }
}

/** Stop half-way through an object; commit it if anything comes on standard input. */
function* uploadHalf({ objects }: Stores): Steps {
  const writer = yield* objects.create("half", TEXT);
  yield* writer.write(Buffer.alloc(100_000));
  print("written");
  yield* until(once(process.stdin, "data"));
  yield* writer.commit();
  print("committed");
  process.stdin.destroy();
}

/** Push tasks, count, and take whatever is there, ours or others', until nothing comes. */
function* shareWork({ keyValue, queue }: Stores, name: string): Steps {
  const pushed = Array.from({ length: 150 }, (_, at) => queue.push("q", `${name} ${at}`));
  for (const push of pushed) {
    yield* push;
    yield* keyValue.increment("counter");
  }
  for (;;) {
    const reserved = yield* queue.reserve("q", { leaseMs: 600_000 });
    if (reserved === undefined) return;
    print(reserved.task);
    yield* queue.acknowledge("q", reserved.id);
  }
}

/** Fill what room the process is allowed, and go on when there is none. */
function* fillUp(stores: Stores): Steps {
  const { keyValue, objects } = stores;
  yield* keyValue.set("first", "1");
  let count = 0;
  try {
    for (; ; count++) yield* keyValue.set(`big ${count}`, "x".repeat(20_000));
  } catch (error) {
    print(error instanceof StoreFullError ? "keys full" : String(error));
  }
  print(`${(yield* keyValue.entries("big")).length - count} missing`);
  print(String(yield* keyValue.get("first")));
  yield* keyValue.delete("big 0");
  yield* keyValue.set("first", "2");
  print(String(yield* keyValue.get("first")));
  const writer = yield* objects.create("big", TEXT);
  try {
    for (;;) yield* writer.write(Buffer.alloc(20_000));
  } catch (error) {
    print(error instanceof StoreFullError ? "object full" : String(error));
  }
  try {
    yield* writer.commit();
  } catch (error) {
    print(error instanceof StoreFullError ? "commit refused" : String(error));
  }
  yield* writer.abort();
  print(String(yield* objects.info("big")));
}

const commands: Record<string, (stores: Stores, name: string) => Steps> = {
  acknowledgeAndDie,
  writeForEver,
  uploadHalf,
  shareWork,
  fillUp,
};

const [folder = "", command = "", name = ""] = process.argv.slice(2);
const stores = await openStores({ folder }).then(undefined, (error: unknown) => {
  print((error as Error).name);
  process.exit(1);
});
await coroutine(commands[command] as (typeof commands)[string])(stores, name);
await stores.close();
