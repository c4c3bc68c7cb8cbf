/**
 * The process dies at any step of a submission, is started anew, and the form is sent once more.
 *
 * A crash is a decision at each step: before an operation ends, behind it, or before a timer. What the store was
 * asked for and has not answered may happen or not.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "gyre";
import { explore, type Program, type Sim, type SimNode } from "gyre/sim";
import type { MemoryRequest, MemoryResponse } from "gyre/web";
import { resumeSubmissions } from "../../src/service/submit-form.ts";
import { checkEnd, keepRules, respondentsIn } from "./rules.ts";
import { verify } from "./verify.ts";
import { formOf, respondentOf, SimulatedSurvey } from "./world.ts";

/** Longer than a lease: the sender does not give up. */
const restartMs = 35_000;

interface CrashOptions {
  readonly files: readonly (readonly [cid: string, filename: string])[];
  readonly times?: number;
  readonly syncsApart?: boolean;
  /** What goes on with the form when the process is back. Default "sender": it is sent again. */
  readonly again?: "sender" | "service" | "both";
}

/** One form, sent until it is answered; what was cut off is finished by the service. */
function crashing({ files, times = 1, syncsApart = false, again = "sender" }: CrashOptions): Program {
  return coroutine(function* submitAndCrash(sim: Sim) {
    const survey = new SimulatedSurvey(sim);
    const sent = yield* survey.uploadAll(files);
    keepRules(survey);
    const form: MemoryRequest = formOf(sent, "token-1");
    const responses: MemoryResponse[] = [];
    const serve = coroutine(function* serve({ lives }: SimNode) {
      const { unsynced } = survey.disk;
      if (lives > 1) survey.disk.crash(unsynced - sim.choose("unsynced writes that are kept", unsynced + 1));
      const { app, service } = survey.start({ syncsApart });
      const send = coroutine(function* send() {
        if (responses.length === 0) responses.push(yield* app.request(form));
      });
      if (lives === 1) yield* send();
      else if (again === "both") yield [send(), resumeSubmissions(service)];
      else if (again === "sender") yield* send();
      yield* resumeSubmissions(service);
      // What a cut has left goes when it is old enough.
      yield* sleep(restartMs);
      if (respondentsIn(survey).length === 0) survey.accepted.length = 0; // what nobody has submitted goes, too
      yield* service.uploads.sweep(restartMs / 2);
    });
    const crashes = { times, kind: "process", restart: restartMs } as const;
    yield* sim.node("service", serve, { crashes }).waitEnd();
    const taken = respondentsIn(survey).length;
    if (again !== "service") {
      assert.equal(responses.length, 1);
      assert.equal(respondentOf(responses[0] as MemoryResponse).files.length, files.length);
      assert.equal(taken, 1);
    }
    checkEnd(survey, { finished: taken });
  });
}

const photo: CrashOptions["files"] = [["Q4", "roof.png"]];

describe("a process that dies while it saves a form", () => {
  it("loses and doubles nothing of one photo: every schedule with one crash", () => {
    verify(crashing({ files: photo }), { turns: "all" });
  });

  it("loses and doubles nothing of one photo where it dies again: 150 schedules at random", () => {
    const report = explore(crashing({ files: photo, times: 2 }), { strategy: "random", schedules: 150 });
    if (report.failure !== undefined) assert.fail(report.text);
  });

  it("does so where writes are seen before they are durable: a crash at any step loses all that is not", () => {
    verify(crashing({ files: photo, syncsApart: true }), { turns: 1, schedules: 300 });
  });

  it("finishes the answer, if it has one, where nobody sends the form again: every schedule with one crash", () => {
    verify(crashing({ files: photo, again: "service" }), { turns: "all" });
  });

  it("loses and doubles nothing where form and service go on at the same time: a crash at any step", () => {
    verify(crashing({ files: photo, again: "both" }), { turns: 1, schedules: 400 });
  });

  it("loses and doubles nothing of a photo and a letter: a crash at any step", () => {
    const files = [...photo, ["Q6", "letter.pdf"]] as const;
    verify(crashing({ files }), { turns: 1, schedules: 500 });
  });

  it("loses and doubles nothing of three files: a crash at any step", () => {
    const files = [...photo, ["Q4", "tree.png"], ["Q5", "clip.mp4"]] as const;
    verify(crashing({ files }), { turns: 1, schedules: 1000 });
  });
});
