import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreError, StoreFullError } from "../../src/stores/index.ts";
import { runWorld, stormAnswers, submitRequest, submitThree, uploadRequest } from "./world.ts";

const posts = ["/s/storm25", "/api/uploads?survey=storm25&question=Q4", "/review", "/legacy/s/storm25"];

describe("a POST by a browser", () => {
  const refused: Record<string, string>[] = [
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: "http://localhost.evil.example" },
    // Who could forge the newer header would be no browser; where they differ, the stricter one counts.
    { "Sec-Fetch-Site": "cross-site", Origin: "http://localhost" },
  ];
  for (const headers of refused) {
    it(`is refused when it comes with ${JSON.stringify(headers)}`, () => {
      runWorld({}, function* (world) {
        for (const path of posts) {
          const response = yield* world.request({ method: "POST", path, headers, body: { a: "b" } });
          assert.equal(response.status, 403, path);
        }
        assert.deepEqual(yield* world.stores.keyValue.entries(""), []);
      });
    });
  }

  const taken: Record<string, string>[] = [
    {},
    { Origin: "http://localhost" },
    { "Sec-Fetch-Site": "same-origin", Origin: "http://localhost" },
    { "Sec-Fetch-Site": "none" },
  ];
  for (const headers of taken) {
    it(`is taken when it comes with ${JSON.stringify(headers)}`, () => {
      runWorld({}, function* (world) {
        const request = uploadRequest("Q4", [{ name: "file", filename: "a.png", body: "x" }]);
        const response = yield* world.request({
          ...request,
          headers: { ...request.headers, ...headers } as never,
        });
        assert.equal(response.status, 201, response.text());
      });
    });
  }

  it("may come from any site when it only reads", () => {
    runWorld({}, function* (world) {
      const response = yield* world.request({ path: "/", headers: { "Sec-Fetch-Site": "cross-site" } });
      assert.equal(response.status, 200);
    });
  });
});

describe("every page", () => {
  it("carries a policy that lets only our own scripts run, and stands in nobody's frame", () => {
    runWorld({}, function* (world) {
      const { respondent } = yield* submitThree(world);
      const thanks = `/s/storm25/thanks/${respondent.oid}`;
      for (const path of ["/", "/s/storm25", thanks, "/s/storm25/results", "/review", "/nowhere"]) {
        const { headers } = yield* world.request({ path });
        const policy = headers.get("Content-Security-Policy") ?? "";
        assert.match(policy, /^default-src 'self';/);
        assert.match(policy, /frame-ancestors 'none'/);
        assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
        assert.equal(headers.get("Referrer-Policy"), "same-origin");
      }
    });
  });
});

describe("an error", () => {
  it("is a page for a browser and JSON for a program", () => {
    runWorld({}, function* (world) {
      const page = yield* world.request({ path: "/nowhere", headers: { Accept: "text/html" } });
      assert.equal(page.status, 404);
      assert.match(page.text(), /Nothing here/);
      const json = yield* world.request({ path: "/nowhere", headers: { Accept: "application/json" } });
      assert.equal(json.status, 404);
      assert.equal((json.json() as { error: { code: string } }).error.code, "NOT_FOUND");
    });
  });

  it("is 405 with the methods that there are", () => {
    runWorld({}, function* (world) {
      const response = yield* world.request({ method: "DELETE", path: "/review" });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("Allow"), "GET, HEAD, POST");
    });
  });

  it("is 507 for a store without room, 503 for another failure, 500 for a mistake of ours", () => {
    runWorld({}, function* (world) {
      for (const [error, status, code] of [
        [new StoreFullError("Cannot list keys: full"), 507, "STORE_FULL"],
        [new StoreError("STORE_FAILED", "Cannot list keys: secret"), 503, "STORE_FAILED"],
        [new Error("secret"), 500, "INTERNAL"],
      ] as const) {
        world.stores.io.failNext("keyValue.entries", error);
        const response = yield* world.request({ path: "/", headers: { Accept: "application/json" } });
        assert.equal(response.status, status);
        assert.equal((response.json() as { error: { code: string } }).error.code, code);
        assert.doesNotMatch(response.text(), /secret/);
      }
      assert.equal(world.logged.length, 3);
      assert.equal((yield* world.request({ path: "/" })).status, 200);
    });
  });
});

describe("the icon", () => {
  it("is found where browsers look for it", () => {
    runWorld({}, function* (world) {
      const { status, headers } = yield* world.request({ path: "/favicon.ico" });
      assert.deepEqual([status, headers.get("Location")], [302, "/static/favicon.svg"]);
    });
  });
});

describe("the index", () => {
  it("counts the answers of each survey and the files that wait", () => {
    runWorld({}, function* (world) {
      yield* submitThree(world);
      const { surveys, pendingCount } = (yield* world.getJson("/")) as {
        surveys: { shortId: string; responseCount: number }[];
        pendingCount: number;
      };
      assert.deepEqual(
        surveys.map(({ shortId, responseCount }) => [shortId, responseCount]),
        [
          ["storm25", 1],
          ["talk25", 0],
        ],
      );
      assert.equal(pendingCount, 2);
      assert.match((yield* world.request({ path: "/" })).text(), /2 files to review/);
    });
  });
});

describe("the results", () => {
  it("are a page and JSON", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      yield* submitThree(world);
      yield* submitThree(world);
      const page = (yield* world.request({ path: "/s/storm25/results" })).text();
      assert.match(page, /1-Q4-roof-\d{6}\.png/);
      assert.match(page, /2-Q6-letter-\d{6}\.pdf/);
      const { responseCount, respondents } = (yield* world.getJson("/s/storm25/results")) as {
        responseCount: number;
        respondents: { seq: number }[];
      };
      assert.equal(responseCount, 2);
      assert.deepEqual(
        respondents.map(({ seq }) => seq),
        [1, 2],
      );
    });
  });

  it("show the latest 500 of more", () => {
    runWorld({}, function* (world) {
      for (let at = 0; at < 503; at++) {
        const response = yield* world.request(submitRequest({ Q1: "good", Q3: `Answer ${at}` }, "/s/talk25"));
        assert.equal(response.status, 201);
      }
      const { respondents } = (yield* world.getJson("/s/talk25/results")) as {
        respondents: { seq: number }[];
      };
      assert.deepEqual([respondents[0]?.seq, respondents.at(-1)?.seq, respondents.length], [4, 503, 500]);
      const page = (yield* world.request({ path: "/s/talk25/results" })).text();
      assert.match(page, /The latest 500 of 503 respondents/);
    });
  });

  it("are empty at first", () => {
    runWorld({}, function* (world) {
      assert.match((yield* world.request({ path: "/s/storm25/results" })).text(), /No answers yet/);
    });
  });
});

describe("the thank-you page", () => {
  it("is 404 for a respondent of another survey, and for none", () => {
    runWorld({}, function* (world) {
      const { respondent } = yield* submitThree(world);
      assert.equal((yield* world.request({ path: `/s/talk25/thanks/${respondent.oid}` })).status, 404);
      assert.equal((yield* world.request({ path: "/s/storm25/thanks/none" })).status, 404);
    });
  });
});

describe("the API", () => {
  it("answers 404 as JSON for a respondent and a cached answer that there are not", () => {
    runWorld({}, function* (world) {
      for (const path of ["/api/respondents/none", "/api/cache/assess_total_answer/none"]) {
        const response = yield* world.request({ path });
        assert.equal(response.status, 404);
        assert.equal((response.json() as { error: { code: string } }).error.code, "NOT_FOUND");
      }
    });
  });

  it("gives the queue's entries as they are stored", () => {
    runWorld({}, function* (world) {
      const { respondent } = yield* submitThree(world);
      const queue = (yield* world.getJson("/api/queue/upload_file_check_task_queue")) as {
        length: number;
        entries: string[];
      };
      assert.equal(queue.length, 2);
      for (const entry of queue.entries) {
        assert.match(
          entry,
          new RegExp(`^neighbourhood\\|\\|[0-9a-f]{24}\\|\\|${respondent.oid}\\|\\|1-Q[45]-\\w+-\\d{6}\\.`),
        );
      }
    });
  });
});

describe("the service on a simulated loop", () => {
  it("gives the same answers in the same order when it runs twice", () => {
    const runs = [0, 1].map(() => {
      const seen: string[] = [];
      runWorld({ latencyMs: (operation) => operation.length % 5 }, function* (world) {
        const { respondent } = yield* submitThree(world);
        seen.push(JSON.stringify(respondent), String(world.service.tools.now()));
        const response = yield* world.request(submitRequest(stormAnswers()));
        seen.push(response.text());
      });
      return seen;
    });
    assert.deepEqual(runs[0], runs[1]);
  });
});
