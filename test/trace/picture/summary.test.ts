/** What a request is said to have waited on, when it waited for several at once. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { draw } from "../../../src/trace/picture/index.ts";
import { recordingOf } from "./script.ts";

/** The shares at the end of the drawing of `script`. */
function sharesOf(script: string): string | undefined {
  return /\d+ % waiting on .*/.exec(draw(recordingOf(script)))?.[0];
}

/** A short `quick #2` and a long `slow #3`, for which `page #1` waits in these words. */
function pageOver(waitsOn: string, endsAfter: "quick" | "slow"): string {
  const isQuick = endsAfter === "quick";
  return `
    0   start page #1
    0   start quick #2 of #1
    0   #2 note > http GET /a
    0   #2 wait a promise
    0   start slow #3 of #1
    0   #3 note > sql SELECT
    0   #3 wait a promise
    0   #1 wait ${waitsOn}
    40  #2 wake
    40  #2 step
    40  #2 end result
    ${isQuick ? "40  #1 wake by #2" : ""}
    ${isQuick ? "40  #1 step" : ""}
    ${isQuick ? "40  #1 end result" : ""}
    100 #3 wake
    100 #3 step
    100 #3 end result
    ${isQuick ? "" : "100 #1 wake by #3"}
    ${isQuick ? "" : "100 #1 step"}
    ${isQuick ? "" : "100 #1 end result"}`;
}

describe("what a request waited on", () => {
  it("is, for all of a list, the one that ends last, whichever stands first", () => {
    assert.equal(sharesOf(pageOver("quick #2, slow #3", "slow")), "100 % waiting on sql");
    assert.equal(sharesOf(pageOver("all of slow #3, quick #2", "slow")), "100 % waiting on sql");
  });

  it("is, for a race, the one that ends first", () => {
    assert.equal(sharesOf(pageOver("race of slow #3, quick #2", "quick")), "100 % waiting on http");
    assert.equal(sharesOf(pageOver("any of quick #2, slow #3", "quick")), "100 % waiting on http");
  });

  it("is the last child of many, where the wait names but some", () => {
    assert.equal(sharesOf(pageOver("all of quick #2 and 1 more", "slow")), "100 % waiting on sql");
  });
});
