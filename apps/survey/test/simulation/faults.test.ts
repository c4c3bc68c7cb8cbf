/**
 * An operation of a store fails, any one of those that a submission needs, before its effect or behind it, and the
 * form is sent again until it is answered.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "gyre";
import type { FaultRule, Program, Sim } from "gyre/sim";
import { StoreError } from "../../src/stores/index.ts";
import { checkEnd, keepRules } from "./rules.ts";
import { verify } from "./verify.ts";
import { formOf, respondentOf, SimulatedSurvey } from "./world.ts";

const broken: FaultRule = {
  on: /^(keyValue|queue|objects)\./,
  error: () => new StoreError("STORE_FAILED", "Cannot reach the store: it is broken"),
};
/** Longer than a lease. */
const againMs = 35_000;
const mostAttempts = 5;

/** One form, sent until it is taken. */
function resending(files: readonly (readonly [cid: string, filename: string])[], token?: string): Program {
  return coroutine(function* submitUntilTaken(sim: Sim) {
    const survey = new SimulatedSurvey(sim);
    const sent = yield* survey.uploadAll(files);
    keepRules(survey);
    const { app } = survey.start();
    for (let attempt = 1; ; attempt++) {
      const response = yield* app.request(formOf(sent, token));
      if (token === undefined && attempt > 1 && response.status === 422) return; // its files are another answer's
      if (response.status < 500) {
        assert.equal(respondentOf(response).files.length, files.length);
        break;
      }
      assert.ok(attempt < mostAttempts, `${mostAttempts} times: ${response.text()}`);
      yield* sleep(againMs);
    }
    if (token !== undefined) checkEnd(survey, { finished: 1, hasFaults: true });
  });
}

describe("a store that fails", () => {
  it("once, at any operation, leaves a whole answer of one photo: every schedule", () => {
    verify(resending([["Q4", "roof.png"]], "token-1"), { turns: "all", faults: [broken] });
  });

  it("once, gives no file to two answers, also of a form without a token: every schedule", () => {
    verify(resending([["Q4", "roof.png"]]), { turns: "all", faults: [broken] });
  });
});
