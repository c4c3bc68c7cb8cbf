/** What only stores in a folder do: outlive their process, share a folder, meet its limits. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { coroutine, type Future } from "gyre";
import { open } from "lmdb";
import { EmbeddedDatabase } from "../../src/stores/embedded/database.ts";
import { EmbeddedKeyValueStore } from "../../src/stores/embedded/key-value.ts";
import { isRunning, thisProcess } from "../../src/stores/embedded/process-life.ts";
import { openStores, type StoreError, type Stores } from "../../src/stores/index.ts";
import { withFolder } from "./harness.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));
const NODE_ARGS = ["--import", "./tools/strip.mjs", "-C", "source", CHILD];
const TEXT = { contentType: "text/plain" };

interface Child {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly lines: string[];
  /** The next line that it prints, of those not asked for yet. */
  line(): Promise<string>;
  /** Its end: the exit code, or the signal that killed it. */
  ended(): Promise<number | string>;
}

/** Start `child.ts`, by `shell` (a prefix of a command line) if given. */
function startChild(args: readonly string[], shell?: string): Child {
  const command = [process.execPath, ...NODE_ARGS, ...args];
  const stdio: ["pipe", "pipe", "inherit"] = ["pipe", "pipe", "inherit"];
  const child =
    shell === undefined
      ? spawn(command[0] as string, command.slice(1), { cwd: ROOT, stdio })
      : // The database's library also prints the failures that are provoked there.
        spawn("sh", ["-c", `${shell} exec "$@" 2>/dev/null`, "sh", ...command], { cwd: ROOT, stdio });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));
  const ended = Promise.all([once(child, "exit"), once(output, "close")]);
  let asked = 0;
  return {
    process: child,
    lines,
    async line() {
      const at = asked++;
      while (lines.length <= at) await once(output, "line");
      return lines[at] as string;
    },
    async ended() {
      const [[code, signal]] = await ended;
      return (code ?? signal) as number | string;
    },
  };
}

async function withStores<T>(folder: string, use: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores({ folder });
  try {
    return await use(stores);
  } finally {
    await stores.close();
  }
}

/** As `assert.rejects`, which takes native promises only. */
function fails(future: Future<unknown>, expected: Parameters<typeof assert.rejects>[1]): Promise<void> {
  return assert.rejects(future.then(), expected);
}

async function readText({ objects }: Stores, key: string): Promise<string> {
  const reader = await objects.open(key);
  const piece = await reader.read();
  await reader.close();
  return Buffer.from(piece ?? []).toString();
}

/** How many files of objects there are, finished or not. */
async function countFiles(folder: string): Promise<number> {
  return (await readdir(join(folder, "objects"))).length;
}

describe("openStores()", () => {
  it("finds what was there before it was closed", () =>
    withFolder(async (folder) => {
      await withStores(folder, async ({ keyValue, queue, objects }) => {
        await keyValue.set("key", "value");
        await queue.push("q", "task");
        const writer = await objects.create("object", TEXT);
        await writer.write(Buffer.from("bytes"));
        await writer.commit();
      });
      await withStores(folder, async (stores) => {
        assert.equal(await stores.keyValue.get("key"), "value");
        assert.equal((await stores.queue.reserve("q", { leaseMs: 1 }))?.task, "task");
        assert.equal(await readText(stores, "object"), "bytes");
      });
    }));

  it("shows one opener what another one in the same process wrote", () =>
    withFolder(async (folder) => {
      await withStores(folder, async (one) => {
        await withStores(folder, async (other) => {
          await one.keyValue.set("key", "1");
          assert.equal(await other.keyValue.get("key"), "1");
          assert.equal(await other.keyValue.increment("key"), 2);
          assert.equal(await one.keyValue.get("key"), "2");
        });
        assert.equal(await one.keyValue.get("key"), "2");
        await one.keyValue.set("key", "3");
      });
    }));

  it("finishes what is under way before it is closed", () =>
    withFolder(async (folder) => {
      const stores = await openStores({ folder });
      const sets = Array.from({ length: 50 }, (_, at) => stores.keyValue.set(`key ${at}`, ""));
      await stores.close();
      for (const set of sets) await set;
      await withStores(folder, async ({ keyValue }) => assert.equal((await keyValue.entries("")).length, 50));
    }));

  it("refuses a folder that is a file, or lies in one", () =>
    withFolder(async (folder) => {
      const file = join(folder, "file");
      await writeFile(file, "");
      for (const wrong of [file, join(file, "below")]) {
        await fails(openStores({ folder: wrong }), (error: StoreError) => {
          assert.equal(error.code, "STORE_UNUSABLE");
          assert.match(
            error.message,
            /^Cannot open the data folder ".+": the system says (EEXIST|ENOTDIR), .+ wanted$/,
          );
          return true;
        });
      }
    }));

  it("makes all folders above its own", () =>
    withFolder(async (folder) => {
      const deep = join(folder, "a", "b", "c");
      await withStores(deep, ({ keyValue }) => keyValue.set("key", "value").then());
      assert.deepEqual((await readdir(deep)).sort(), ["database", "objects"]);
    }));

  const noProc = process.platform === "linux" ? false : "only Linux has a file system that makes no folders";
  it("refuses a folder where the file system makes none", { skip: noProc }, async () => {
    // In a process of its own: what never ends there would keep this one.
    const child = startChild(["/proc/gyre-stores/below"]);
    assert.equal(await child.ended(), 1);
    assert.deepEqual(child.lines, ["StoreError"]);
  });

  it("refuses a folder in which a file stands where its objects belong", () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, "objects"), "");
      await fails(openStores({ folder }), { name: "StoreError", code: "STORE_UNUSABLE" });
    }));

  it("lets go of a database that it can open but not use", () =>
    withFolder(async (folder) => {
      const root = open<Buffer, Buffer>({
        path: join(folder, "database"),
        encoding: "binary",
        keyEncoding: "binary",
        overlappingSync: false,
      });
      await root.put(Buffer.from("items\0"), Buffer.from("no table"));
      await root.close();
      await fails(openStores({ folder }), { name: "StoreError", code: "STORE_FAILED" });
      await rm(join(folder, "database"), { recursive: true });
      await withStores(folder, ({ keyValue }) => keyValue.set("key", "value").then());
    }));

  it("refuses a folder whose database is something else", () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, "database"));
      for (const content of ["no database\n".repeat(10_000), "x", "\0".repeat(8192)]) {
        await writeFile(join(folder, "database", "data.mdb"), content);
        await fails(openStores({ folder }), { name: "StoreError", code: "STORE_UNUSABLE" });
      }
    }));

  it("sweeps by itself what has expired, and goes on after a sweep that failed", () =>
    withFolder(async (folder) => {
      let nowMs = 1000;
      let broken = false;
      const now = (): number => {
        if (broken) throw new Error("the clock is broken");
        return nowMs;
      };
      let onError = (_error: unknown): void => {};
      const failed = new Promise<unknown>((resolve) => {
        onError = resolve;
      });
      const stores = await openStores({ folder, now, sweepEveryMs: 1, onError: (error) => onError(error) });
      await stores.keyValue.set("key", "value", { ttlMs: 10 });
      broken = true;
      assert.match(String(await failed), /the clock is broken/);
      broken = false;
      nowMs += 11;
      const database = new EmbeddedDatabase(folder);
      const [items, look] = [database.table("items"), database.handle()];
      while (look.readNow("look", () => items.getCount()) > 0)
        await new Promise((resolve) => setTimeout(resolve, 1));
      await look.close();
      await stores.close();
    }));
});

describe("EmbeddedKeyValueStore.sweep()", () => {
  it("removes what has expired, a bounded number at once, and nothing else", () =>
    withFolder(async (folder) => {
      let nowMs = 1000;
      const database = new EmbeddedDatabase(folder);
      const store = new EmbeddedKeyValueStore(database, () => nowMs);
      const sets = Array.from({ length: 600 }, (_, at) => store.set(`old ${at}`, "", { ttlMs: 1000 }));
      for (const set of sets) await set;
      await store.set("old 0", "kept for ever");
      await store.set("old 1", "kept for long", { ttlMs: 5000 });
      assert.equal(await store.sweep(), 0);
      nowMs += 1000;
      assert.equal(await store.sweep(), 256);
      assert.equal(await store.sweep(), 256);
      assert.equal(await store.sweep(), 86);
      assert.equal(await store.sweep(), 0);
      const tables = ["items", "deadlines"].map((name) => database.table(name).getCount());
      assert.deepEqual(tables, [2, 1]);
      assert.deepEqual(
        (await store.entries("")).map(({ value }) => value),
        ["kept for ever", "kept for long"],
      );
      await store.close();
    }));
});

describe("isRunning()", () => {
  it("knows this process, and no other one of the same number", () => {
    assert.equal(isRunning(thisProcess), true);
    assert.equal(isRunning(`${process.pid}:1`), false);
  });

  it("knows when a process has ended, also while its parent has not noticed", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    assert.equal(isRunning(`${child.pid}:1`), false);
    if (process.platform !== "linux") return;
    // The shell becomes a program that never asks after its child.
    const parent = spawn("sh", [
      "-c",
      `sleep 0.3 & echo $! $(cut -d " " -f 22 /proc/$!/stat); exec sleep 60`,
    ]);
    const [line] = await once(parent.stdout, "data");
    const name = String(line).trim().replace(" ", ":");
    while (isRunning(name)) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.doesNotThrow(() => process.kill(Number(name.split(":")[0]), 0), "it is still listed");
    parent.kill();
    await once(parent, "exit");
  });
});

describe("a process that is killed", () => {
  it("has kept all that it was told is kept", () =>
    withFolder(async (folder) => {
      const child = startChild([folder, "acknowledgeAndDie"]);
      assert.equal(await child.ended(), "SIGKILL");
      assert.deepEqual(child.lines, ["set", "incremented", "pushed", "committed", "renamed"]);
      await withStores(folder, async (stores) => {
        assert.equal(await stores.keyValue.get("key"), "value");
        assert.equal(await stores.keyValue.get("counter"), "1");
        assert.deepEqual(await stores.queue.list("q", 10), [{ task: "task", attempts: 0, leased: false }]);
        assert.equal(await readText(stores, "to"), "object");
        assert.equal(await stores.objects.info("from"), undefined);
      });
    }));

  it("has kept it whenever it is killed, and leaves no file without an object", () =>
    withFolder(async (folder) => {
      await withStores(folder, async (stores) => {
        for (let round = 0; round < 3; round++) {
          const child = startChild([folder, "writeForEver"]);
          while (child.lines.length < 10 + round) await child.line();
          child.process.kill("SIGKILL");
          assert.equal(await child.ended(), "SIGKILL");
          for (const line of child.lines) {
            assert.equal(await stores.keyValue.get(`key ${line}`), line);
            const info = await stores.objects.info(`object ${line}`);
            assert.equal(info?.sizeBytes, 5000);
          }
          assert.ok((await stores.queue.length("q")) >= child.lines.length);
          for (const { key } of await stores.objects.list("")) await stores.objects.delete(key);
        }
      });
      await withStores(folder, async () => assert.equal(await countFiles(folder), 0));
    }));

  it("leaves no object and no file of one it was writing", () =>
    withFolder(async (folder) => {
      const child = startChild([folder, "uploadHalf"]);
      assert.equal(await child.line(), "written");
      child.process.kill("SIGKILL");
      await child.ended();
      assert.equal(await countFiles(folder), 1);
      await withStores(folder, async ({ objects }) => {
        assert.equal(await countFiles(folder), 0);
        assert.equal(await objects.info("half"), undefined);
        assert.deepEqual(await objects.list(""), []);
      });
    }));
});

describe("a file that cannot be removed", () => {
  it("is reported, hinders nothing, and is tried again at the next start", () =>
    withFolder(async (folder) => {
      const child = startChild([folder, "uploadHalf"]);
      assert.equal(await child.line(), "written");
      child.process.kill("SIGKILL");
      await child.ended();
      const [name] = await readdir(join(folder, "objects"));
      const path = join(folder, "objects", name as string);
      await rm(path);
      await mkdir(path);
      const errors: unknown[] = [];
      const stores = await openStores({ folder, onError: (error) => errors.push(error) });
      assert.match(String(errors), /^StoreError: Cannot remove an unfinished object: .+ wanted$/);
      await stores.keyValue.set("key", "value");
      await stores.close();
      await rmdir(path);
      await writeFile(path, "");
      await withStores(folder, async () => assert.equal(await countFiles(folder), 0));
    }));
});

describe("two processes in one folder", () => {
  it("leave each other's unfinished objects alone", () =>
    withFolder(async (folder) => {
      const child = startChild([folder, "uploadHalf"]);
      assert.equal(await child.line(), "written");
      await withStores(folder, async (stores) => {
        assert.equal(await stores.objects.info("half"), undefined);
        child.process.stdin?.write("go on\n");
        assert.equal(await child.line(), "committed");
        assert.equal((await stores.objects.info("half"))?.sizeBytes, 100_000);
      });
      assert.equal(await child.ended(), 0);
    }));

  it("do each task once, and lose no count", () =>
    withFolder(async (folder) => {
      const children = ["a", "b"].map((name) => startChild([folder, "shareWork", name]));
      for (const child of children) assert.equal(await child.ended(), 0);
      const done = children.flatMap(({ lines }) => lines);
      const pushed = ["a", "b"].flatMap((name) => Array.from({ length: 150 }, (_, at) => `${name} ${at}`));
      assert.deepEqual(done.sort(), pushed.sort());
      await withStores(folder, async ({ keyValue, queue }) => {
        assert.equal(await keyValue.get("counter"), "300");
        assert.equal(await queue.length("q"), 0);
      });
    }));
});

describe("a store without room", () => {
  const noLimits =
    process.platform === "win32" ? "Windows has no limit on the size of a process's files" : false;

  it("says so, loses nothing, and goes on with what fits", { skip: noLimits }, () =>
    withFolder(async (folder) => {
      // Ignored, the signal of the limit becomes an error of the write, like that of a full disk.
      const child = startChild([folder, "fillUp"], "ulimit -f 1000; trap '' XFSZ;");
      assert.equal(await child.ended(), 0);
      assert.deepEqual(child.lines, [
        "keys full",
        "0 missing",
        "1",
        "2",
        "object full",
        "commit refused",
        "undefined",
      ]);
      assert.equal(await countFiles(folder), 0);
    }),
  );

  it("refuses to open", { skip: noLimits }, () =>
    withFolder(async (folder) => {
      const child = startChild([folder], "ulimit -f 100; trap '' XFSZ;");
      assert.equal(await child.ended(), 1);
      assert.deepEqual(child.lines, ["StoreFullError"]);
    }),
  );
});

describe("EmbeddedObjectStore", () => {
  it("has exactly one file for each object", () =>
    withFolder(async (folder) => {
      await withStores(folder, async ({ objects }) => {
        for (const key of ["a", "b", "c"]) await (await objects.create(key, TEXT)).commit();
        const lost = await objects.create("d", TEXT);
        await lost.write(Buffer.from("x"));
        await lost.abort();
        const second = await objects.create("e", TEXT);
        await (await objects.create("e", TEXT)).commit();
        await fails(second.commit(), { name: "ObjectExistsError" });
        await objects.rename("a", "z");
        await objects.delete("b");
        assert.equal(await countFiles(folder), 3);
        assert.equal((await objects.list("")).length, 3);
      });
    }));

  it("aborts unfinished objects when it is closed", () =>
    withFolder(async (folder) => {
      await withStores(folder, async ({ objects }) => {
        await (await objects.create("a", TEXT)).write(Buffer.from("x"));
        assert.equal(await countFiles(folder), 1);
      });
      assert.equal(await countFiles(folder), 0);
    }));

  it("finishes an operation whose caller was cancelled", () =>
    withFolder(async (folder) => {
      await withStores(folder, async ({ objects }) => {
        const writer = await objects.create("a", TEXT);
        const committing = coroutine(function* () {
          yield* writer.commit();
        })();
        committing.cancel("no longer wanted");
        await fails(committing, { name: "CancelledError" });
        await writer.abort();
        assert.equal((await objects.info("a"))?.key, "a");
      });
    }));
});
