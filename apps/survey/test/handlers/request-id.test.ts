import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CoroutineGenerator } from "gyre";
import { draw, type Recording, record } from "gyre/trace";
import type { MemoryRequest, MemoryResponse } from "gyre/web";
import { makeApplication } from "../../src/handlers/routes.ts";
import { SurveyService } from "../../src/service/survey-service.ts";
import { runWorld } from "./world.ts";

interface Asked {
  readonly response: MemoryResponse;
  readonly id: string;
  /** The lines of the log. */
  readonly lines: readonly string[];
  readonly recording: Recording;
}

/** What comes of one request, with the recorder on. */
function ask(request: MemoryRequest): Asked {
  const lines: string[] = [];
  let asked: Omit<Asked, "lines"> | undefined;
  runWorld({}, function* (world): CoroutineGenerator<void> {
    const log = { ...world.service.tools.log, info: (line: string) => void lines.push(line) };
    const tools = { ...world.service.tools, log };
    const recorder = record();
    try {
      const response = yield* makeApplication(new SurveyService({ tools })).request(request);
      const id = response.headers.get("X-Request-Id") ?? "";
      asked = { response, id, recording: recorder.recording() };
    } finally {
      recorder.stop();
    }
  });
  return { ...(asked as Omit<Asked, "lines">), lines };
}

describe("the id of a request", () => {
  it("is the one that it came with", () => {
    const { id } = ask({ path: "/", headers: { "X-Request-Id": "web-7.2024_a" } });
    assert.equal(id, "web-7.2024_a");
  });

  it("is a new one of twelve digits when it came with none", () => {
    const ids = [ask({ path: "/" }).id, ask({ path: "/" }).id];
    for (const id of ids) assert.match(id, /^[0-9a-f]{12}$/);
    assert.notEqual(ids[0], ids[1]);
  });

  for (const given of ["short", "7", "x".repeat(65), "-leading", "two words", 'a"b<c>d&e', "ümlaut-id"]) {
    it(`is a new one when it came with ${JSON.stringify(given)}`, () => {
      assert.match(ask({ path: "/", headers: { "X-Request-Id": given } }).id, /^[0-9a-f]{12}$/);
    });
  }

  const paths: [path: string, status: number][] = [
    ["/", 200],
    ["/s/storm25", 200],
    ["/s/none", 404],
    ["/nowhere", 404],
    ["/static/.hidden", 403],
    ["/favicon.ico", 302],
    ["/files/none", 404],
  ];
  for (const [path, status] of paths) {
    it(`leads from response and log line to the drawing, for ${path}`, () => {
      const { response, id, lines, recording } = ask({ path });
      assert.equal(response.status, status);
      assert.equal(lines.length, 1);
      assert.ok(lines[0]?.includes(`GET ${path} (`) && lines[0].includes(`) [${id}] `), lines[0]);
      const [titles = ""] = draw(recording, { request: id, columns: 200 }).split("\n");
      assert.match(titles, /^ time +GET /);
    });
  }
});
