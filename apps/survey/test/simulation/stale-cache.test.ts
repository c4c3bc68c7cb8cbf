/** The seed's bug as a search finds it, and its two mends, which a search does not break. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine } from "gyre";
import { explore, type Program, replay, type Sim } from "gyre/sim";
import { areUploadsKept, isCacheCurrent } from "./rules.ts";
import { verify } from "./verify.ts";
import { formOf, respondentOf, SimulatedSurvey } from "./world.ts";

/** `files` are sent to `path`; behind the answer, what is cached has to be what is stored. */
function sendTo(path: string, files: Readonly<Record<string, string>>): Program {
  return coroutine(function* staleCache(sim: Sim) {
    const survey = new SimulatedSurvey(sim);
    const sent: Record<string, string> = {};
    for (const [cid, filename] of Object.entries(files)) sent[cid] = yield* survey.upload(cid, filename);
    const { app } = survey.start();
    respondentOf(yield* app.request(formOf(sent, undefined, path)));
    yield* sim.io("look at the cache", () => isCacheCurrent(survey), { latency: 120_000 });
    areUploadsKept(survey);
  });
}

const photo = { Q4: "roof.png" };
const three = { Q4: "roof.png", Q5: "clip.mp4", Q6: "letter.pdf" };

describe("the handler that does not wait for its renames", () => {
  const program = sendTo("/legacy/s/storm25", photo);
  const { failure } = explore(program);

  it("is found to cache the old name, in the first run", () => {
    assert.ok(failure);
    assert.equal(failure.schedule, 1);
    assert.equal(failure.realizable, true);
    assert.match(
      failure.error.message,
      /^the cache has uploads\/storm-damage-2025\/Q4\/\d+\|roof\.png, and what is stored is 1-Q4-roof-\d{6}\.png\|roof\.png$/,
    );
  });

  it("is told of in 15 lines at most", () => {
    assert.ok(failure);
    assert.ok(failure.text.split("\n").length <= 15, failure.text);
    assert.match(failure.text, /the cache has uploads/);
    assert.ok(failure.text.includes(failure.token));
    assert.ok(failure.token.length <= 40, failure.token);
  });

  it("is drawn: the cache is written, and only then is the file renamed", () => {
    assert.ok(failure);
    const lines = failure.drawing.split("\n");
    const lineOf = (text: string): number => {
      const found = lines.findIndex((line) => line.includes(text));
      assert.ok(found >= 0, `${text} is missing in\n${failure.drawing}`);
      return found;
    };
    assert.ok(lineOf("cache write, old names") < lineOf(" renamed"), failure.drawing);
    assert.ok(lineOf("done, its owner has ended") > lineOf("set answer"), failure.drawing);
  });

  it("fails again by the token", () => {
    assert.ok(failure);
    assert.equal(replay(program, failure.token).error?.message, failure.error.message);
  });
});

for (const [handler, path] of [
  ["the mended handler", "/s/storm25"],
  ["the handler with callbacks", "/legacy/callback/s/storm25"],
] as const) {
  describe(handler, () => {
    it("caches what it stores, of one photo: every schedule", () => {
      verify(sendTo(path, photo), { turns: "all" });
    });

    it("caches what it stores, of two files: every schedule with two turns at most", () => {
      verify(sendTo(path, { Q4: "roof.png", Q6: "letter.pdf" }), { turns: 2, schedules: 1000 });
    });

    it("caches what it stores, of three files: every schedule with one turn at most", () => {
      verify(sendTo(path, three), { turns: 1, schedules: 200 });
    });
  });
}
