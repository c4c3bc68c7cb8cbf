import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "../../src/index.ts";
import { type MemoryRequest, RequestHandler } from "../../src/web/index.ts";
import { Simulation } from "./support.ts";

/** The answer of a handler that tells what it was asked. */
function ask(tell: (handler: RequestHandler) => object, request: Partial<MemoryRequest>) {
  class Handler extends RequestHandler {
    get(): void {
      this.write(tell(this));
    }
    post(): void {
      this.write(tell(this));
    }
  }
  const simulation = new Simulation([["/*path", Handler]]);
  const response = simulation.request({ path: "/", ...request });
  simulation.assertQuiet();
  return response;
}

const post = { method: "POST" };

describe("arguments", () => {
  it("come from the query and from the form, the form's last", () => {
    const response = ask(
      (handler) => ({
        all: handler.getArguments("a"),
        one: handler.getArgument("a"),
        query: handler.getQueryArguments("a"),
        body: handler.getBodyArgument("a"),
        blank: handler.getQueryArgument("empty"),
        absent: handler.getArgument("x", undefined) === undefined,
        fallback: handler.getBodyArgument("x", 5),
      }),
      { ...post, path: "/?a=1&a=+2%20&empty&&a=%C3%A9", body: { a: "b o&d=y" } },
    );
    assert.deepEqual(response.json(), {
      all: ["1", "2", "é", "b o&d=y"],
      one: "b o&d=y",
      query: ["1", "2", "é"],
      body: "b o&d=y",
      blank: "",
      absent: true,
      fallback: 5,
    });
  });

  it("that are missing are a 400 that names them", () => {
    const response = ask((handler) => ({ a: handler.getArgument("who") }), {
      headers: { Accept: "application/json" },
    });
    assert.equal(response.status, 400);
    assert.deepEqual(response.json(), {
      error: { status: 400, code: "GYRE_MISSING_ARGUMENT", message: "Missing argument who" },
    });
  });

  for (const path of ["/?a=%zz", "/?%f", "/?a=%ff"]) {
    it(`with broken percent-encoding as in ${path} are a 400`, () => {
      assert.equal(ask((handler) => ({ a: handler.getArgument("a") }), { path }).status, 400);
    });
  }

  // Security: Tornado 6.5.9, query-string fields.
  it("are at most 1000 in a query", () => {
    const query = (count: number): string => `/?${Array(count).fill("a=1").join("&")}`;
    const count = (handler: RequestHandler): object => ({ count: handler.getQueryArguments("a").length });
    assert.deepEqual(ask(count, { path: query(1000) }).json(), { count: 1000 });
    assert.equal(ask(count, { path: query(1001) }).status, 400);
  });

  // Security: Tornado 6.5.8, urlencoded fields.
  it("are at most 1000 in a form", () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const body = Array(1001).fill("a=1").join("&");
    assert.equal(
      ask((handler) => ({ a: handler.getBodyArgument("a") }), { ...post, headers, body }).status,
      400,
    );
  });

  it("of a body that is no form are a 400", () => {
    const response = ask((handler) => ({ a: handler.getBodyArgument("a", "") }), { ...post, json: { a: 1 } });
    assert.equal(response.status, 400);
    assert.match(response.text(), /Cannot read the body as a form/);
  });

  it("of a form that is no UTF-8 are a 400", () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const body = new Uint8Array([97, 61, 0xff]);
    assert.equal(ask((handler) => ({ a: handler.getArgument("a") }), { ...post, headers, body }).status, 400);
  });

  it("come from a multipart form in memory, and its files with them", () => {
    const response = ask(
      (handler) => ({
        a: handler.getArgument("a"),
        files: handler.request.files.map((file) => [file.name, file.filename, file.result.toString()]),
      }),
      {
        ...post,
        multipart: [
          { name: "a", body: "1" },
          { name: "f", filename: "x.txt", body: "text" },
          { name: "g", filename: "", body: "" },
        ],
      },
    );
    assert.deepEqual(response.json(), {
      a: "1",
      files: [
        ["f", "x.txt", "text"],
        ["g", "", ""],
      ],
    });
  });
});

describe("json()", () => {
  it("gives the parsed body, also under a type that ends in +json", () => {
    const read = (handler: RequestHandler): object => ({ got: handler.json() });
    assert.deepEqual(ask(read, { ...post, json: [1, null] }).json(), { got: [1, null] });
    const headers = { "Content-Type": "application/merge-patch+json; charset=utf-8" };
    assert.deepEqual(ask(read, { ...post, headers, body: "{}" }).json(), { got: {} });
  });

  for (const [what, request] of [
    ["a wrong content type", { body: "{}" }],
    ["no content type", { body: "{}", headers: { "Content-Type": "" } }],
    ["broken JSON", { body: "{", headers: { "Content-Type": "application/json" } }],
    ["no body", { headers: { "Content-Type": "application/json" } }],
  ] as const) {
    it(`answers 400 with a message to ${what}`, () => {
      const response = ask((handler) => ({ got: handler.json() }), { ...post, ...request });
      assert.equal(response.status, 400);
      assert.match(response.text(), /Cannot read the body as JSON: /);
    });
  }
});

describe("the body", () => {
  const length = (handler: RequestHandler): object => ({ length: handler.request.body.length });

  // HTTP-008
  it("above the limit is a 413, read only as far as needed", () => {
    let pieces = 0;
    const body = coroutine(function* (): Generator<unknown, Uint8Array, unknown> {
      yield sleep(1);
      pieces++;
      return Buffer.alloc(1000);
    });
    class Handler extends RequestHandler {
      static override readonly maxBodyBytes = 2500;
      post(): void {}
    }
    const simulation = new Simulation([["/", Handler]]);
    assert.equal(simulation.request({ ...post, path: "/", body }).status, 413);
    assert.equal(pieces, 3);
    pieces = 0;
    const headers = { "Content-Length": "2501" };
    assert.equal(simulation.request({ ...post, path: "/", headers, body: Buffer.alloc(2501) }).status, 413);
    simulation.assertQuiet();
  });

  it("may be as long as the limit", () => {
    assert.deepEqual(ask(length, { ...post, body: "x".repeat(1_048_576) }).json(), { length: 1_048_576 });
    assert.equal(ask(length, { ...post, body: "x".repeat(1_048_577) }).status, 413);
  });

  // HTTP-010
  it("that comes too slowly is a 408, at the limit of the time waited", () => {
    const body = coroutine(function* (): Generator<unknown, string, unknown> {
      yield sleep(5_000);
      return "x";
    });
    class Handler extends RequestHandler {
      post(): void {}
    }
    const simulation = new Simulation([["/", Handler]], { bodyTimeoutMs: 12_000, minBodyBytesPerSecond: 1 });
    assert.equal(simulation.request({ ...post, path: "/", body }).status, 408);
    // 12 s, and one more for each of the two bytes that came.
    assert.equal(simulation.loop.time(), 14_000);
  });

  it("of a client that goes ends the request without an error in the log", () => {
    const body = coroutine(function* (): Generator<unknown, string, unknown> {
      yield sleep(5);
      return "x";
    });
    class Handler extends RequestHandler {
      post(): void {
        assert.fail("called");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    simulation.run(function* () {
      const response = simulation.application.request({ ...post, path: "/", body });
      yield sleep(12);
      response.cancel();
      yield sleep(0);
    });
    assert.deepEqual(simulation.application.statistics(), { requests: 0 });
    simulation.assertQuiet();
  });
});

describe("the head", () => {
  it("gives headers in any case, host and cookies", () => {
    const response = ask(
      (handler) => ({
        any: handler.request.headers.get("x-ONE"),
        host: handler.request.host,
        cookie: handler.getCookie("b"),
        none: handler.getCookie("c") ?? null,
      }),
      { headers: { "X-One": ["1", "2"], Cookie: "a=1; b=two", Host: "example.com" } },
    );
    assert.deepEqual(response.json(), { any: "1, 2", host: "example.com", cookie: "two", none: null });
  });

  // Security: CVE-2025-67725, repeated headers.
  it("with 20,000 headers of one name is read by each only once", () => {
    const values = Array<string>(20_000).fill("x");
    const response = ask((handler) => ({ length: handler.request.headers.get("A")?.length }), {
      headers: { A: values },
    });
    assert.deepEqual(response.json(), { length: 20_000 * 3 - 2 });
  });

  it("with a target that is an absolute URL has its path", () => {
    class Handler extends RequestHandler {
      get(path: string): void {
        this.write(path);
      }
    }
    const simulation = new Simulation([["/*path", Handler]]);
    assert.equal(simulation.get("//evil.com/x").text(), "/evil.com/x");
    assert.throws(() => simulation.get("evil"), TypeError);
  });
});
