import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sleep } from "../../src/index.ts";
import { HTTPError, RequestHandler } from "../../src/web/index.ts";
import { oneLine } from "../../src/web/log.ts";
import { Simulation } from "./support.ts";

describe("the log of requests", () => {
  it("has one line a request: status, request, address, time, and what was refused", () => {
    class Handler extends RequestHandler {
      *get(): Generator<unknown, void, unknown> {
        yield sleep(12.5);
        throw new HTTPError(409, "Taken\r\nby another");
      }
    }
    const simulation = new Simulation([["/", Handler]]);
    simulation.get("/?a=b");
    assert.deepEqual(simulation.log.lines, ["409 GET /?a=b (127.0.0.1) 12.50 ms: Taken\\x0d\\x0aby another"]);
    simulation.assertQuiet();
  });

  it("shortens a long target", () => {
    const simulation = new Simulation([]);
    simulation.get(`/${"x".repeat(60_000)}`);
    assert.ok((simulation.log.lines[0] as string).length < 600);
  });

  it("is not written by a log without info", () => {
    const errors: string[] = [];
    const log = { warn: (text: string) => errors.push(text), error: (text: string) => errors.push(text) };
    new Simulation([], { log }).get("/");
    assert.deepEqual(errors, []);
  });
});

describe("oneLine()", () => {
  it("shows what would break a line or a terminal", () => {
    assert.equal(oneLine("a\nb\u001b[31m\u2028é"), "a\\x0ab\\x1b[31m\\x2028é");
  });
});
