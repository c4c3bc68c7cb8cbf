import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { coroutine } from "../../../src/gen/index.ts";
import { explore } from "../../../src/sim/index.ts";
import { formatFailure } from "../../../src/sim/report/print.ts";
import { failureOf, nothing, program } from "../programs.ts";

const someLines = fc
  .array(fc.string({ maxLength: 400, size: "max" }), { maxLength: 30, size: "max" })
  .map((lines) => lines.join("\n"));
const deviations = fc.array(
  fc.record({ at: fc.nat(), chosen: someLines, instead: someLines, isOrder: fc.boolean() }),
  { maxLength: 40, size: "max" },
);

describe("a failure in words", () => {
  it("has at most 15 lines, whatever it is, with the token and the command whole", () => {
    const token = `g1.${"x".repeat(500)}`;
    const command = `GYRE_SIM_REPLAY=${token} node test.ts`;
    fc.assert(
      fc.property(
        someLines,
        someLines,
        fc.boolean(),
        fc.array(fc.string(), { maxLength: 2 }),
        deviations,
        fc.option(fc.constant("drawing.txt"), { nil: undefined }),
        (message, name, realizable, hints, turns, drawing) => {
          const failure = { kind: "error", error: new Error(message), token, realizable, hints } as const;
          const counts = { choices: [], schedule: 7, shrinkRuns: 3 };
          const text = formatFailure({ ...failure, ...counts, deviations: turns }, name, command, drawing);
          const lines = text.split("\n");
          assert.ok(lines.length <= 15, `${lines.length} lines`);
          assert.ok(lines.includes(`  token   ${token}`));
          assert.ok(lines.includes(`  replay  ${command}`));
          for (const line of lines) assert.ok(line.length <= 160 || line.includes(token), line);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("tells the line of the program that threw, and not that of the test which runs it", () => {
    const thrown = program("thrown", function* (sim) {
      yield* sim.io("step", nothing);
      throw new Error("here");
    });
    assert.match(failureOf(explore(thrown)).text, /\n {2}Error: here\n {4}at .*print\.test\.ts:\d+:\d+\n/);
    const lasting = program("lasting", function* (sim) {
      for (;;) yield* sim.io("step", nothing);
    });
    assert.doesNotMatch(failureOf(explore(lasting, { maxSteps: 10 })).text, /\n {4}at /);
  });

  it("says of a replay that it is one", () => {
    const thrown = program("thrown", function* () {
      throw new Error("again");
    });
    const { token } = failureOf(explore(thrown));
    assert.match(failureOf(explore(thrown, { replay: token })).text, /^thrown failed: error, replayed\n/);
  });

  it("wraps a long message, as what to do stands at its end", () => {
    const { text } = failureOf(
      explore(
        program("long", function* () {
          throw new Error(`${"a word and another ".repeat(12)}(do this)`);
        }),
      ),
    );
    assert.match(text, /\n {2}Error: a word .*\n {4}.*\(do this\)\n/);
  });

  it("leaves the frames of gyre and of Node out of an error's stack", () => {
    const { text } = failureOf(
      explore(
        program("lost", function* (sim) {
          sim.io("fails", () => {
            throw new Error("nobody hears");
          });
          yield* sim.io("step", nothing);
          yield* sim.io("step", nothing);
        }),
        { strategy: "exhaustive" },
      ),
    );
    assert.match(text, /nobody hears\n.*print\.test\.ts/);
    assert.doesNotMatch(text, /src.sim|node:/);
  });

  it("tells in one line of a name and a label with line breaks", () => {
    const two = program("one\r\n  two", function* (sim) {
      let first = "";
      const take = (label: string) => (): void => {
        first ||= label;
      };
      yield [sim.io("a\nb", take("a")), sim.io("c", take("c"))];
      if (first === "c") throw new Error("late");
    });
    const { text } = failureOf(explore(two));
    assert.match(text, /^one two failed: error/);
    assert.match(text, /before "a b" of one/);
  });

  it("shows codes for the terminal in names, labels, hints and messages", () => {
    const sneaky = program("\u001b[2Jsneaky\u0007", function* (sim) {
      let first = "";
      const take = (label: string) => (): void => {
        first ||= label;
      };
      const shared = sim.shared("count\u001b[8m", { value: 0 });
      const add = coroutine(function* add(label: string) {
        const { value } = shared;
        yield* sim.io(label, take(label));
        shared.value = value + 1;
      });
      yield [add("a\u001b]0;title\u0007"), add("b\u202e\u2028\u009b")];
      if (first[0] === "b") throw new Error("late\u001b[2J\u0008\n\tb is \u001b[31mred\u001b[39m");
    });
    const { text } = failureOf(explore(sneaky));
    assert.match(text, /^\\x1b\[2Jsneaky\\x07 failed: error/);
    assert.match(text, /\n {2}Error: late\\x08\n {4}b is red\n/);
    assert.match(text, /\n {2}count\\x1b\[8m\.value: read by /);
    assert.match(text, /"b\\u202e\\u2028\\x9b" of add/);
    assert.match(text, /before "a\\x1b\]0;title\\x07" of add/);
    assert.doesNotMatch(text.replaceAll("\n", ""), /\p{C}|\p{Zl}/u);
  });

  for (const [what, error] of [
    ["cannot be read", Object.defineProperty(new Error("x"), "message", { get: () => assert.fail("read") })],
    ["is no text", Object.assign(new Error("x"), { message: { code: 5 } })],
    ["cannot be changed", Object.freeze(new Error("see #99999999"))],
    ["is empty", new Error("")],
  ] as const) {
    it(`tells of an error whose message ${what}`, () => {
      const failure = failureOf(
        explore(
          program("odd", function* () {
            throw error;
          }),
        ),
      );
      assert.equal(failure.error, error);
      assert.match(failure.text, /^odd failed: error, in schedule 1/);
    });
  }
});
