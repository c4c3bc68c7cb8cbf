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
import type { MemoryResponse } from "gyre/web";
import { checkNext } from "../../src/review/review-worker.ts";
import { uploadRequest } from "../handlers/world.ts";
import { checkEnd, keepRules, tasksForReview } from "./rules.ts";
import { verify } from "./verify.ts";
import { formOf, type Process, respondentOf, SimulatedSurvey } from "./world.ts";

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
  it("with a photo each become two respondents: one turn", () => {
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
    console.log(verify(program, { turns: 1, schedules: 1000 }).text);
  });

  it("of one form become one respondent: two turns", () => {
    const program = serve("oneFormTwice", function* (survey, { app }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const form = formOf({ Q4 }, "token-1");
      const responses: MemoryResponse[] = yield [app.request(form), app.request(form)];
      assert.deepEqual(statusesOf(responses), [200, 201]);
      const [one, other] = responses.map(respondentOf);
      assert.deepEqual(one, other);
      checkEnd(survey, { finished: 1 });
    });
    console.log(verify(program, { turns: 2, schedules: 2000 }).text);
  });

  it("with one and the same photo become one respondent, and one that is refused: one turn", () => {
    const program = serve("onePhotoTwice", function* (survey, { app }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const responses: MemoryResponse[] = yield [app.request(formOf({ Q4 })), app.request(formOf({ Q4 }))];
      assert.deepEqual(statusesOf(responses), [201, 422]);
      checkEnd(survey, { finished: 1 });
    });
    console.log(verify(program, { turns: 2, schedules: 4000 }).text);
  });
});

describe("a submission", () => {
  it("with two photos keeps both answers: two turns", () => {
    const program = serve("twoPhotos", function* (survey, { app }) {
      const Q4 = [yield* survey.upload("Q4", "roof.png"), yield* survey.upload("Q4", "tree.png")];
      const { files } = respondentOf(yield* app.request(formOf({ Q4 })));
      assert.equal(files.length, 2);
      checkEnd(survey, { finished: 1 });
    });
    console.log(verify(program, { turns: 2, schedules: 4000 }).text);
  });

  it("and an upload leave each other alone: one turn", () => {
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
    console.log(verify(program, { turns: 1, schedules: 1000 }).text);
  });

  it("and the worker: each photo is checked once: two turns", () => {
    const program = serve("workerBeside", function* (survey, { app, tools }) {
      const Q4 = yield* survey.upload("Q4", "roof.png");
      const work = coroutine(function* work() {
        while (!(yield* checkNext(tools))) yield* sleep(500);
      });
      yield [app.request(formOf({ Q4 })), work()];
      checkEnd(survey, { finished: 1 });
    });
    console.log(verify(program, { turns: 1, schedules: 1000 }).text);
  });

  it("and a reviewer: what was decided is not queued again: two turns", () => {
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
    console.log(verify(program, { turns: 1, schedules: 1000 }).text);
  });

  it("and the sweep: a photo is submitted or swept, and never half of both: two turns", () => {
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
    console.log(verify(program, { turns: 1, schedules: 1000 }).text);
  });
});
