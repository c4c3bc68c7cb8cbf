/**
 * What happens at the same time in the service: submissions, uploads, reviews, the worker, the sweep.
 *
 * The stores answer within five seconds, in any order; each test states how many turns from a plain order are
 * combined in every way. After each step of each run the rules of `rules.ts` hold.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CoroutineGenerator, coroutine, sleep } from "gyre";
import type { Program, Sim } from "gyre/sim";
import type { MemoryRequest, MemoryResponse } from "gyre/web";
import { checkNext } from "../../src/review/review-worker.ts";
import { uploadRequest } from "../handlers/world.ts";
import { checkEnd, keepRules, tasksForReview } from "./rules.ts";
import { verify } from "./verify.ts";
import { answerLimitMs, formOf, type Process, respondentOf, SimulatedSurvey } from "./world.ts";

type Story = (survey: SimulatedSurvey, process: Process) => CoroutineGenerator<void>;

/** A program in which the rules are kept, and one process serves. */
function serve(name: string, story: Story): Program {
  const run = coroutine(function* serve(sim: Sim) {
    const survey = new SimulatedSurvey(sim);
    keepRules(survey);
    yield* story(survey, survey.start());
  });
  return Object.defineProperty((sim: Sim) => run(sim), "name", { value: name });
}

const statusesOf = (responses: readonly MemoryResponse[]): number[] =>
  responses.map(({ status }) => status).sort();

describe("two submissions at the same time", () => {
  it("with a photo each become two respondents: every schedule with one turn", () => {
    const program = serve("twoForms", function* (survey, { app }) {
      const roof = yield* survey.upload("Q4", "roof.png");
      const tree = yield* survey.upload("Q4", "tree.png");
      const responses: MemoryResponse[] = yield [
        app.request(formOf({ Q4: roof })),
        app.request(formOf({ Q4: tree })),
      ];
      const [one, other] = responses.map(respondentOf);
      assert.notEqual(one?.oid, other?.oid);
      assert.deepEqual([one?.seq, other?.seq].sort(), [1, 2]);
      checkEnd(survey, { finished: 2 });
    });
    verify(program, { turns: 1, schedules: 150 });
  });

  it("of one form become one respondent: every schedule with two turns", () => {
    const program = serve("oneFormTwice", function* (survey, { app }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const form = formOf({ Q4 }, "token-1");
      const responses: MemoryResponse[] = yield [app.request(form), app.request(form)];
      assert.deepEqual(statusesOf(responses), [200, 201]);
      const [one, other] = responses.map(respondentOf);
      assert.deepEqual(one, other);
      checkEnd(survey, { finished: 1 });
    });
    verify(program, { turns: 2, schedules: 1000 });
  });

  it("with one and the same photo become one respondent, and one that is refused: every schedule with two turns", () => {
    const program = serve("onePhotoTwice", function* (survey, { app }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const responses: MemoryResponse[] = yield [app.request(formOf({ Q4 })), app.request(formOf({ Q4 }))];
      assert.deepEqual(statusesOf(responses), [201, 422]);
      checkEnd(survey, { finished: 1 });
    });
    verify(program, { turns: 2, schedules: 300 });
  });
});

describe("a submission", () => {
  it("with two photos keeps both answers: every schedule with one turn", () => {
    const program = serve("twoPhotos", function* (survey, { app }) {
      const Q4 = [yield* survey.upload("Q4", "roof.png"), yield* survey.upload("Q4", "tree.png")];
      const { files } = respondentOf(yield* app.request(formOf({ Q4 })));
      assert.equal(files.length, 2);
      checkEnd(survey, { finished: 1 });
    });
    verify(program, { turns: 1, schedules: 150 });
  });

  it("and an upload leave each other alone: every schedule with two turns", () => {
    const program = serve("uploadBeside", function* (survey, { app }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const part = { name: "file", filename: "tree.png", body: "bytes of tree.png" };
      const [submitted, uploaded]: MemoryResponse[] = yield [
        app.request(formOf({ Q4 })),
        app.request(uploadRequest("Q4", [part])),
      ];
      assert.equal(uploaded?.status, 201);
      survey.accepted.push(part.body);
      respondentOf(submitted as MemoryResponse);
      const { answer } = (uploaded as MemoryResponse).json() as { answer: string };
      respondentOf(yield* app.request(formOf({ Q4: answer })));
      checkEnd(survey, { finished: 2 });
    });
    verify(program, { turns: 2, schedules: 150 });
  });

  it("and the worker: each photo is checked once: every schedule with one turn", () => {
    const program = serve("workerBeside", function* (survey, { app, tools }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const work = coroutine(function* work() {
        while (!(yield* checkNext(tools))) yield* sleep(500);
      });
      yield [app.request(formOf({ Q4 })), work()];
      checkEnd(survey, { finished: 1 });
    });
    verify(program, { turns: 1, schedules: 150 });
  });

  it("and a reviewer: what was decided is not queued again: every schedule with two turns", () => {
    const program = serve("reviewBeside", function* (survey, { app }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const review = coroutine(function* review() {
        for (;;) {
          const [task] = tasksForReview(survey);
          if (task === undefined) {
            yield* sleep(500);
            continue;
          }
          const body = { task, decision: "approved" };
          assert.equal((yield* app.request({ method: "POST", path: "/review", body })).status, 303);
          return;
        }
      });
      const form = formOf({ Q4 }, "token-1");
      yield [app.request(form), review()];
      respondentOf(yield* app.request(form));
      checkEnd(survey, { finished: 1 });
    });
    verify(program, { turns: 2, schedules: 600 });
  });

  it("and the sweep: a photo is submitted or swept, and never half of both: every schedule with two turns", () => {
    const program = serve("sweepBeside", function* (survey, { app, service }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      survey.accepted.length = 0;
      yield* sleep(1000);
      const [response, swept]: [MemoryResponse, number] = yield [
        app.request(formOf({ Q4 })),
        service.uploads.sweep(500),
      ];
      assert.equal(response.status, swept === 0 ? 201 : 422, response.text());
      checkEnd(survey, { finished: swept === 0 ? 1 : 0 });
    });
    verify(program, { turns: 2, schedules: 250 });
  });

  it("that takes longer than a lease is not begun again: every schedule with one turn", () => {
    const program = serve("slowStore", function* (survey) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const form = formOf({ Q4 }, "token-1");
      // Some twenty operations, one behind the other.
      const { app } = survey.start({ latency: { minMs: 4000, maxMs: answerLimitMs } });
      const send = coroutine(function* send() {
        for (;;) {
          const response = yield* app.request(form);
          if (response.status !== 409) return response;
        }
      });
      const sendAgain = coroutine(function* sendAgain() {
        yield* sleep(31_000);
        return yield* send();
      });
      const responses: MemoryResponse[] = yield [send(), sendAgain()];
      assert.deepEqual(statusesOf(responses), [200, 201]);
      checkEnd(survey, { finished: 1 });
    });
    verify(program, { turns: 1, schedules: 400 });
  });
});

describe("two reviewers at the same time", () => {
  it("who decide otherwise come to one decision, and one of them is told: every schedule", () => {
    const program = serve("twoReviewers", function* (survey, { app }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      respondentOf(yield* app.request(formOf({ Q4 })));
      const [task] = tasksForReview(survey);
      const decide = (decision: string): MemoryRequest => ({
        method: "POST",
        path: "/review",
        body: { task: task as string, decision },
      });
      const responses: MemoryResponse[] = yield [
        app.request(decide("approved")),
        app.request(decide("rejected")),
      ];
      assert.deepEqual(statusesOf(responses), [303, 409]);
      checkEnd(survey, { finished: 1 });
    });
    verify(program, { turns: "all" });
  });
});
