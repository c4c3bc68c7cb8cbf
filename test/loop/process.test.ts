/** What a loop does to the process that it lives in; each claim is tried in a process of its own. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runChild } from "./child.ts";

/** The program prints exactly `lines` and ends by itself, with nothing on standard error. */
async function prints(text: string, lines: string[]): Promise<void> {
  assert.deepEqual(await runChild(text), { lines, stderr: "", end: 0 });
}

describe("the process", { concurrency: 2 }, () => {
  it("ends by itself when the loop was only loaded", async () => {
    await prints(`IOLoop.current();`, []);
  });

  it("waits for callbacks and timers of its own loop, which needs no start()", async () => {
    await prints(
      `const loop = IOLoop.current();
       loop.callLater(20, () => console.log("timer"));
       loop.addCallback(() => console.log("callback"));`,
      ["callback", "timer"],
    );
  });

  it("is not kept alive by a timer that was removed", async () => {
    await prints(
      `const loop = IOLoop.current();
       const timeout = loop.callLater(3_600_000, () => {});
       setTimeout(() => { loop.removeTimeout(timeout); console.log("removed"); }, 5);`,
      ["removed"],
    );
  });

  it("is not kept alive by a timer that its own callback removed", async () => {
    await prints(
      `const loop = IOLoop.current();
       const timeout = loop.callLater(3_600_000, () => {});
       loop.callLater(5, () => { loop.removeTimeout(timeout); console.log("removed"); });`,
      ["removed"],
    );
  });

  it("is not kept alive by a coroutine that was cancelled while it slept", async () => {
    await prints(
      `const work = coroutine(function* () { yield sleep(3_600_000); })();
       setTimeout(() => console.log(work.cancel()), 5);`,
      ["true"],
    );
  });

  it("waits for sleep without a start()", async () => {
    await prints(`await sleep(10); console.log("slept");`, ["slept"]);
  });

  // LOOP-022
  it("is kept alive by start(), until stop()", async () => {
    await prints(
      `const loop = IOLoop.current();
       setTimeout(() => { console.log("still here"); loop.stop(); }, 30).unref();
       await loop.start();
       console.log("ended");`,
      ["still here", "ended"],
    );
  });

  it("is kept alive by start() also when the last timer is removed, and lets it end", async () => {
    await prints(
      `const loop = IOLoop.current();
       const timeout = loop.callLater(3_600_000, () => {});
       setTimeout(() => loop.removeTimeout(timeout), 5);
       setTimeout(() => {
         const last = loop.callLater(3_600_000, () => {});
         console.log("still here");
         loop.stop();
         loop.removeTimeout(last);
       }, 30).unref();
       await loop.start();
       console.log("ended");`,
      ["still here", "ended"],
    );
  });

  it("is kept alive by the start() of a loop of one's own, until stop()", async () => {
    await prints(
      `const loop = new IOLoop();
       setTimeout(() => { console.log("still here", loop.running); loop.stop(); }, 30).unref();
       await loop.start();
       console.log("ended", loop.running);`,
      ["still here true", "ended false"],
    );
  });

  it("runs nothing of a loop of one's own before its start()", async () => {
    await prints(
      `const loop = new IOLoop();
       loop.addCallback(() => console.log("callback"));
       await sleep(10);
       console.log("not yet");
       loop.callLater(1, () => loop.stop());
       await loop.start();`,
      ["not yet", "callback"],
    );
  });

  it("goes on with its own loop's timers after that was started and stopped", async () => {
    await prints(
      `const loop = IOLoop.current();
       loop.callLater(500, () => console.log("timer"));
       loop.addCallback(() => loop.stop());
       await loop.start();
       console.log("ended");`,
      ["ended", "timer"],
    );
  });

  it("runs two loops at once, each the current one in its own callbacks", async () => {
    await prints(
      `const [a, b] = [new IOLoop(), new IOLoop()];
       const order = [];
       const turn = (name, loop, n) => {
         order.push(name + n + (IOLoop.current() === loop));
         if (n === 3) loop.stop();
         else loop.callLater(1, turn, name, loop, n + 1);
       };
       a.addCallback(turn, "a", a, 1);
       b.addCallback(turn, "b", b, 1);
       await Promise.all([a.start(), b.start()]);
       console.log(order.sort().join(" "));`,
      ["a1true a2true a3true b1true b2true b3true"],
    );
  });

  // LOOP-051
  it("has the loop started last as the current one, until it ends", async () => {
    await prints(
      `const own = IOLoop.current();
       const [a, b] = [new IOLoop(), new IOLoop()];
       const names = new Map([[own, "own"], [a, "a"], [b, "b"]]);
       const say = () => console.log(names.get(IOLoop.current()));
       const aEnds = a.start();
       say();
       const bEnds = b.start();
       say();
       b.stop(); await bEnds;
       say();
       a.stop(); await aEnds;
       say();`,
      ["a", "b", "a", "own"],
    );
  });

  it("has a new loop of its own when that was closed", async () => {
    await prints(
      `const loop = IOLoop.current();
       loop.close();
       console.log(IOLoop.current() === loop);
       await sleep(1);
       console.log("slept");`,
      ["false", "slept"],
    );
  });

  it("wakes a loop that sleeps when Node's own callbacks add to it", async () => {
    await prints(
      `const loop = new IOLoop();
       setTimeout(() => loop.addCallback(() => { console.log("woken"); loop.stop(); }), 10);
       await loop.start();`,
      ["woken"],
    );
  });

  // LOOP-055: what there is of it in JavaScript, a message of another thread
  it("wakes a loop that sleeps when a thread's message adds to it", async () => {
    await prints(
      `const loop = new IOLoop();
       const worker = new Worker("require('node:worker_threads').parentPort.postMessage('hello')", { eval: true, execArgv: [] });
       worker.on("message", (text) => loop.addCallback(() => { console.log(text); loop.stop(); }));
       await loop.start();`,
      ["hello"],
    );
  });

  it("resumes a coroutine before Node's next callback, after the code that settled what it waits for", async () => {
    await prints(
      `const future = new Future();
       coroutine(function* () { yield future; console.log("resumed"); })();
       setTimeout(() => {
         setImmediate(() => console.log("immediate"));
         future.setResult();
         console.log("settled");
         Promise.resolve().then(() => {}).then(() => console.log("second microtask"));
       }, 1);`,
      ["settled", "resumed", "second microtask", "immediate"],
    );
  });

  it("resumes coroutines in the order in which their waits were settled", async () => {
    await prints(
      `const futures = [new Future(), new Future(), new Future()];
       futures.map((future, i) => coroutine(function* () { yield future; console.log(i); })());
       for (const i of [2, 0, 1]) futures[i].setResult();`,
      ["2", "0", "1"],
    );
  });

  // A server and its client in this very process: they need libuv's turns, and get none while the loop keeps them.
  const SERVED = `
    const server = net.createServer((socket) => socket.end("served"));
    server.listen(0, "127.0.0.1", () => {
      const client = net.connect(server.address().port, "127.0.0.1");
      client.on("data", (data) => { console.log(String(data)); goOn = false; });
      client.on("close", () => server.close());
    });
  `;

  it("serves sockets while two coroutines wake each other for ever", async () => {
    await prints(
      `let goOn = true;
       let [ping, pong] = [new Future(), new Future()];
       const left = coroutine(function* () {
         while (goOn) { yield ping; ping = new Future(); pong.setResult(); }
       });
       const right = coroutine(function* () {
         while (goOn) { yield pong; pong = new Future(); ping.setResult(); }
       });
       left(); right();
       ${SERVED}
       ping.setResult();`,
      ["served"],
    );
  });

  // LOOP-004
  it("serves sockets while a callback adds itself for ever", async () => {
    await prints(
      `let goOn = true;
       const loop = IOLoop.current();
       const again = () => { if (goOn) loop.addCallback(again); };
       loop.addCallback(again);
       ${SERVED}`,
      ["served"],
    );
  });

  it("serves sockets while a timer that is due adds itself for ever", async () => {
    await prints(
      `let goOn = true;
       const loop = IOLoop.current();
       const again = () => { if (goOn) loop.callLater(0, again); };
       again();
       ${SERVED}`,
      ["served"],
    );
  });

  it("serves sockets while coroutines yield settled Futures for ever, each in short steps", async () => {
    await prints(
      `let goOn = true;
       const settled = new Future(); settled.setResult();
       const restless = coroutine(function* () {
         while (goOn) { for (let i = 0; i < 100; i++) yield settled; yield moment; }
       });
       restless(); restless();
       ${SERVED}`,
      ["served"],
    );
  });

  // LOOP-054
  it("gets a FatalError from the start() of a loop, and can start it again", async () => {
    await prints(
      `const loop = new IOLoop();
       loop.addCallback(() => { throw new FatalError("the disk is gone"); });
       await loop.start().then(undefined, (error) => console.log(error.code, error.message));
       loop.addCallback(() => { console.log("again"); loop.stop(); });
       await loop.start();`,
      ["GYRE_FATAL the disk is gone", "again"],
    );
  });

  it("ends with a FatalError that nobody takes from start()", async () => {
    const outcome = await runChild(
      `const loop = new IOLoop();
       loop.addCallback(() => { throw new FatalError("the disk is gone"); });
       loop.start();`,
    );
    assert.notEqual(outcome.end, 0);
    assert.match(outcome.stderr, /FatalError: the disk is gone/);
  });

  it("ends with a FatalError on its own loop, which nobody started", async () => {
    const outcome = await runChild(
      `IOLoop.current().addCallback(() => { throw new FatalError("the disk is gone"); });
       await sleep(1000);`,
    );
    assert.notEqual(outcome.end, 0);
    assert.match(outcome.stderr, /FatalError: the disk is gone/);
  });

  it("may survive such an error by its own handler, and its loop goes on", async () => {
    await prints(
      `const loop = IOLoop.current();
       process.on("uncaughtException", (error) => {
         console.log(error.message);
         loop.callLater(5, () => console.log("goes on"));
       });
       loop.addCallback(() => { throw new FatalError("the disk is gone"); });`,
      ["the disk is gone", "goes on"],
    );
  });

  // LOOP-014
  it("can collect what finished callbacks and timers held, while the loop sleeps", async () => {
    const outcome = await runChild(
      `const loop = new IOLoop();
       const held = new Set(["callback", "argument", "timer", "removed timer", "future"]);
       const registry = new FinalizationRegistry((name) => held.delete(name));
       const keep = (name) => { const object = { name }; registry.register(object, name); return object; };
       (() => {
         const [callback, argument, timer, removed, future] = [...held].map(keep);
         loop.addCallback((given) => [callback, given], argument);
         loop.callLater(1, (given) => given, timer);
         loop.removeTimeout(loop.callLater(2, (given) => given, removed));
         const settled = new Future();
         loop.addFuture(settled, () => future);
         settled.setResult();
       })();
       const look = (times) => {
         gc();
         if (held.size > 0 && times > 0) { setTimeout(look, 10, times - 1); return; }
         console.log([...held].join(", ") || "all collected");
         loop.stop();
       };
       setTimeout(look, 50, 50);
       await loop.start();`,
      { flags: ["--expose-gc"] },
    );
    assert.deepEqual(outcome, { lines: ["all collected"], stderr: "", end: 0 });
  });
});
