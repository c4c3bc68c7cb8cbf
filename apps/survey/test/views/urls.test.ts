import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stormSurvey } from "../../src/model/index.ts";
import { fileUrl, resultsUrl, surveyUrl } from "../../src/views/index.ts";

describe("fileUrl()", () => {
  it("encodes what means something in an address, and keeps folders", () => {
    assert.equal(fileUrl("tmp/a b?c#d%.png"), "/files/tmp/a%20b%3Fc%23d%25.png");
    assert.equal(fileUrl("7-Q3-屋顶-123456.png"), "/files/7-Q3-%E5%B1%8B%E9%A1%B6-123456.png");
  });
});

describe("surveyUrl() and resultsUrl()", () => {
  it("stand under the survey's short id", () => {
    assert.deepEqual([surveyUrl(stormSurvey), resultsUrl(stormSurvey)], ["/s/storm25", "/s/storm25/results"]);
  });
});
