import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CancelledError, coroutine, IOLoop, sleep } from "../../src/index.ts";
import {
  asynchronous,
  ConnectionClosedError,
  Finish,
  HTTPError,
  RequestHandler,
} from "../../src/web/index.ts";
import { Simulation } from "./support.ts";

/** A handler class that writes down its life. */
function recordingHandler(events: string[]): typeof RequestHandler {
  return class Recorder extends RequestHandler {
    override initialize(): void {
      events.push("initialize");
    }
    override prepare(): unknown {
      events.push("prepare");
      return undefined;
    }
    override setDefaultHeaders(): void {
      events.push("setDefaultHeaders");
    }
    override logException(): void {
      events.push("logException");
    }
    override writeError(status: number, error: unknown): unknown {
      events.push(`writeError ${status}`);
      return super.writeError(status, error);
    }
    override onFinish(): void {
      events.push("onFinish");
    }
  };
}

describe("the life of a request", () => {
  // WEB-001
  it("goes through setDefaultHeaders, initialize, prepare, the method and onFinish", () => {
    const events: string[] = [];
    class Handler extends recordingHandler(events) {
      *get(): Generator<unknown, void, unknown> {
        yield sleep(10);
        events.push("get");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").status, 200);
    assert.deepEqual(events, ["setDefaultHeaders", "initialize", "prepare", "get", "onFinish"]);
    simulation.assertQuiet();
  });

  // WEB-001
  it("answers an error by logException, setDefaultHeaders, writeError and onFinish", () => {
    const events: string[] = [];
    class Handler extends recordingHandler(events) {
      get(): void {
        throw new Error("broken");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").status, 500);
    assert.deepEqual(events, [
      "setDefaultHeaders",
      "initialize",
      "prepare",
      "logException",
      "setDefaultHeaders",
      "writeError 500",
      "onFinish",
    ]);
    simulation.assertQuiet();
  });

  // WEB-002
  it("does not call the method when prepare finishes", () => {
    class Handler extends RequestHandler {
      override *prepare(): Generator<unknown, void, unknown> {
        yield sleep(5);
        this.finish("prepared");
      }
      get(): void {
        assert.fail("called");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").text(), "prepared");
    simulation.assertQuiet();
  });

  // WEB-003
  it("answers 405 with onFinish and without prepare when the handler lacks the method", () => {
    const events: string[] = [];
    class Handler extends recordingHandler(events) {
      get(): void {}
      post(): void {}
    }
    const simulation = new Simulation([["/", Handler]]);
    const response = simulation.request({ method: "PUT", path: "/" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("Allow"), "GET, HEAD, POST");
    assert.ok(!events.includes("prepare"));
    assert.equal(events.at(-1), "onFinish");
  });

  it("answers 405 for a method that no handler can have", () => {
    class Handler extends RequestHandler {
      get(): void {}
      constructed = true;
    }
    const simulation = new Simulation([["/", Handler]]);
    for (const method of ["PROPFIND", "get", "CONSTRUCTED", "__proto__"]) {
      assert.equal(simulation.request({ method, path: "/" }).status, 405);
    }
  });

  // WEB-004
  for (const where of ["before", "after"]) {
    for (const step of ["prepare", "get"]) {
      it(`gives an error of ${step} ${where} its first yield to writeError once`, () => {
        let written = 0;
        class Handler extends RequestHandler {
          *fail(name: string): Generator<unknown, void, unknown> {
            if (name !== step) return;
            if (where === "after") yield sleep(5);
            throw new HTTPError(418, "a teapot");
          }
          override prepare(): unknown {
            return this.fail("prepare");
          }
          get(): unknown {
            return this.fail("get");
          }
          override writeError(status: number): void {
            written++;
            this.finish(`error ${status}`);
          }
        }
        const simulation = new Simulation([["/", Handler]]);
        const response = simulation.get("/");
        assert.equal(response.status, 418);
        assert.equal(response.text(), "error 418");
        assert.equal(written, 1);
        simulation.assertQuiet();
      });
    }
  }

  it("gives an error of an async method to writeError", async () => {
    class Handler extends RequestHandler {
      async get(): Promise<void> {
        await Promise.resolve();
        throw new HTTPError(409, "taken");
      }
    }
    const { application } = new Simulation([["/", Handler]]);
    const response = await application.request({ path: "/" });
    assert.equal(response.status, 409);
  });

  // WEB-005
  it("cuts the connection when an error comes after a flush", () => {
    class Handler extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        this.write("half");
        yield this.flush();
        throw new Error("broken");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.throws(() => simulation.get("/"), ConnectionClosedError);
    assert.equal(simulation.log.takeErrors().length, 1);
  });

  // WEB-006
  it("throws at a write after the end and at a second end", () => {
    const errors: unknown[] = [];
    class Handler extends RequestHandler {
      get(): void {
        this.finish("done");
        for (const use of [() => this.write("x"), () => this.finish(), () => this.flush()]) {
          try {
            use();
          } catch (error) {
            errors.push((error as { code: string }).code);
          }
        }
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").text(), "done");
    assert.deepEqual(errors, Array(3).fill("GYRE_RESPONSE_STATE"));
  });

  it("logs an error after the end, and sends nothing", () => {
    class Handler extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        this.finish("done");
        yield sleep(1);
        throw new Error("late");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").text(), "done");
    simulation.loop.start();
    assert.match(simulation.log.takeErrors().join(), /late/);
  });

  // WEB-007
  it("ends with an empty body when writeError throws", () => {
    class Handler extends RequestHandler {
      get(): void {
        throw new HTTPError(404);
      }
      override writeError(): void {
        throw new Error("worse");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    const response = simulation.get("/");
    assert.equal(response.status, 404);
    assert.equal(response.text(), "");
    assert.match(simulation.log.takeErrors().join(), /writeError.*worse/);
  });

  it("waits for a writeError that waits", () => {
    class Handler extends RequestHandler {
      get(): void {
        throw new HTTPError(404);
      }
      override *writeError(status: number): Generator<unknown, void, unknown> {
        yield sleep(20);
        this.write(`slowly ${status}`);
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").text(), "slowly 404");
    assert.equal(simulation.loop.time(), 20);
  });

  // WEB-008
  it("ends with what was written when Finish is thrown, and logs no error", () => {
    class Handler extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        this.setStatus(201);
        this.write("some");
        yield sleep(1);
        throw new Finish(" more");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    const response = simulation.get("/");
    assert.equal(response.status, 201);
    assert.equal(response.text(), "some more");
    simulation.assertQuiet();
  });

  it("survives an error in onFinish, which is logged", () => {
    class Handler extends RequestHandler {
      get(): void {}
      override onFinish(): void {
        throw new Error("in onFinish");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").status, 200);
    assert.match(simulation.log.takeErrors().join(), /in onFinish/);
  });

  it("answers 500 when the handler cannot be made, or its default headers fail", () => {
    class Unmakeable extends RequestHandler {
      constructor(...args: ConstructorParameters<typeof RequestHandler>) {
        super(...args);
        throw new Error("not made");
      }
    }
    class Headless extends RequestHandler {
      override setDefaultHeaders(): void {
        throw new Error("no headers");
      }
    }
    const simulation = new Simulation([
      ["/a", Unmakeable],
      ["/b", Headless],
    ]);
    assert.equal(simulation.get("/a").status, 500);
    assert.equal(simulation.get("/b").status, 500);
    assert.match(simulation.log.takeErrors().join(), /not made.*no headers/);
  });

  it("refuses a value that a method returns", () => {
    class Handler extends RequestHandler {
      get(): object {
        return { forgotten: "write" };
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").status, 500);
    assert.match(
      simulation.log.takeErrors().join(),
      /Handler\.get.*nothing is wanted \(was write\(\) meant\?\)/,
    );
  });
});

describe("a client that goes", () => {
  const run = (cancelOnClose: boolean): string[] => {
    const events: string[] = [];
    class Handler extends RequestHandler {
      static override readonly cancelOnClose = cancelOnClose;
      *get(): Generator<unknown, void, unknown> {
        try {
          yield sleep(100);
          events.push("went on");
        } catch (error) {
          events.push((error as CancelledError).name);
          throw error;
        } finally {
          yield sleep(5);
          events.push("cleaned up");
        }
      }
      override onConnectionClose(): void {
        events.push("onConnectionClose");
      }
      override onFinish(): void {
        events.push("onFinish");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    simulation.run(function* () {
      const response = simulation.application.request({ path: "/" });
      yield sleep(10);
      response.cancel();
      yield sleep(200);
    });
    assert.deepEqual(
      simulation.log.lines.map((line) => line.slice(0, 3)),
      ["499"],
    );
    simulation.assertQuiet();
    return events;
  };

  // WEB-009
  it("is told to onConnectionClose, and the method goes on", () => {
    assert.deepEqual(run(false), ["onConnectionClose", "went on", "cleaned up", "onFinish"]);
  });

  // WEB-009
  it("cancels the method when cancelOnClose is set, and its finally runs", () => {
    assert.deepEqual(run(true), ["onConnectionClose", "CancelledError", "cleaned up", "onFinish"]);
  });

  // WEB-009
  it("is not told of after the end of the response", () => {
    let told = false;
    class Handler extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        this.finish("done");
        yield sleep(100);
      }
      override onConnectionClose(): void {
        told = true;
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    simulation.run(function* () {
      const response = simulation.application.request({ path: "/" });
      yield response;
      response.cancel();
      yield sleep(200);
    });
    assert.equal(told, false);
  });
});

describe("a handler's methods", () => {
  it("are the owners of what they start, so a report names them", () => {
    const rename = coroutine(function* rename(): Generator<unknown, void, unknown> {
      yield sleep(50);
    });
    class AssessHandler extends RequestHandler {
      *post(): Generator<unknown, void, unknown> {
        yield sleep(1);
        rename();
      }
    }
    class FieldHandler extends RequestHandler {
      post = coroutine(function* (): Generator<unknown, void, unknown> {
        yield sleep(1);
        rename();
      });
    }
    const simulation = new Simulation([
      ["/a", AssessHandler],
      ["/b", FieldHandler],
    ]);
    simulation.request({ method: "POST", path: "/a" });
    simulation.request({ method: "POST", path: "/b" });
    simulation.loop.start();
    assert.deepEqual(
      simulation.reports.map(({ text }) => text.split("\n")[0]?.replaceAll(/#\d+/g, "#n")),
      ["AssessHandler", "FieldHandler"].map(
        (name) =>
          `orphan: rename #n was still running when its owner ${name}.post #n ended, and nobody waits for it`,
      ),
    );
  });

  it("are given the path arguments, decoded", () => {
    class Handler extends RequestHandler {
      get(first: string, second: string): void {
        this.write({ first, second, kept: this.pathArguments });
      }
    }
    const simulation = new Simulation([["/x/:first/*second", Handler]]);
    assert.deepEqual(simulation.get("/x/a%20b%2Fc/d/%C3%A9").json(), {
      first: "a b/c",
      second: "d/é",
      kept: ["a b/c", "d/é"],
    });
  });

  it("answer HEAD by get without its body", () => {
    class Handler extends RequestHandler {
      get(): void {
        this.write("hello");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    const response = simulation.request({ method: "HEAD", path: "/" });
    assert.equal(response.headers.get("Content-Length"), "5");
    assert.equal(response.body.length, 0);
  });
});

describe("asynchronous()", () => {
  it("lets a plain method answer in a callback", () => {
    class Handler extends RequestHandler {
      get = asynchronous(function (this: Handler): void {
        IOLoop.current().callLater(30, () => this.finish("later"));
      });
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.get("/").text(), "later");
    assert.equal(simulation.loop.time(), 30);
    simulation.assertQuiet();
  });

  it("gives an error of such a callback, and of the method itself, to writeError", () => {
    class Later extends RequestHandler {
      get = asynchronous(function (this: Later): void {
        IOLoop.current().callLater(30, () => {
          throw new HTTPError(409, "in a callback");
        });
      });
    }
    class Now extends RequestHandler {
      get = asynchronous(function (this: Now): void {
        throw new HTTPError(410, "at once");
      });
    }
    const simulation = new Simulation([
      ["/later", Later],
      ["/now", Now],
    ]);
    assert.equal(simulation.get("/later").status, 409);
    assert.equal(simulation.get("/now").status, 410);
    simulation.assertQuiet();
  });

  it("ends with its coroutine, as in the seed", () => {
    class Handler extends RequestHandler {
      post = asynchronous(
        coroutine(function* (this: Handler, id: string): Generator<unknown, void, unknown> {
          yield sleep(3);
          this.write(`post ${id}`);
        }),
      );
    }
    const simulation = new Simulation([["/:id", Handler]]);
    assert.equal(simulation.request({ method: "POST", path: "/7" }).text(), "post 7");
    simulation.assertQuiet();
  });

  it("may finish after the client has gone, to no effect", () => {
    class Handler extends RequestHandler {
      get = asynchronous(function (this: Handler): void {
        IOLoop.current().callLater(30, () => {
          this.write("x");
          this.finish("nobody");
        });
      });
    }
    const simulation = new Simulation([["/", Handler]]);
    simulation.run(function* () {
      const response = simulation.application.request({ path: "/" });
      yield sleep(10);
      response.cancel();
      yield sleep(50);
    });
    simulation.assertQuiet();
  });

  it("ends when the client goes", () => {
    class Handler extends RequestHandler {
      get = asynchronous((): void => {});
    }
    const simulation = new Simulation([["/", Handler]]);
    simulation.run(function* () {
      const response = simulation.application.request({ path: "/" });
      yield sleep(10);
      assert.deepEqual(simulation.application.statistics(), { requests: 1 });
      response.cancel();
      yield sleep(1);
    });
    assert.deepEqual(simulation.application.statistics(), { requests: 0 });
    simulation.assertQuiet();
  });
});
