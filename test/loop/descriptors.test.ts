import assert from "node:assert/strict";
import { once } from "node:events";
import {
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Future } from "../../src/future/index.ts";
import { coroutine, sleep } from "../../src/gen/index.ts";
import { UvDescriptors } from "../../src/loop/descriptors.ts";
import { ERROR, type IOLoop, NodePoller, READ, WRITE } from "../../src/loop/index.ts";
import { runChild } from "./child.ts";
import { Rig } from "./rig.ts";
import {
  endWriting,
  filesOf,
  readAll,
  type SystemFiles,
  withoutDescriptors,
  withoutLinux,
  write,
} from "./system-files.ts";

interface Setup extends Rig<NodePoller> {
  readonly files: SystemFiles;
}

/** A loop on Node, and files; both are closed after the test. */
function setUp(test: TestContext): Setup {
  const files = filesOf(test);
  const rig = Object.assign(new Rig(new NodePoller(), {}), { files });
  test.after(() => {
    rig.loop.close();
    rig.checkNothingLeft();
  });
  return rig;
}

/** Run the loop until `fd` is told once. @returns what it was told */
async function firstEvents(loop: IOLoop, fd: number, events: number): Promise<number> {
  let told = 0;
  loop.addHandler(
    fd,
    (_fd, mask) => {
      told = mask;
      loop.stop();
    },
    events,
  );
  await loop.start();
  loop.removeHandler(fd);
  return told;
}

/** How many watches libuv has, open or closing. */
function watches(): number {
  const report = process.report?.getReport() as unknown as { libuv: { type: string }[] };
  return report.libuv.filter(({ type }) => type === "poll").length;
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

describe("a raw descriptor", { skip: withoutDescriptors }, () => {
  it("of a pipe is readable when something was written", async (t) => {
    const { loop, files } = setUp(t);
    const [reader, writer] = files.pipe();
    loop.callLater(5, () => write(writer));
    assert.equal(await firstEvents(loop, reader, READ), READ);
  });

  it("of a pipe is writable while there is room", async (t) => {
    const { loop, files } = setUp(t);
    assert.equal(await firstEvents(loop, files.pipe()[1], WRITE), WRITE);
  });

  it("of a pipe is readable at its end", async (t) => {
    const { loop, files } = setUp(t);
    const [reader, writer] = files.pipe();
    files.close(writer);
    assert.equal((await firstEvents(loop, reader, READ)) & READ, READ);
    assert.equal(readAll(reader), "end");
  });

  it("of a pipe that nobody reads is in error, asked for or not", async (t) => {
    const { loop, files } = setUp(t);
    const [reader, writer] = files.pipe();
    files.close(reader);
    assert.equal(await firstEvents(loop, writer, WRITE), ERROR);
  });

  it("that is in error is told so in each poll, until it is removed", async (t) => {
    const { loop, files, events } = setUp(t);
    const [reader, writer] = files.pipe();
    files.close(reader);
    loop.addHandler(
      writer,
      (fd, mask) => {
        events.push(mask);
        if (events.length < 3) return;
        loop.removeHandler(fd);
        loop.callLater(1, () => loop.stop());
      },
      WRITE,
    );
    await loop.start();
    assert.deepEqual(events, [ERROR, ERROR, ERROR]);
  });

  it("of a socket is told of both events at once", async (t) => {
    const { loop, files } = setUp(t);
    const [fd, other] = files.sockets();
    write(other);
    assert.equal(await firstEvents(loop, fd, READ | WRITE), READ | WRITE);
  });

  it("of a socket is in error, where that is asked for, when its other side writes no more", async (t) => {
    const { loop, files } = setUp(t);
    const [fd, other] = files.sockets();
    endWriting(other);
    assert.equal(await firstEvents(loop, fd, READ | ERROR), READ | ERROR);
    assert.equal(await firstEvents(loop, fd, READ), READ);
  });

  it("that Node itself watches can be watched as well", async (t) => {
    const { loop } = setUp(t);
    const server = net.createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const socket = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
    assert.equal(await firstEvents(loop, fd, READ), READ);
    let heard = "";
    for await (const chunk of socket) heard += chunk;
    assert.equal(heard, "hello");
    server.close();
  });

  it("of an event counter is readable while it is not 0", { skip: withoutLinux }, async (t) => {
    const { loop, files } = setUp(t);
    const fd = files.counter();
    const one = new BigUint64Array([3n]);
    loop.callLater(1, () => writeSync(fd, one));
    assert.equal(await firstEvents(loop, fd, READ), READ);
    const count = new BigUint64Array(1);
    readSync(fd, count);
    assert.equal(count[0], 3n);
  });

  it("of a folder's watch is readable when a file was made in it", { skip: withoutLinux }, async (t) => {
    const { loop, files } = setUp(t);
    const folder = mkdtempSync(join(tmpdir(), "gyre-watched-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const fd = files.folderWatch(folder);
    loop.callLater(1, () => writeFileSync(join(folder, "new"), ""));
    assert.equal(await firstEvents(loop, fd, READ), READ);
  });

  it("wakes a coroutine that its handler settles a Future for", async (t) => {
    const { loop, files } = setUp(t);
    const [reader, writer] = files.pipe();
    const readOnce = coroutine(function* (fd: number) {
      const readable = new Future<void>();
      loop.addHandler(fd, () => readable.setResult(), READ);
      try {
        yield* readable;
        return readAll(fd);
      } finally {
        loop.removeHandler(fd);
      }
    });
    const count = await loop.run(function* () {
      const reading = readOnce(reader);
      yield* sleep(1);
      writeSync(writer, "four");
      return yield* reading;
    });
    assert.equal(count, 4);
  });

  // LOOP-064
  it("whose handler gets EPIPE is not logged", async (t) => {
    const { loop, files } = setUp(t);
    const [reader, writer] = files.pipe();
    loop.addHandler(
      writer,
      () => {
        files.close(reader);
        loop.stop();
        write(writer);
      },
      WRITE,
    );
    await loop.start();
  });

  // LOOP-067
  it("is told in the order of registration among hundreds", async (t) => {
    const { loop, files, events } = setUp(t);
    const pipes = Array.from({ length: 300 }, () => files.pipe()).reverse();
    for (const [reader, writer] of pipes) {
      write(writer);
      loop.addHandler(reader, (fd) => void events.push(fd, loop.stop()), READ);
    }
    await loop.start();
    assert.deepEqual(
      events.filter((event) => event !== undefined),
      pipes.map(([reader]) => reader),
    );
  });

  it("is told of nothing while it is watched for nothing", async (t) => {
    const { loop, files } = setUp(t);
    const [fd, other] = files.sockets();
    write(other);
    loop.addHandler(fd, () => assert.fail("it is told"), READ | WRITE);
    loop.updateHandler(fd, 0);
    loop.callLater(5, () => loop.stop());
    await loop.start();
  });

  it("is told of its new events, when the poll has seen the old ones already", async (t) => {
    const [fd, other] = filesOf(t).sockets();
    const descriptors = new UvDescriptors(() => true);
    write(other);
    descriptors.register(fd, READ);
    descriptors.begin();
    await turns(3);
    descriptors.modify(fd, WRITE);
    assert.deepEqual(descriptors.take(), []);
    await turns(3);
    assert.deepEqual(descriptors.take(), [[fd, WRITE]]);
    descriptors.close();
  });

  it("is told at the loop's start of what came before", async (t) => {
    const { loop, files, events } = setUp(t);
    const [reader, writer] = files.pipe();
    loop.addHandler(reader, (_fd, mask) => void events.push(mask, loop.stop()), READ);
    write(writer);
    await turns(5);
    assert.deepEqual(events, []);
    await loop.start();
    assert.deepEqual(events, [READ, undefined]);
  });

  it("is told between two starts of nothing, and after the second again", async (t) => {
    const { loop, files, events } = setUp(t);
    const [reader, writer] = files.pipe();
    loop.addHandler(reader, () => void events.push("told", loop.stop()), READ);
    write(writer);
    await loop.start();
    await turns(5);
    assert.equal(events.length, 2);
    await loop.start();
    assert.equal(events.length, 4);
  });

  it("rests while no loop polls, instead of telling the same in each turn of libuv", async (t) => {
    const [reader, writer] = filesOf(t).pipe();
    let told = 0;
    const descriptors = new UvDescriptors(() => {
      told++;
      return false;
    });
    descriptors.register(reader, READ);
    write(writer);
    await turns(20);
    assert.equal(told, 1);
    descriptors.begin();
    await turns(20);
    assert.equal(told, 2);
    descriptors.close();
  });

  it("runs its handler's microtasks before Node's next callback", async (t) => {
    const { loop, files, events } = setUp(t);
    const [reader, writer] = files.pipe();
    write(writer);
    loop.addHandler(
      reader,
      () => {
        setImmediate(() => events.push("immediate"));
        process.nextTick(() => events.push("tick"));
        void Promise.resolve().then(() => events.push("microtask"));
        loop.callLater(1, () => loop.stop());
        loop.removeHandler(reader);
      },
      READ,
    );
    await loop.start();
    assert.deepEqual(events, ["tick", "microtask", "immediate"]);
  });
});

describe("a descriptor that cannot be watched", { skip: withoutDescriptors }, () => {
  /** `fd` is refused with `code` and `text`, and nothing is left of it. */
  function isRefused(t: TestContext, fd: number, code: string, text: string): void {
    const { loop } = setUp(t);
    assert.throws(() => loop.addHandler(fd, () => undefined, READ), {
      code,
      message: `Cannot watch descriptor ${fd}: ${text}`,
    });
    assert.equal(loop.statistics().handlers, 0);
    assert.equal(watches(), 0);
  }

  it("is one that is not open", (t) => {
    isRefused(t, 9999, "EBADF", "it is not open, an open one is wanted");
  });

  it("is a regular file", (t) => {
    const fd = openSync(import.meta.filename, "r");
    isRefused(t, fd, "EPERM", "it is a regular file, a pipe, a socket or a device is wanted");
  });

  it("is a directory", (t) => {
    const fd = openSync(import.meta.dirname, "r");
    isRefused(t, fd, "EPERM", "it is a directory, a pipe, a socket or a device is wanted");
  });

  it("is a device that the system cannot poll", { skip: withoutLinux }, (t) => {
    const before = readdirSync("/proc/self/fd").length;
    const fd = openSync("/dev/null", "r");
    isRefused(t, fd, "EPERM", "the system refuses it with EPERM, one that can be polled is wanted");
    assert.equal(readdirSync("/proc/self/fd").length, before + 1);
  });
});

describe("a worker thread", { skip: withoutDescriptors }, () => {
  it("has no descriptors to watch, and is told so", async () => {
    const worker = new Worker(new URL("./descriptors-worker.ts", import.meta.url));
    const [said] = await once(worker, "message");
    await worker.terminate();
    assert.deepEqual(said, {
      code: "GYRE_NO_DESCRIPTORS",
      message: "Cannot watch a descriptor: this is a worker thread, the main thread is wanted",
    });
  });
});

describe("a descriptor that is closed while it is watched", { skip: withoutDescriptors }, () => {
  it("is told as an error at the next look, once in each, until it is removed", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { loop, files, events } = setUp(t);
    const [reader] = files.pipe();
    loop.addHandler(reader, (_fd, mask) => void events.push(mask), READ);
    const ended = loop.start();
    files.close(reader);
    await turns(5);
    assert.deepEqual(events, []);
    t.mock.timers.tick(1000);
    await turns(5);
    assert.deepEqual(events, [ERROR]);
    t.mock.timers.tick(1000);
    await turns(5);
    assert.deepEqual(events, [ERROR, ERROR]);
    loop.removeHandler(reader);
    t.mock.timers.tick(1000);
    await turns(5);
    assert.deepEqual(events, [ERROR, ERROR]);
    loop.stop();
    await ended;
  });

  it("is told as an error also when its number was given out anew", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { loop, files, events } = setUp(t);
    const [reader, writer] = files.pipe();
    loop.addHandler(reader, (_fd, mask) => void events.push(mask, loop.stop()), READ);
    const ended = loop.start();
    files.close(reader);
    const [again] = files.sockets();
    assert.equal(again, reader);
    await turns(5);
    t.mock.timers.tick(1000);
    await ended;
    assert.deepEqual(events, [ERROR, undefined]);
    files.close(writer);
  });

  it("is let go then, so that its other side reads to the end", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { loop, files } = setUp(t);
    const [fd, other] = files.sockets();
    loop.addHandler(fd, () => loop.stop(), READ);
    files.close(fd);
    const ended = loop.start();
    await turns(5);
    t.mock.timers.tick(1000);
    await ended;
    assert.equal(readAll(other), "end");
  });

  it("cannot be updated", (t) => {
    const { loop, files } = setUp(t);
    const [reader] = files.pipe();
    loop.addHandler(reader, () => undefined, READ);
    files.close(reader);
    assert.throws(() => loop.updateHandler(reader, WRITE), {
      code: "EBADF",
      message: `Cannot watch descriptor ${reader}: it was closed while it was watched, an open one is wanted`,
    });
  });

  it("cannot be registered anew before it is removed, and the error asks for that", (t) => {
    const { loop, files } = setUp(t);
    const [reader] = files.pipe();
    loop.addHandler(reader, () => undefined, READ);
    files.close(reader);
    const [again] = files.sockets();
    assert.equal(again, reader);
    assert.throws(
      () => loop.addHandler(again, () => undefined, READ),
      /is watched already.*was it closed without removeHandler\?/,
    );
    loop.removeHandler(reader);
    loop.addHandler(again, () => undefined, READ);
  });

  it("does not keep another one open when both are closed with the loop", (t) => {
    const { loop, files, takeErrors } = setUp(t);
    const [first, second] = files.pipe();
    loop.addHandler(first, () => undefined, READ);
    loop.addHandler(second, () => undefined, WRITE);
    files.close(first);
    files.forget(second);
    loop.close(true);
    assert.deepEqual(takeErrors().map(codeOf), ["EBADF"]);
    assert.throws(() => fstatSync(second), { code: "EBADF" });
  });

  it("in the very turn of its registration does not end the process", async () => {
    const outcome = await runChild(
      `const loop = IOLoop.current();
       const files = new system.SystemFiles();
       const [reader] = files.pipe();
       loop.addHandler(reader, () => {}, READ);
       files.close(reader);
       const [second] = files.pipe();
       loop.removeHandler(reader);
       loop.addHandler(second, () => {}, READ);
       await sleep(20);
       loop.updateHandler(second, WRITE);
       files.close(second);
       await sleep(20);
       loop.removeHandler(second);
       console.log("alive");`,
    );
    assert.deepEqual(outcome, { lines: ["alive"], stderr: "", end: 0 });
  });

  it("takes no events from a socket of Node's that has its number now", async () => {
    const outcome = await runChild(
      `const loop = IOLoop.current();
       const files = new system.SystemFiles();
       const watched = Array.from({ length: 8 }, () => files.pipe()).flat();
       for (const fd of watched) loop.addHandler(fd, () => {}, READ);
       await sleep(5);
       for (const fd of watched) files.close(fd);
       const server = net.createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1", () => {
         const client = net.connect(server.address().port, "127.0.0.1");
         client.on("connect", () => {
           console.log(watched.includes(client._handle.fd));
           for (const fd of watched) loop.removeHandler(fd);
         });
         client.on("data", (data) => console.log(String(data)));
         client.on("close", () => server.close());
       });`,
    );
    assert.deepEqual(outcome, { lines: ["true", "hello"], stderr: "", end: 0 });
  });
});

describe("what libuv holds of descriptors", { skip: withoutDescriptors }, () => {
  it("is given back after a thousand registrations and removals", { skip: withoutLinux }, async (t) => {
    const { loop, files } = setUp(t);
    const [reader, writer] = files.pipe();
    write(writer);
    const before = readdirSync("/proc/self/fd").length;
    for (let i = 0; i < 1000; i++) {
      loop.addHandler(reader, () => undefined, READ);
      loop.updateHandler(reader, READ | WRITE);
      loop.removeHandler(reader);
    }
    assert.equal(readdirSync("/proc/self/fd").length, before);
    await turns(3);
    assert.equal(watches(), 0);
  });

  it("is given back when the loop is closed", async (t) => {
    const { loop, files } = setUp(t);
    for (const fd of files.pipe()) loop.addHandler(fd, () => undefined, READ);
    assert.equal(watches(), 2);
    loop.close();
    await turns(3);
    assert.equal(watches(), 0);
  });

  it("is no garbage while it is watched", async () => {
    const outcome = await runChild(
      `const loop = new IOLoop();
       const files = new system.SystemFiles();
       const pipes = Array.from({ length: 50 }, () => files.pipe());
       let left = 2000;
       for (const [reader, writer] of pipes) {
         loop.addHandler(reader, (fd) => {
           system.readAll(fd);
           new Array(10_000).fill(left);
           if (left % 100 === 0) gc();
           if (--left === 0) loop.stop();
           else system.write(writer);
         }, READ);
         system.write(writer);
       }
       await loop.start();
       console.log("told");`,
      { flags: ["--expose-gc"] },
    );
    assert.deepEqual(outcome, { lines: ["told"], stderr: "", end: 0 });
  });
});

describe("the process, with raw descriptors", { skip: withoutDescriptors, concurrency: 2 }, () => {
  /** A program of its own prints exactly `lines` and ends by itself. */
  async function prints(text: string, lines: string[]): Promise<void> {
    assert.deepEqual(await runChild(text), { lines, stderr: "", end: 0 });
  }

  it("is kept alive by one that its own loop watches, until that is removed", async () => {
    await prints(
      `const loop = IOLoop.current();
       const [reader, writer] = new system.SystemFiles().pipe();
       loop.addHandler(reader, (fd) => { console.log("told"); loop.removeHandler(fd); }, READ);
       setTimeout(() => system.write(writer), 20).unref();`,
      ["told"],
    );
  });

  it("is not kept alive by one of a loop that was not started, or has ended", async () => {
    await prints(
      `const loop = new IOLoop();
       const [reader, writer] = new system.SystemFiles().pipe();
       loop.addHandler(reader, () => { console.log("told"); loop.stop(); }, READ);
       system.write(writer);
       await sleep(5);
       console.log("started");
       await loop.start();`,
      ["started", "told"],
    );
  });

  it("ends well at exit() while one is readable and watched", async () => {
    await prints(
      `const [reader, writer] = new system.SystemFiles().pipe();
       IOLoop.current().addHandler(reader, () => { console.log("told"); process.exit(); }, READ);
       system.write(writer);`,
      ["told"],
    );
  });

  it("lets go of them before Node takes itself down", async () => {
    await prints(
      `const [reader, writer] = new system.SystemFiles().pipe();
       const loop = new IOLoop();
       loop.addHandler(reader, () => {}, READ);
       loop.addHandler(writer, () => {}, ERROR);
       const active = () => process.report.getReport().libuv.filter(({ type, is_active }) => type === "poll" && is_active).length;
       console.log(active());
       process.on("exit", () => console.log(active()));`,
      ["2", "0"],
    );
  });

  it("may use its loop in an exit listener", async () => {
    await prints(
      `const [reader, writer] = new system.SystemFiles().pipe();
       const loop = new IOLoop();
       loop.addHandler(reader, () => {}, READ);
       process.on("exit", () => { loop.updateHandler(reader, WRITE); loop.removeHandler(reader); loop.close(); console.log("closed"); });`,
      ["closed"],
    );
  });

  it("loads koffi when the first one is watched", async () => {
    await prints(
      `const { createRequire } = await import("node:module");
       const loaded = () => Object.keys(createRequire(process.cwd() + "/").cache).some((path) => /[\\\\/]koffi[\\\\/]/.test(path));
       const loop = IOLoop.current();
       await sleep(1);
       console.log(loaded());
       const server = net.createServer().listen(0, "127.0.0.1", () => {
         loop.addHandler(server._handle.fd, () => {}, READ);
         console.log(loaded());
         loop.removeHandler(server._handle.fd);
         server.close();
       });`,
      ["false", "true"],
    );
  });

  it("is told which package to install when there is no koffi", async () => {
    await prints(
      `const { Module } = await import("node:module");
       const resolve = Module._resolveFilename;
       Module._resolveFilename = (name, ...rest) => resolve(name === "koffi" ? "koffi-that-is-not-there" : name, ...rest);
       const server = net.createServer().listen(0, "127.0.0.1", () => {
         const loop = IOLoop.current();
         try {
           loop.addHandler(server._handle.fd, () => {}, READ);
         } catch (error) {
           console.log(error.code, error.message);
           console.log(error.cause.code, loop.statistics().handlers);
         }
         server.close();
       });`,
      [
        'GYRE_PEER_MISSING Cannot watch a descriptor: the package "koffi" cannot be loaded, an installed one is wanted (npm install koffi)',
        "MODULE_NOT_FOUND 0",
      ],
    );
  });

  it("is told that other systems have none", async () => {
    await prints(
      `Object.defineProperty(process, "platform", { value: "plan9" });
       const server = net.createServer().listen(0, "127.0.0.1", () => {
         try { IOLoop.current().addHandler(server._handle.fd, () => {}, READ); } catch (error) { console.log(error.code, error.message); }
         server.close();
       });`,
      ["GYRE_NO_DESCRIPTORS Cannot watch a descriptor: the system is plan9, Linux or macOS is wanted"],
    );
  });
});
