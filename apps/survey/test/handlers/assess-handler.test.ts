import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all, type CoroutineGenerator, sleep } from "gyre";
import type { MemoryRequest, MemoryResponse } from "gyre/web";
import { stormSurvey, talkSurvey } from "../../src/model/index.ts";
import { keys } from "../../src/service/store-keys.ts";
import { StoreError, StoreFullError } from "../../src/stores/index.ts";
import { encodeParts, type PartToSend } from "./multipart.ts";
import {
  cachedAnswer,
  queueEntries,
  runWorld,
  type SubmitAnswer,
  storedRespondent,
  stormAnswers,
  submitRequest,
  submitThree,
  type World,
} from "./world.ts";

/** The form as a browser without script sends it. */
function formRequest(
  fields: Record<string, string | string[]>,
  files: readonly PartToSend[] = [],
  path = `/s/${stormSurvey.shortId}`,
): MemoryRequest {
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((body) => ({ name, body })),
  );
  const { type, body } = encodeParts([...parts, ...files]);
  return { method: "POST", path, headers: { "Content-Type": type, Accept: "text/html" }, body };
}

const filledIn = { "answer:Q1": "12 Mill Lane", "answer:Q2": ["roof", "tree"], "answer:Q3": "soon" };
const photo: PartToSend = { name: "file:Q4", filename: "roof.png", body: "a photo" };
/** What browsers send for a file input in which nothing was chosen. */
const nothing = (cid: string): PartToSend => ({ name: `file:${cid}`, filename: "", body: "" });

function* respondentCount(world: World): CoroutineGenerator<number> {
  const { respondents } = (yield* world.getJson("/s/storm25/results")) as { respondents: unknown[] };
  return respondents.length;
}

/** The path that a 303 leads to. */
function followed(response: MemoryResponse): string {
  assert.equal(response.status, 303, response.text());
  return response.headers.get("Location") ?? "";
}

function errorOf(response: MemoryResponse): {
  code: string;
  message: string;
  field?: string;
  problems?: unknown;
} {
  return (response.json() as { error: { code: string; message: string } }).error;
}

describe("GET /s/:shortId", () => {
  it("shows the form with a token of its own", () => {
    runWorld({}, function* (world) {
      const tokens = new Set<string | undefined>();
      for (let at = 0; at < 2; at++) {
        const page = yield* world.request({ path: "/s/storm25" });
        assert.equal(page.status, 200);
        assert.equal(page.headers.get("Cache-Control"), "no-store");
        tokens.add(/name="submissionToken" value="([0-9a-f]{32})"/.exec(page.text())?.[1]);
      }
      assert.equal(tokens.size, 2);
      assert.ok(!tokens.has(undefined));
    });
  });

  it("gives the survey as JSON to a program", () => {
    runWorld({}, function* (world) {
      const { survey } = (yield* world.getJson("/s/storm25")) as { survey: { id: string } };
      assert.equal(survey.id, stormSurvey.id);
    });
  });

  it("answers 404 for a survey that does not exist, as a page and as JSON", () => {
    runWorld({}, function* (world) {
      const page = yield* world.request({ path: "/s/none" });
      assert.equal(page.status, 404);
      assert.match(page.text(), /Cannot find the survey &quot;none&quot;/);
      const json = yield* world.request({ path: "/s/none", headers: { Accept: "application/json" } });
      assert.equal(errorOf(json).code, "NOT_FOUND");
    });
  });
});

describe("POST /s/:shortId from a browser", () => {
  it("leads to a page with the new name of each file, which can be loaded again", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const answer = yield* world.upload("Q4", "roof.png");
      const fields = { ...filledIn, "answer:Q4": answer, startedAtMs: "1" };
      const path = followed(
        yield* world.request({
          method: "POST",
          path: "/s/storm25",
          headers: { Accept: "text/html" },
          body: fields,
        }),
      );
      for (let at = 0; at < 2; at++) {
        const page = yield* world.request({ path });
        assert.match(page.text(), /You are respondent number <strong>1<\/strong>/);
        assert.match(page.text(), /href="\/files\/1-Q4-roof-\d{6}\.png"/);
      }
    });
  });

  it("takes the files from inside the form when there is no script", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const files = [
        photo,
        { ...photo, filename: "tree.jpg" },
        nothing("Q5"),
        { name: "file:Q6", filename: "letter.pdf", body: "a letter" },
      ];
      const path = followed(yield* world.request(formRequest(filledIn, files)));
      const { files: stored } = yield* storedRespondent(world, path.split("/").at(-1) ?? "");
      assert.deepEqual(
        stored.map(({ question, key }) => `${question} ${key.replace(/\d{6}/, "N")}`),
        ["Q4 1-Q4-roof-N.png", "Q4 1-Q4-tree-N.jpg", "Q6 1-Q6-letter-N.pdf"],
      );
      assert.equal((yield* queueEntries(world)).length, 2);
    });
  });

  it("shows the form again with what is wrong, and keeps what was filled in and uploaded", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const fields = {
        ...filledIn,
        "answer:Q1": "",
        "answer:Q7": "Beware of <the> dog",
        submissionToken: "t-1",
      };
      const page = yield* world.request(formRequest(fields, [photo]));
      assert.equal(page.status, 422);
      assert.match(page.text(), /Write an answer/);
      assert.match(page.text(), /Beware of &lt;the&gt; dog/);
      assert.match(page.text(), /name="submissionToken" value="t-1"/);
      const kept = /name="answer:Q4" value="(uploads\/[^"]+\|roof\.png)"/.exec(page.text())?.[1];
      assert.ok(kept);
      const again = { ...filledIn, "answer:Q4": kept, submissionToken: "t-1" };
      const path = followed(yield* world.request(formRequest(again, [nothing("Q4")])));
      const { files } = yield* storedRespondent(world, path.split("/").at(-1) ?? "");
      assert.match(files[0]?.key ?? "", /^1-Q4-roof-\d{6}\.png$/);
    });
  });

  const wrongFiles: [name: string, parts: PartToSend[], message: RegExp][] = [
    ["of another type", [{ ...photo, filename: "roof.exe" }], /this question takes \.jpg, \.jpeg, \.png/],
    ["that is empty", [{ ...photo, body: "" }], /roof\.png&quot;: it is empty/],
    [
      "that is too large",
      [{ ...photo, body: "x".repeat(1500) }],
      /it is too large, wanted at most 0\.001 MB/,
    ],
    ["without a suffix", [{ ...photo, filename: "roof" }], /its name has no suffix/],
    ["with a bar in its name", [{ ...photo, filename: "a|b.png" }], /its name contains &quot;\|&quot;/],
    ["with a path for a name", [{ ...photo, filename: "../../roof.png" }], /its name is a path/],
    ["above the number", Array<PartToSend>(7).fill(photo), /Keep 5 files at most/],
    [
      "for a question that takes none",
      [photo, { ...photo, name: "file:Q1" }],
      /takes no files as &quot;file:Q1&quot;/,
    ],
  ];
  for (const [name, parts, message] of wrongFiles) {
    it(`shows the form again for a file ${name}`, () => {
      runWorld({ latencyMs: 2, maxFileBytes: 1000 }, function* (world) {
        const page = yield* world.request(formRequest(filledIn, parts));
        assert.equal(page.status, 422, page.text());
        assert.match(page.text(), message);
        assert.equal(yield* respondentCount(world), 0);
      });
    });
  }

  it("says once what is wrong with a file, and not that a file is missing", () => {
    runWorld({}, function* (world) {
      const page = yield* world.request(formRequest(filledIn, [{ ...photo, body: "" }]));
      assert.doesNotMatch(page.text(), /Add one file/);
    });
  });

  it("leaves nothing of a form that is cut off", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const whole = formRequest(filledIn, [photo, { ...photo, filename: "tree.jpg" }]);
      const body = whole.body as Buffer;
      for (const share of [0.5, 0.8, 0.95]) {
        const cut = { ...whole, body: body.subarray(0, Math.floor(body.length * share)) };
        const page = yield* world.request(cut);
        assert.equal(page.status, 400);
        assert.match(page.text(), /Cannot read the multipart body/);
      }
      assert.deepEqual(yield* world.stores.objects.list(""), []);
      assert.deepEqual(yield* world.stores.keyValue.entries("upload:"), []);
    });
  });

  it("tells which file could not be renamed", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const fault = new StoreError("STORE_FAILED", "Cannot rename an object: the store is broken");
      world.stores.io.failNext("objects.rename", fault);
      const letter = { name: "file:Q6", filename: "letter.pdf", body: "a letter" };
      const path = followed(yield* world.request(formRequest(filledIn, [photo, letter])));
      const page = (yield* world.request({ path })).text();
      assert.match(page, /1 file could not be renamed/);
      assert.match(page, /<strong>roof\.png<\/strong> <span>The file store could not rename it\.<\/span>/);
      assert.match(page, /1-Q6-letter-\d{6}\.pdf/);
    });
  });
});

describe("POST /s/:shortId sent twice", () => {
  it("leads to the same page, and makes one respondent", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const answer = yield* world.upload("Q4", "roof.png");
      const body = { ...filledIn, "answer:Q4": answer, submissionToken: "token-1" };
      const request: MemoryRequest = {
        method: "POST",
        path: "/s/storm25",
        headers: { Accept: "text/html" },
        body,
      };
      const first = followed(yield* world.request(request));
      assert.equal(followed(yield* world.request(request)), first);
      assert.equal(yield* respondentCount(world), 1);
      assert.equal((yield* queueEntries(world)).length, 1);
    });
  });

  it("waits for the first one when that is still at work", () => {
    runWorld({ latencyMs: (operation) => (operation === "objects.rename" ? 4000 : 2) }, function* (world) {
      const answer = yield* world.upload("Q4", "roof.png");
      const request = submitRequest(stormAnswers({ Q4: answer }), undefined, { idempotencyKey: "key-1" });
      const responses = yield* all([world.app.request(request), world.app.request(request)]);
      const bodies = responses.map((response) => (response.json() as SubmitAnswer).respondent);
      assert.deepEqual(bodies[0], bodies[1]);
      assert.deepEqual(responses.map(({ status }) => status).sort(), [200, 201]);
      assert.equal(yield* respondentCount(world), 1);
    });
  });

  it("makes one respondent of many at the same time, whoever comes first", () => {
    for (let seed = 0; seed < 20; seed++) {
      let number = seed * 7919;
      const latencyMs = (): number => {
        number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
        return number % 13;
      };
      runWorld({ latencyMs }, function* (world) {
        const answer = yield* world.upload("Q4", "roof.png");
        const request = submitRequest(stormAnswers({ Q4: answer }), undefined, { idempotencyKey: "key-1" });
        const responses = yield* all(Array.from({ length: 5 }, () => world.app.request(request)));
        const oids = new Set(responses.map((response) => (response.json() as SubmitAnswer).respondent.oid));
        assert.equal(oids.size, 1);
        assert.deepEqual(responses.map(({ status }) => status).sort(), [200, 200, 200, 200, 201]);
        assert.equal(yield* respondentCount(world), 1);
        assert.equal((yield* queueEntries(world)).length, 1);
      });
    }
  });

  it("takes the key from the header Idempotency-Key too", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const { json, ...rest } = submitRequest(stormAnswers({ Q4: yield* world.upload("Q4", "roof.png") }));
      const headers = { Accept: "application/json", "Idempotency-Key": "abc" };
      for (const status of [201, 200]) {
        assert.equal((yield* world.request({ ...rest, json, headers })).status, status);
      }
    });
  });

  it("removes the files that came inside of the second form", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const request = formRequest({ ...filledIn, submissionToken: "t" }, [photo]);
      assert.equal(followed(yield* world.request(request)), followed(yield* world.request(request)));
      assert.equal((yield* world.stores.objects.list("")).length, 1);
      assert.deepEqual(yield* world.stores.keyValue.entries("upload:"), []);
    });
  });

  it("answers 409 when the first one is not over in time", () => {
    const stalled = {
      fault: (operation: string) => (operation === "queue.push" ? ("stall" as const) : undefined),
    };
    runWorld({ ...stalled, latencyMs: 1 }, function* (world) {
      const request = submitRequest(stormAnswers({ Q4: yield* world.upload("Q4", "roof.png") }), undefined, {
        idempotencyKey: "key-1",
      });
      const first = world.app.request(request);
      const second = yield* world.request(request);
      assert.equal(second.status, 409);
      assert.equal(errorOf(second).code, "SUBMISSION_RUNNING");
      first.cancel();
    });
  });

  it("goes on where the first one was cut off: one respondent, each file renamed and queued once", () => {
    const full = new StoreFullError("Cannot store anything: the store is full");
    // The store is full after so many writes of each kind: at the respondent, at its answers, at the queues.
    const cuts: Record<string, number>[] = [
      { "keyValue.increment": 0 },
      { "keyValue.set respondent:": 0 },
      { "keyValue.set respondent:": 1 },
      { "keyValue.set respondent:": 2 },
      { "queue.push": 0, "keyValue.set respondent:": 3 },
      { "queue.push": 1, "keyValue.set respondent:": 3 },
      { "queue.push": 2, "keyValue.set respondent:": 3 },
    ];
    for (const cut of cuts) {
      const counts = new Map<string, number>();
      let isCut = true;
      const fault = (operation: string, key: string): Error | undefined => {
        const name = Object.keys(cut).find((each) => `${operation} ${key}`.startsWith(each));
        if (!isCut || name === undefined) return undefined;
        const count = counts.get(name) ?? 0;
        counts.set(name, count + 1);
        return count >= (cut[name] as number) ? full : undefined;
      };
      runWorld({ latencyMs: 2, fault }, function* (world) {
        const Q4 = [yield* world.upload("Q4", "a.png"), yield* world.upload("Q4", "b.png")];
        const request = submitRequest(stormAnswers({ Q4 }), undefined, { idempotencyKey: "key-1" });
        assert.equal((yield* world.request(request)).status, 507, JSON.stringify(cut));
        isCut = false;
        const response = yield* world.request(request);
        assert.equal(response.status, 201, response.text());
        assert.equal(yield* respondentCount(world), 1);
        const { files } = (response.json() as SubmitAnswer).respondent;
        for (const { key, failure } of files) {
          assert.equal(failure, undefined, JSON.stringify(cut));
          assert.match(key, /^\d-Q4-[ab]-\d{6}\.png$/);
        }
        const entries = (yield* queueEntries(world)).map((entry) => entry.split("||")[3]?.split("|")[0]);
        assert.deepEqual(entries.sort(), files.map(({ key }) => key).sort(), JSON.stringify(cut));
        assert.equal((yield* world.stores.objects.list("")).length, 2);
      });
    }
  });

  for (const [status, error] of [
    [503, new StoreError("STORE_FAILED", "Cannot set a key: the disk is gone")],
    [500, new Error("Cannot set a key: a mistake of ours")],
  ] as const) {
    it(`counts and caches once what could not be counted at first, and was answered ${status}`, () => {
      runWorld({ latencyMs: 2 }, function* (world) {
        const Q4 = yield* world.upload("Q4", "roof.png");
        const request = submitRequest(stormAnswers({ Q4 }), undefined, { idempotencyKey: "key-1" });
        world.stores.io.failNext("keyValue.set", error, keys.finished(stormSurvey.id, 1));
        assert.equal((yield* world.request(request)).status, status);
        assert.equal((yield* world.request(request)).status, 201);
        const { respondent } = (yield* world.request(request)).json() as SubmitAnswer;
        assert.equal(yield* world.service.respondents.finishedCount(stormSurvey.id), 1);
        assert.deepEqual((yield* cachedAnswer(world, respondent.oid)).totalAnswer, respondent.answer);
      });
    });
  }

  it("counts a respondent once who was counted but not finished", () => {
    const broken = new StoreError("STORE_FAILED", "Cannot set a key: the disk is gone");
    let writes = 0;
    const fault = (operation: string, key: string): Error | undefined =>
      // The second write of the respondent is the one that hands it in.
      operation === "keyValue.set" && key.startsWith("respondent:") && ++writes === 2 ? broken : undefined;
    runWorld({ latencyMs: 2, fault }, function* (world) {
      const request = submitRequest({ Q1: "good", Q3: "Keep it" }, "/s/talk25", { idempotencyKey: "key-1" });
      assert.equal((yield* world.request(request)).status, 503);
      assert.equal((yield* world.request(request)).status, 201);
      assert.equal(yield* world.service.respondents.finishedCount(talkSurvey.id), 1);
    });
  });

  it("caches again what could not be cached, for what is left of the two hours", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const request = submitRequest(stormAnswers({ Q4: yield* world.upload("Q4", "roof.png") }), undefined, {
        idempotencyKey: "key-1",
      });
      const { respondent } = (yield* world.request(request)).json() as SubmitAnswer;
      yield* world.stores.keyValue.delete(keys.totalAnswer(respondent.oid));
      yield* sleep(3_600_000);
      assert.equal((yield* world.request(request)).status, 200);
      const { totalAnswer, ttlMs } = yield* cachedAnswer(world, respondent.oid);
      assert.deepEqual(totalAnswer, respondent.answer);
      assert.ok(ttlMs > 3_590_000 && ttlMs < 3_600_000, `${ttlMs} ms`);
      yield* sleep(3_600_000);
      assert.equal((yield* world.request(request)).status, 200);
      const after = yield* world.stores.keyValue.get(keys.totalAnswer(respondent.oid));
      assert.equal(after, undefined);
    });
  });

  it("does not queue a file again that was decided on meanwhile", () => {
    let isCut = true;
    const full = new StoreFullError("Cannot store anything: the store is full");
    const fault = (operation: string, key: string): Error | undefined =>
      // The last write of the respondent is the one that hands it in.
      isCut && operation === "keyValue.set" && key.startsWith("respondent:") && ++writes > 2
        ? full
        : undefined;
    let writes = 0;
    runWorld({ latencyMs: 2, fault }, function* (world) {
      const Q4 = yield* world.upload("Q4", "a.png");
      const request = submitRequest(stormAnswers({ Q4 }), undefined, { idempotencyKey: "key-1" });
      assert.equal((yield* world.request(request)).status, 507);
      isCut = false;
      const [task = ""] = yield* queueEntries(world);
      yield* world.request({ method: "POST", path: "/review", body: { task, decision: "approved" } });
      assert.equal((yield* world.request(request)).status, 201);
      assert.deepEqual(yield* queueEntries(world), []);
    });
  });

  it("refuses a token that is none", () => {
    runWorld({}, function* (world) {
      const request = submitRequest(stormAnswers(), undefined, { idempotencyKey: "x".repeat(129) });
      const response = yield* world.request(request);
      assert.equal(response.status, 400);
      assert.equal(errorOf(response).field, "submissionToken");
    });
  });
});

describe("POST /s/:shortId with uploads", () => {
  const refused = [
    ["that was never made", "uploads/storm-damage-2025/Q4/00|roof.png"],
    ["of another file in the store", "1-Q4-roof-100001.png|roof.png"],
    ["that leads out of the store", "uploads/../secret|roof.png"],
  ] as const;
  for (const [name, Q4] of refused) {
    it(`refuses a key ${name}`, () => {
      runWorld({}, function* (world) {
        const response = yield* world.request(submitRequest(stormAnswers({ Q4 })));
        assert.equal(response.status, 422);
        assert.equal(errorOf(response).code, "ANSWERS_REFUSED");
      });
    });
  }

  it("refuses an upload for another question, under another name, or of another survey", () => {
    runWorld({}, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      const [key] = Q4.split("|");
      const video = yield* world.upload("Q5", "clip.mp4");
      for (const answers of [
        stormAnswers({ Q4: `${key}|other.png` }),
        stormAnswers({ Q4: video.replace("clip.mp4", "clip.png") }),
      ]) {
        assert.equal((yield* world.request(submitRequest(answers))).status, 422);
      }
      const talk = { Q1: "good", Q3: "Keep", Q4 };
      assert.equal((yield* world.request(submitRequest(talk, "/s/talk25"))).status, 422);
      assert.equal((yield* world.request(submitRequest(stormAnswers({ Q4 })))).status, 201);
    });
  });

  it("refuses an upload that another submission has taken, and lets go of the others", () => {
    runWorld({ latencyMs: 3 }, function* (world) {
      const taken = yield* world.upload("Q4", "roof.png");
      const free = yield* world.upload("Q6", "letter.pdf");
      yield* world.request(submitRequest(stormAnswers({ Q4: taken })));
      const response = yield* world.request(submitRequest(stormAnswers({ Q4: taken, Q6: free })));
      assert.equal(response.status, 422);
      const Q4 = yield* world.upload("Q4", "tree.png");
      assert.equal((yield* world.request(submitRequest(stormAnswers({ Q4, Q6: free })))).status, 201);
    });
  });

  it("gives an upload to one of two submissions that come at the same time", () => {
    runWorld({ latencyMs: 3 }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      const request = submitRequest(stormAnswers({ Q4 }));
      const responses = yield* all([world.app.request(request), world.app.request(request)]);
      assert.deepEqual(responses.map(({ status }) => status).sort(), [201, 422]);
    });
  });

  it("does not offer a file again that cannot be submitted", () => {
    runWorld({}, function* (world) {
      const gone = "uploads/storm-damage-2025/Q4/00|gone.png";
      const good = yield* world.upload("Q4", "good.png");
      const body = { ...filledIn, "answer:Q4": [gone, good] };
      const page = yield* world.request({ method: "POST", path: "/s/storm25", body });
      assert.equal(page.status, 422);
      assert.match(page.text(), /Choose &quot;gone\.png&quot; once more/);
      assert.doesNotMatch(page.text(), /value="[^"]*gone\.png"/);
      assert.match(page.text(), /value="[^"]*\|good\.png"/);
    });
  });
});

describe("POST /s/:shortId with bad input", () => {
  const bodies: [name: string, request: Partial<MemoryRequest>, status: number, code: string][] = [
    ["no JSON", { headers: { "Content-Type": "application/json" }, body: "{" }, 400, "BAD_REQUEST"],
    ["JSON without answers", { json: [1] }, 400, "BAD_REQUEST"],
    ["answers that are no texts", { json: { answers: { Q1: 5 } } }, 400, "BAD_REQUEST"],
    ["answers to questions that there are not", { json: { answers: { Q99: "x" } } }, 422, "ANSWERS_REFUSED"],
    ["no answers at all", { json: { answers: {} } }, 422, "ANSWERS_REFUSED"],
    ["text", { headers: { "Content-Type": "text/plain" }, body: "hello" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["nothing", {}, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["broken percent signs", { headers: form(), body: "answer%ZZ=1" }, 400, "BAD_REQUEST"],
    ["too much", { headers: form(), body: `answer:Q1=${"x".repeat(2_100_000)}` }, 413, "TOO_LARGE"],
    ["no boundary", { headers: { "Content-Type": "multipart/form-data" }, body: "x" }, 400, "BAD_REQUEST"],
  ];
  function form(): Record<string, string> {
    return { "Content-Type": "application/x-www-form-urlencoded" };
  }
  for (const [name, request, status, code] of bodies) {
    it(`answers ${status} to ${name}`, () => {
      runWorld({}, function* (world) {
        const headers = { ...request.headers, Accept: "application/json" };
        const response = yield* world.request({ ...request, method: "POST", path: "/s/storm25", headers });
        assert.equal(response.status, status, response.text());
        assert.equal(errorOf(response).code, code);
      });
    });
  }

  it("names each question with a problem to a program", () => {
    runWorld({}, function* (world) {
      const response = yield* world.request(submitRequest({ Q2: "moon" }));
      assert.deepEqual(errorOf(response).problems, [
        { cid: "Q1", message: "Write an answer" },
        { cid: "Q2", message: '"moon" is no option of this question' },
        { cid: "Q3", message: "Choose an option" },
        { cid: "Q4", message: "Add one file at least" },
      ]);
    });
  });
});

describe("POST /s/:shortId when a store fails", () => {
  it("answers 507 when the store is full, and the uploads stay free for another try", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      const full = new StoreFullError("Cannot increment a key: the store is full");
      world.stores.io.failNext("keyValue.increment", full);
      const response = yield* world.request(submitRequest(stormAnswers({ Q4 })));
      assert.equal(response.status, 507);
      assert.equal(errorOf(response).code, "STORE_FULL");
      assert.equal((yield* world.request(submitRequest(stormAnswers({ Q4 })))).status, 201);
    });
  });

  it("answers 503 with Retry-After for any other failure, and says so on a page", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const broken = new StoreError("STORE_FAILED", "Cannot increment a key: the disk is gone");
      world.stores.io.failNext("keyValue.increment", broken);
      const page = yield* world.request(formRequest(filledIn, [photo]));
      assert.equal(page.status, 503);
      assert.equal(page.headers.get("Retry-After"), "5");
      assert.doesNotMatch(page.text(), /the disk is gone/);
      assert.match(world.logged.join(), /the disk is gone/);
      yield* sleep(0);
      assert.equal((yield* world.request({ path: "/" })).status, 200);
    });
  });
});

describe("POST /s/:shortId of a sender who has gone", () => {
  it("is finished all the same", () => {
    runWorld({ latencyMs: (operation) => (operation === "objects.rename" ? 500 : 2) }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      const response = world.app.request(submitRequest(stormAnswers({ Q4 })));
      yield* sleep(100);
      response.cancel();
      yield* sleep(2000);
      assert.equal(yield* respondentCount(world), 1);
      assert.equal((yield* queueEntries(world)).length, 1);
    });
  });
});

describe("the respondents of a survey", () => {
  it("are numbered from 1, each number once", () => {
    runWorld({ latencyMs: 2 }, function* (world) {
      const seqs: number[] = [];
      for (let at = 0; at < 3; at++) seqs.push((yield* submitThree(world)).respondent.seq);
      assert.deepEqual(seqs, [1, 2, 3]);
    });
  });
});
