import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all, CancelledError, coroutine, sleep } from "../../src/index.ts";
import { RequestHandler } from "../../src/web/index.ts";
import { Simulation } from "./support.ts";

class Sleeper extends RequestHandler {
  static override readonly cancelOnClose = true;
  *get(ms: string): Generator<unknown, void, unknown> {
    yield sleep(Number(ms));
    this.write({ slept: Number(ms) });
  }
}

describe("application.request()", () => {
  it("runs a thousand requests side by side in virtual time", () => {
    const simulation = new Simulation([["/:ms", Sleeper]]);
    const responses = simulation.run(function* () {
      const requests = Array.from({ length: 1000 }, (_, at) =>
        simulation.application.request({ path: `/${3_600_000 + at}` }),
      );
      return yield* all(requests);
    });
    assert.equal(simulation.loop.time(), 3_600_999);
    assert.deepEqual(responses[999]?.json(), { slept: 3_600_999 });
    simulation.assertQuiet();
  });

  it("answers at once when nothing waits, without a turn of the loop", () => {
    const { application } = new Simulation([["/:ms", RequestHandler]]);
    const response = application.request({ path: "/1" });
    assert.equal(response.result().status, 405);
  });

  it("closes the connection when who waits for it is cancelled", () => {
    const simulation = new Simulation([["/:ms", Sleeper]]);
    simulation.run(function* () {
      const client = coroutine(function* client(): Generator<unknown, void, unknown> {
        yield simulation.application.request({ path: "/1000" });
      });
      const work = client();
      yield sleep(10);
      work.cancel();
      yield sleep(1);
      assert.ok(work.error() instanceof CancelledError);
      assert.deepEqual(simulation.application.statistics(), { requests: 0 });
    });
    assert.equal(simulation.loop.time(), 11);
    simulation.assertQuiet();
  });

  it("sends the headers that follow from the body, unless they are given", () => {
    class Echo extends RequestHandler {
      post(): void {
        this.write({
          type: this.request.headers.get("Content-Type") ?? null,
          length: this.request.headers.get("Content-Length") ?? null,
          body: this.request.body.toString(),
        });
      }
    }
    const simulation = new Simulation([["/", Echo]]);
    const send = (request: object): unknown =>
      simulation.request({ method: "POST", path: "/", ...request }).json();
    assert.deepEqual(send({}), { type: null, length: null, body: "" });
    assert.deepEqual(send({ body: "é" }), { type: "text/plain; charset=UTF-8", length: "2", body: "é" });
    assert.deepEqual(send({ json: [1] }), { type: "application/json", length: "3", body: "[1]" });
    assert.deepEqual(send({ body: new Uint8Array([65]) }), {
      type: "application/octet-stream",
      length: "1",
      body: "A",
    });
    assert.deepEqual(send({ body: { a: "b c", d: [1, true] } }), {
      type: "application/x-www-form-urlencoded",
      length: "16",
      body: "a=b+c&d=1&d=true",
    });
    assert.deepEqual(send({ body: "<a>", headers: { "content-type": "text/xml" } }), {
      type: "text/xml",
      length: "3",
      body: "<a>",
    });
  });

  it("refuses a request that is none", () => {
    const { application } = new Simulation([]);
    assert.throws(() => application.request({ path: "x" }), TypeError);
    assert.throws(() => application.request({ path: "/", body: "x", json: 1 }), /one is wanted/);
  });
});
