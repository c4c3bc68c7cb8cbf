import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { programsOf } from "../../src/sim/load-programs.ts";

const names = (exported: object): string[] =>
  programsOf(exported as { readonly [name: string]: unknown }).map(({ name }) => name);

function one(): void {}
function two(): void {}

describe("programsOf()", () => {
  it("takes every function that is exported, and no class or value", () => {
    assert.deepEqual(names({ one, limit: 3, two, Store: class Store {}, nothing: null }), ["one", "two"]);
  });

  it("takes the default export only, where there is one", () => {
    assert.deepEqual(names({ default: one, two }), ["default"]);
  });

  it("takes the programs of an object", () => {
    assert.deepEqual(names({ default: { one, second: { program: two }, limit: 3 } }), ["one", "second"]);
  });

  it("gives each the options of the module, with its own before them", () => {
    const [first, second] = programsOf({
      options: { seed: 1, maxSteps: 5 },
      one,
      second: { program: two, options: { seed: 2 } },
    });
    assert.deepEqual(first?.options, { name: "one", seed: 1, maxSteps: 5 });
    assert.deepEqual(second?.options, { name: "two", seed: 2, maxSteps: 5 });
  });

  it("calls a program without a name as its export is called", () => {
    const [found] = programsOf({ keeps: Object.defineProperty(() => {}, "name", { value: "" }) });
    assert.equal(found?.options.name, "keeps");
  });

  it("calls programs that one function has made, and that are called alike, as their exports are called", () => {
    const make = () => Object.defineProperty(() => {}, "name", { value: "made" });
    const found = programsOf({ first: make(), second: make(), one });
    assert.deepEqual(
      found.map(({ options }) => options.name),
      ["first", "second", "one"],
    );
  });
});
