import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sleep } from "../../src/index.ts";
import { HTTPError, RequestHandler } from "../../src/web/index.ts";
import { Simulation } from "./support.ts";

type Answer = (this: RequestHandler) => unknown;

/** What a handler whose `get` is `answer` gives, and what it logs. */
function respond(answer: Answer, path = "/"): { simulation: Simulation } & ReturnType<Simulation["get"]> {
  class Handler extends RequestHandler {
    get = answer;
  }
  const simulation = new Simulation([["/*path", Handler]]);
  const response = simulation.get(path);
  return Object.assign(response, { simulation });
}

/** What `use` throws inside a handler. */
function thrownBy(use: (handler: RequestHandler) => unknown): unknown {
  let thrown: unknown;
  const { simulation } = respond(function () {
    try {
      use(this);
    } catch (error) {
      thrown = error;
    }
  });
  simulation.assertQuiet();
  return thrown;
}

describe("write()", () => {
  it("joins text and bytes, and sets their length", () => {
    const response = respond(function () {
      this.write("é");
      this.write(new Uint8Array([33]));
    });
    assert.equal(response.text(), "é!");
    assert.equal(response.headers.get("Content-Length"), "3");
    assert.equal(response.headers.get("Content-Type"), "text/html; charset=UTF-8");
  });

  it("writes a record as JSON", () => {
    const response = respond(function () {
      this.write({ a: [1, "é"] });
    });
    assert.deepEqual(response.json(), { a: [1, "é"] });
    assert.equal(response.headers.get("Content-Type"), "application/json; charset=UTF-8");
  });

  for (const [what, value] of [
    ["a list", [1]],
    ["null", null],
    ["a number", 5],
    ["a class's instance", new Map()],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.match(String(thrownBy((handler) => handler.write(value as never))), /TypeError: Cannot write/);
    });
  }
});

describe("headers of a response", () => {
  it("are nosniff, and tell nothing about the server", () => {
    const { headers } = respond(() => {});
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
    assert.equal(headers.has("Server"), false);
    assert.equal(headers.has("X-Powered-By"), false);
  });

  it("are forgotten when an error is answered, except the error's own", () => {
    const response = respond(function () {
      this.setHeader("X-Secret", "1");
      this.setStatus(201);
      throw new HTTPError(429, "Too many", { headers: { "Retry-After": "3" } });
    });
    assert.equal(response.headers.has("X-Secret"), false);
    assert.equal(response.headers.get("Retry-After"), "3");
  });

  // Security: CVE-2012-2374, header injection.
  for (const bad of ["a\r\nSet-Cookie: x=1", "a\rb", "a\nb", "a\0b", "a\x7fb", "\u{1f600}"]) {
    it(`refuse the value ${JSON.stringify(bad)}, and nothing of it is sent`, () => {
      let failed: unknown;
      const response = respond(function () {
        try {
          this.setHeader("X", bad);
        } catch (error) {
          failed = error;
        }
        assert.throws(() => this.addHeader("X", bad), TypeError);
      });
      assert.match(String(failed), /TypeError: Cannot set the header X/);
      assert.equal(response.headers.has("X"), false);
      assert.equal(response.headers.has("Set-Cookie"), false);
    });
  }

  for (const bad of ["", "a b", "a:b", "a\r\n", "é"]) {
    it(`refuse the name ${JSON.stringify(bad)}`, () => {
      assert.match(String(thrownBy((handler) => handler.setHeader(bad, "x"))), /TypeError/);
    });
  }

  it("cannot be changed once the head is sent", () => {
    const codes: unknown[] = [];
    respond(function* () {
      this.write("x");
      yield this.flush();
      for (const use of [
        () => this.setHeader("A", "b"),
        () => this.setStatus(201),
        () => this.clearHeader("A"),
        () => this.clear(),
      ]) {
        try {
          use();
        } catch (error) {
          codes.push((error as { code: unknown }).code);
        }
      }
    });
    assert.deepEqual(codes, Array(4).fill("GYRE_RESPONSE_STATE"));
  });
});

describe("the status", () => {
  it("has its usual reason, or the one given", () => {
    assert.equal(
      respond(function () {
        this.setStatus(404);
      }).reason,
      "Not Found",
    );
    assert.equal(
      respond(function () {
        this.setStatus(299, "Fine");
      }).reason,
      "Fine",
    );
  });

  // Security: CVE-2025-67724, reason injection.
  it("takes no reason that would break the status line", () => {
    assert.match(String(thrownBy((handler) => handler.setStatus(400, "a\r\nX: y"))), /TypeError/);
    const response = respond(() => {
      throw new HTTPError(400, "x", { reason: "a\r\nX: y" });
    });
    assert.equal(response.reason, "Bad Request");
  });

  it("is 200 to 599", () => {
    for (const status of [0, 100, 199, 600, 200.5, Number.NaN]) {
      assert.match(String(thrownBy((handler) => handler.setStatus(status))), /RangeError/);
    }
  });

  it("204 goes without a body and its headers", () => {
    const response = respond(function () {
      this.setStatus(204);
    });
    assert.equal(response.headers.has("Content-Length"), false);
    assert.equal(response.headers.has("Content-Type"), false);
  });

  it("204 with a body is an error", () => {
    const response = respond(function () {
      this.setStatus(204);
      this.write("x");
    });
    assert.equal(response.status, 500);
    assert.match(response.simulation.log.takeErrors().join(), /its status 204 allows no body/);
  });
});

describe("Content-Length", () => {
  // HTTP-009
  it("that says more than the body is an error", () => {
    const response = respond(function () {
      this.setHeader("Content-Length", 10);
      this.write("short");
    });
    assert.equal(response.status, 500);
    assert.match(
      response.simulation.log.takeErrors().join(),
      /its body has 5 bytes, its Content-Length says 10/,
    );
  });

  // HTTP-009
  it("that says less than the body is an error at the flush", () => {
    const error = thrownBy((handler) => {
      handler.setHeader("Content-Length", 2);
      handler.write("long");
      try {
        handler.flush();
      } finally {
        handler.clear();
      }
    });
    assert.match(String(error), /the body is 4 bytes then, its Content-Length says 2/);
  });
});

describe("error pages", () => {
  // Security: CVE-2025-67724, a message as script.
  it("escape the message", () => {
    const response = respond(() => {
      throw new HTTPError(400, `<script>alert("x")</script>`, { reason: "<script>" });
    });
    assert.equal(response.headers.get("Content-Type"), "text/html; charset=UTF-8");
    assert.ok(!response.text().includes("<script"));
    assert.match(response.text(), /&#60;script&#62;/);
  });

  it("are JSON for who accepts it, or sent it", () => {
    class Handler extends RequestHandler {
      get(): void {
        throw new HTTPError(403, "Not yours");
      }
      post(): void {
        this.json();
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    const asked = simulation.get("/", { Accept: "application/json" });
    assert.deepEqual(asked.json(), { error: { status: 403, code: "GYRE_HTTP", message: "Not yours" } });
    const sent = simulation.request({
      method: "POST",
      path: "/",
      body: "{",
      headers: { "Content-Type": "application/json" },
    });
    assert.equal(sent.status, 400);
    assert.match(
      String((sent.json() as { error: { message: string } }).error.message),
      /Cannot read the body as JSON/,
    );
    const page = simulation.get("/", { Accept: "text/html, application/json" });
    assert.match(page.headers.get("Content-Type") ?? "", /^text\/html/);
  });

  it("tell nothing about an error that is no HTTPError", () => {
    const response = respond(() => {
      throw new Error("password is 123");
    });
    assert.equal(response.status, 500);
    assert.ok(!response.text().includes("123"));
    assert.match(response.simulation.log.takeErrors().join(), /password is 123/);
  });
});

describe("redirect()", () => {
  it("answers 302 with the location, or the status asked for", () => {
    const response = respond(function () {
      this.redirect("/next?a=é%20");
    });
    assert.equal(response.status, 302);
    assert.equal(response.headers.get("Location"), "/next?a=%C3%A9%20");
    assert.equal(
      respond(function () {
        this.redirect("next", { status: 303 });
      }).status,
      303,
    );
    assert.equal(
      respond(function () {
        this.redirect("/", { permanent: true });
      }).status,
      301,
    );
  });

  // Security: redirects off-site, in all the ways that browsers read.
  for (const url of [
    "//evil.com",
    "///evil.com",
    "/\\evil.com",
    "\\\\evil.com",
    "/\t/evil.com",
    "/\n/evil.com",
    " //evil.com",
    "https://evil.com/",
    "http:evil.com",
    "javascript:alert(1)",
    "data:text/html,x",
  ]) {
    it(`refuses ${JSON.stringify(url)} unless told`, () => {
      assert.match(String(thrownBy((handler) => handler.redirect(url))), /TypeError: Cannot redirect/);
    });
  }

  it("leads to another site when told", () => {
    const response = respond(function () {
      this.redirect("https://example.com/x", { offSite: true });
    });
    assert.equal(response.headers.get("Location"), "https://example.com/x");
  });

  it("refuses a status that is no redirect's", () => {
    assert.match(String(thrownBy((handler) => handler.redirect("/", { status: 200 }))), /RangeError/);
  });
});

describe("flush()", () => {
  it("sends what was written before the end, in virtual time", () => {
    const response = respond(function* () {
      this.write("a");
      yield this.flush();
      yield sleep(1000);
      this.write("b");
    });
    assert.equal(response.text(), "ab");
    assert.equal(response.headers.has("Content-Length"), false);
    assert.equal(response.simulation.loop.time(), 1000);
  });
});
