import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatCookie, parseCookies } from "../../src/web/cookies.ts";
import { RequestHandler } from "../../src/web/index.ts";
import { Simulation } from "./support.ts";

describe("parseCookies()", () => {
  // Security: Tornado 4.4.2, a parser that differs from browsers'.
  it("reads pairs as browsers do: a broken one neither hides nor makes others", () => {
    assert.deepEqual(
      [...parseCookies('a=b; "x=[y"; _xsrf=z; broken; =v; q="quoted"; a=second')],
      [
        ["a", "b"],
        ['"x', '[y"'],
        ["_xsrf", "z"],
        ["q", "quoted"],
      ],
    );
  });

  // Security: CVE-2024-52804, cookies in quadratic time. The work is counted in characters, so size is the test.
  it("reads a megabyte of quoting and of separators", () => {
    assert.equal(parseCookies(`a="${'\\"\\\\'.repeat(250_000)}"`).get("a")?.length, 1_000_000);
    assert.equal(parseCookies(";".repeat(1_000_000)).size, 0);
  });
});

describe("formatCookie()", () => {
  it("writes name, value and attributes", () => {
    assert.equal(formatCookie("a", "b"), "a=b; Path=/");
    assert.equal(
      formatCookie("a", "", {
        domain: "example.com",
        path: "/x",
        expires: new Date(0),
        maxAgeSeconds: 60,
        httpOnly: true,
        secure: true,
        sameSite: "Lax",
        partitioned: true,
      }),
      "a=; Domain=example.com; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60; HttpOnly; Secure; SameSite=Lax; Partitioned",
    );
  });

  // Security: CVE-2026-35536, cookie attributes; Tornado 6.6.0, maxAge; 6.5.8, capitalised options.
  for (const [what, name, value, options] of [
    ["a name with a separator", "a;b", "", {}],
    ["an empty name", "", "", {}],
    ["a value with a separator", "a", "b; Domain=evil.com", {}],
    ["a value with a line end", "a", "b\r\nX: y", {}],
    ["a domain with a separator", "a", "b", { domain: "x; Secure" }],
    ["a path with CR", "a", "b", { path: "/\r" }],
    ["a path with LF", "a", "b", { path: "/\n" }],
    ["a domain with a control", "a", "b", { domain: "a\0" }],
    ["a sameSite of its own", "a", "b", { sameSite: "Lax; Domain=x" }],
    ["an age that is text", "a", "b", { maxAgeSeconds: "1; Domain=e" }],
    ["an age that is no integer", "a", "b", { maxAgeSeconds: 1.5 }],
    ["an expiry that is none", "a", "b", { expires: new Date(Number.NaN) }],
    ["an unknown option", "a", "b", { maxAge: 5 }],
    ["a capitalised option", "a", "b", { HttpOnly: true }],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => formatCookie(name, value, options as never), /Cannot set the cookie/);
    });
  }
});

describe("setCookie() and clearCookie()", () => {
  it("add a header each", () => {
    class Handler extends RequestHandler {
      get(): void {
        this.setCookie("a", "1");
        this.clearCookie("b", { path: "/x" });
      }
    }
    const response = new Simulation([["/", Handler]]).get("/");
    assert.deepEqual(response.headers.getAll("Set-Cookie"), [
      "a=1; Path=/",
      "b=; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0",
    ]);
  });
});
