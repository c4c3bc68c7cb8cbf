import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorPage } from "../../src/views/index.ts";
import { find, findOne } from "./page-reader.ts";

describe("errorPage()", () => {
  for (const [status, title] of [
    [400, "That could not be read"],
    [404, "Nothing here"],
    [413, "That is too large"],
    [500, "That was our mistake"],
    [503, "One moment, please"],
    [507, "No room left"],
  ] as const) {
    it(`has words of its own for ${status}`, () => {
      const page = errorPage({ status });
      assert.equal(findOne(page, "h1").text, title);
      assert.ok(findOne(page, "title").text.startsWith(`${title} (${status})`));
    });
  }

  it("takes the words of 500 for another fault of the server", () => {
    assert.equal(findOne(errorPage({ status: 502 }), "h1").text, "That was our mistake");
  });

  it("has general words for another fault of the request", () => {
    assert.equal(findOne(errorPage({ status: 405 }), "h1").text, "That did not work");
  });

  it("shows the message when there is one", () => {
    assert.equal(
      findOne(errorPage({ status: 413, message: "61 MB came" }), "p", { class: "lede" }).text,
      "61 MB came",
    );
    assert.equal(find(errorPage({ status: 413 }), "p", { class: "lede" }).length, 0);
  });

  it("leads back to the surveys", () => {
    assert.equal(
      findOne(errorPage({ status: 404 }), "a", { class: "button primary" }).attributes.get("href"),
      "/",
    );
  });
});
