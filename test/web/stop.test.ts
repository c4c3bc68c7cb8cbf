import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { CancelledError, coroutine, Future, InvalidStateError, sleep } from "../../src/index.ts";
import { Application, ConnectionClosedError, RequestHandler, stopOnSignals } from "../../src/web/index.ts";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { root } from "../../tools/setup.mjs";
import { RawClient } from "./client.ts";
import { RecordingLog, Simulation } from "./support.ts";

const GET = "GET / HTTP/1.1\nHost: x\n\n";

async function serve(Handler: typeof RequestHandler) {
  const log = new RecordingLog();
  const application = new Application([["/", Handler]], { log });
  const server = await application.listen(0);
  return { log, application, server, port: server.address.port };
}

describe("stop()", () => {
  it("answers all that has come or is on its way, under load", async () => {
    class Busy extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        yield sleep(5);
        this.write("done.");
      }
    }
    const { application, port } = await serve(Busy);
    let answered = 0;
    let failures = 0;
    const client = async (): Promise<void> => {
      const raw = await RawClient.open(port);
      for (let sent = 1; ; sent++) {
        raw.send(GET);
        try {
          await raw.until(new RegExp(`(done\\.[\\s\\S]*){${sent}}`));
        } catch {
          failures++;
          return;
        }
        answered++;
        if (raw.received.includes("Connection: close")) break;
      }
      await raw.closed();
      if (raw.failed || raw.received.match(/HTTP\/1\.1 (?!200)/) !== null) failures++;
    };
    const clients = Array.from({ length: 16 }, client);
    while (answered < 100) await new Promise(setImmediate);
    await application.stop();
    await Promise.all(clients);
    assert.equal(failures, 0);
  });

  it("begins no pipelined request behind the answer that says it is the last", async () => {
    const release = new Future<void>();
    let started = 0;
    class Slow extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        started++;
        yield release;
      }
    }
    const { application, server, port } = await serve(Slow);
    const client = await RawClient.open(port);
    client.send(GET + GET);
    while (server.statistics().requests === 0) await new Promise(setImmediate);
    const stopped = application.stop();
    release.setResult();
    await stopped;
    await client.closed();
    assert.match(client.received, /^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/);
    assert.equal(started, 1);
  });

  it("takes no new connection, and closes the idle ones", async () => {
    class Hello extends RequestHandler {
      get(): void {
        this.write("hello");
      }
    }
    const { application, server, port } = await serve(Hello);
    const silent = await RawClient.open(port);
    const idle = await RawClient.open(port);
    idle.send(GET);
    await idle.until("hello");
    while (server.statistics().connections < 2) await new Promise(setImmediate);
    const stopped = application.stop();
    const late = connect(port, "127.0.0.1");
    await assert.rejects(once(late, "connect"), { code: "ECONNREFUSED" });
    await stopped;
    await Promise.all([silent.closed(), idle.closed()]);
    assert.equal(silent.failed || idle.failed, false);
    assert.deepEqual(server.statistics(), { connections: 0, requests: 0 });
  });

  it("cuts what is left after graceMs, and cancels its handlers", async () => {
    const events: unknown[] = [];
    class Endless extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        try {
          yield new Future<void>();
        } catch (error) {
          events.push((error as CancelledError).reason instanceof ConnectionClosedError);
          throw error;
        } finally {
          yield sleep(1);
          events.push("cleaned up");
        }
      }
    }
    const { application, server, port, log } = await serve(Endless);
    const client = await RawClient.open(port);
    client.send(GET);
    while (server.statistics().requests === 0) await new Promise(setImmediate);
    await application.stop({ graceMs: 20 });
    await client.closed();
    assert.equal(client.received, "");
    assert.deepEqual(events, [true, "cleaned up"]);
    assert.deepEqual(application.statistics(), { requests: 0 });
    const [told, ...others] = log.takeErrors();
    assert.match(told ?? "", /^stopping, 1 request\(s\) are not done after 20 ms and are cut; what waits:\n/);
    assert.match(told ?? "", /\n +Endless\.get #\d+ waits for .* at test\/web\/stop\.test\.ts:\d+:\d+/);
    assert.deepEqual(others, []);
  });

  it("waits for requests without a socket, and cuts them after graceMs, in virtual time", () => {
    class Sleeper extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        yield sleep(Number(this.getQueryArgument("ms")));
        this.write("awake");
      }
    }
    const simulation = new Simulation([["/", Sleeper]]);
    simulation.run(function* () {
      const short = simulation.application.request({ path: "/?ms=100" });
      const long = simulation.application.request({ path: "/?ms=100000" });
      yield simulation.application.stop({ graceMs: 5000 });
      assert.equal(short.result().text(), "awake");
      assert.ok(long.error() instanceof ConnectionClosedError);
    });
    assert.equal(simulation.loop.time(), 5000);
    assert.match(
      simulation.log.takeErrors().join(),
      /Sleeper\.get #\d+ waits for sleep 100000 ms, 95000 ms left/,
    );
    simulation.assertQuiet();
  });

  it("lets nothing new begin from its call on", () => {
    let started = 0;
    class Sleeper extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        started++;
        yield sleep(1000);
        this.write("awake");
      }
    }
    const simulation = new Simulation([["/", Sleeper]]);
    const { application } = simulation;
    simulation.run(function* () {
      const before = application.request({ path: "/" });
      assert.throws(() => application.stop({ graceMs: -1 }), RangeError);
      assert.equal(application.request({ path: "/?2" }).done(), false);
      const stopped = application.stop();
      const during = application.request({ path: "/" });
      yield stopped;
      const after = application.request({ path: "/" });
      assert.equal(before.result().text(), "awake");
      assert.deepEqual([during.result().status, after.result().status], [503, 503]);
      assert.equal(after.result().headers.get("Connection"), "close");
      assert.throws(() => application.listen(0), InvalidStateError);
    });
    assert.equal(started, 2);
    simulation.assertQuiet();
  });

  it("closes its server for each caller, one of whom may cancel his wait", async () => {
    const { server } = await serve(RequestHandler);
    const first = server.close({ graceMs: 0 });
    const second = server.close();
    first.cancel();
    await second;
    await server.close();
    assert.equal(first.cancelled(), true);
  });

  it("is harmless without a server, and twice", async () => {
    const { application } = await serve(RequestHandler);
    await Promise.all([application.stop(), application.stop()]);
    await application.stop();
    assert.throws(() => application.stop({ graceMs: -1 }), RangeError);
  });
});

describe("stopOnSignals()", () => {
  const program = `
    import { sleep } from "gyre";
    import { Application, RequestHandler, stopOnSignals } from "gyre/web";
    class Slow extends RequestHandler {
      *get() {
        process.send("started");
        yield sleep(Number(this.getArgument("ms")));
        this.write("done");
      }
    }
    const log = { warn() {}, error() {} };
    const application = new Application([["/", Slow]], { log });
    const server = await application.listen(0);
    process.send(server.address.port);
    const signal = await stopOnSignals(application, { graceMs: 60_000 });
    process.send("stopped by " + signal);
    process.disconnect();
  `;
  const start = () =>
    spawn(process.execPath, [...sourceFlags, "--input-type=module", "-e", program], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });

  it("listens no more once it is cancelled, by hand or with who waits for it", async () => {
    const application = {
      stop(): Future<void> {
        throw new Error("nobody asked for it");
      },
    };
    const signals = ["SIGUSR2"] as const;
    const before = process.listenerCount("SIGUSR2");
    const byHand = stopOnSignals(application, { signals });
    const waiting = coroutine(function* wait(): Generator<unknown, void, unknown> {
      yield stopOnSignals(application, { signals });
    })();
    await sleep(0);
    assert.equal(process.listenerCount("SIGUSR2"), before + 2);
    byHand.cancel();
    waiting.cancel();
    await assert.rejects(async () => await waiting, CancelledError);
    assert.equal(process.listenerCount("SIGUSR2"), before);
  });

  it("can be cancelled while the application stops", async () => {
    const stopping = new Future<void>();
    const stopped = stopOnSignals({ stop: () => stopping }, { signals: ["SIGUSR2"] });
    process.emit("SIGUSR2");
    stopped.cancel();
    stopping.setResult();
    assert.equal(stopped.cancelled(), true);
  });

  it("lets the running request end, and then the process", async () => {
    const child = start();
    const [port] = (await once(child, "message")) as [number];
    const answer = fetch(`http://127.0.0.1:${port}/?ms=300`);
    await once(child, "message");
    const messages = once(child, "message");
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    assert.equal(await (await answer).text(), "done");
    assert.deepEqual((await messages)[0], "stopped by SIGTERM");
    assert.deepEqual(await exit, [0, null]);
  });

  it("lets a second signal end the process at once", async () => {
    const child = start();
    const [port] = (await once(child, "message")) as [number];
    const client = await RawClient.open(port);
    client.send("GET /?ms=1000000 HTTP/1.1\nHost: x\n\n");
    await once(child, "message");
    const exit = once(child, "exit");
    child.kill("SIGINT");
    const refused = async (): Promise<boolean> => {
      const probe = connect(port, "127.0.0.1");
      try {
        await once(probe, "connect");
        return false;
      } catch {
        return true;
      } finally {
        probe.destroy();
      }
    };
    // It stops listening when the first signal has arrived.
    while (!(await refused()));
    child.kill("SIGINT");
    assert.deepEqual(await exit, [null, "SIGINT"]);
    await client.closed();
  });
});
