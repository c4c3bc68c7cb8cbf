import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Application, RequestHandler } from "../../src/web/index.ts";
import { Simulation } from "./support.ts";

class Echo extends RequestHandler {
  override initialize(options: object): void {
    this.setHeader("X-Options", JSON.stringify(options));
  }
  get(...args: string[]): void {
    this.write({ args });
  }
}

describe("routes", () => {
  const simulation = new Simulation([
    ["/", Echo],
    ["/s/:shortId", Echo, { kind: "survey" }, "survey"],
    ["/s/:shortId/q/:question_id", Echo, undefined, "question"],
    ["/files/*path", Echo, undefined, "file"],
    [/\/n\/(\d+)(?:\/x)?/, Echo, undefined, "optional"],
    [/\/r\/(?<id>\d+)-([a-z]+)\.txt/, Echo, undefined, "regexp"],
    [/\/any\/(.*)/, Echo, undefined, "any"],
    ["/é/:a", Echo, undefined, "accent"],
  ]);
  const args = (path: string): unknown => {
    const response = simulation.get(path);
    return response.status === 200 ? (response.json() as { args: unknown }).args : response.status;
  };

  it("match a whole path, the first that does", () => {
    assert.deepEqual(args("/"), []);
    assert.deepEqual(args("/s/abc"), ["abc"]);
    assert.deepEqual(args("/s/abc?x=/y"), ["abc"]);
    assert.deepEqual(args("/s/abc/q/7"), ["abc", "7"]);
    assert.deepEqual(args("/files/"), [""]);
    assert.deepEqual(args("/files/a/b.txt"), ["a/b.txt"]);
    assert.deepEqual(args("/n/5/x"), ["5"]);
    assert.deepEqual(args("/r/5-ab.txt"), ["5", "ab"]);
    for (const path of ["/s/", "/s/a/", "/s", "/x/s/abc", "/r/5-ab.txtx", "/r/5-abxtxt", "//", "/n/5/y"]) {
      assert.equal(args(path), 404, path);
    }
  });

  it("give their options to initialize", () => {
    assert.equal(simulation.get("/s/1").headers.get("X-Options"), '{"kind":"survey"}');
    assert.equal(simulation.get("/").headers.get("X-Options"), "{}");
  });

  it("answer 400 to a path with broken percent-encoding", () => {
    assert.equal(args("/s/%zz"), 400);
    assert.equal(args("/s/%ff"), 400);
  });

  it("answer 404 by the writeError of notFoundHandler", () => {
    class Base extends RequestHandler {
      override writeError(status: number): void {
        this.write(`our own ${status}`);
      }
    }
    const own = new Simulation([], { notFoundHandler: Base });
    assert.equal(own.get("/x").text(), "our own 404");
    assert.equal(own.request({ method: "POST", path: "/x", body: "x" }).status, 404);
    own.assertQuiet();
  });

  // Security: Tornado 6.6.1, percent-decoding in linear time.
  it("decode a megabyte of percent-encoding", () => {
    assert.deepEqual(args(`/s/${"%41".repeat(350_000)}`), ["A".repeat(350_000)]);
  });
});

describe("reverseUrl()", () => {
  const { application } = new Simulation([
    ["/s/:shortId", Echo, {}, "survey"],
    ["/files/*path", Echo, {}, "file"],
    [/\/r\/(?<id>\d+)-([^/]+)\.txt$/, Echo, {}, "regexp"],
    [/^\/any\/(.*)/, Echo, {}, "any"],
    [/\/o(?:x)?/, Echo, {}, "irreversible"],
    [/\/o((a)|b)/, Echo, {}, "nested"],
    ["/é/:a", Echo, {}, "accent"],
  ]);

  // WEB-010
  it("is the inverse of matching, including escapes", () => {
    const simulation = new Simulation([
      ["/s/:shortId", Echo, {}, "survey"],
      ["/files/*path", Echo, {}, "file"],
      [/\/r\/(?<id>\d+)-([^/]+)\.txt$/, Echo, {}, "regexp"],
      ["/é/:a", Echo, {}, "accent"],
    ]);
    for (const [name, ...given] of [
      ["survey", "a b/c?d#e%é\\"],
      ["file", "a b/c%2F?/é"],
      ["regexp", "12", "x y.z%"],
      ["accent", "ü"],
    ] as [string, ...string[]][]) {
      const path = simulation.application.reverseUrl(name, ...given);
      assert.deepEqual(simulation.get(path).json(), { args: given }, path);
    }
    assert.equal(application.reverseUrl("survey", 7), "/s/7");
    assert.equal(application.reverseUrl("any", "a/b"), "/any/a/b");
  });

  // WEB-010
  it("throws at a wrong number of arguments, or ones that would not match", () => {
    assert.throws(() => application.reverseUrl("survey"), /came 0 arguments, 1 are wanted/);
    assert.throws(() => application.reverseUrl("survey", "a", "b"), TypeError);
    assert.throws(() => application.reverseUrl("survey", ""), /does not match/);
    assert.throws(() => application.reverseUrl("regexp", "x", "y"), /does not match/);
  });

  it("throws for a name that is not there, and a pattern that cannot be built", () => {
    assert.throws(() => application.reverseUrl("nothing"), /there is none/);
    assert.throws(() => application.reverseUrl("irreversible"), /groups that are not nested/);
    assert.throws(() => application.reverseUrl("nested", "b"), /groups that are not nested/);
  });
});

describe("new Application()", () => {
  it("refuses patterns, handlers, names and settings that are none", () => {
    const make =
      (...rows: unknown[]) =>
      () =>
        new Application(rows as never);
    assert.throws(make(["s/:id", Echo]), /begins with "\/"/);
    assert.throws(make(["/a/:b-c", Echo]), /followed by "-"/);
    assert.throws(make(["/a/*b/c", Echo]), /followed by "\/"/);
    assert.throws(make(["/a", undefined]), /a class is wanted/);
    assert.throws(make(["/a", Echo, {}, "n"], ["/b", Echo, {}, "n"]), /is taken/);
    assert.throws(() => new Application([], { maxBodySize: 1 } as never), /no setting "maxBodySize"/);
    assert.throws(() => new Application([], { maxFields: 0 }), RangeError);
  });
});
