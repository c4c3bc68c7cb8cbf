import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { checkFaultRule, Faults } from "../../src/sim/faults.ts";
import { check, explore, type FaultRule, type IoOptions } from "../../src/sim/index.ts";
import { failureOf, nothing, program } from "./programs.ts";

const error = (): Error => new Error("refused");

/** All ends of a run with two writes, as "ok" or "failed" and whether it was written. */
function endsOf(faults: readonly FaultRule[], own: IoOptions = {}): string[] {
  const ends = new Set<string>();
  const writes = program("writes", function* (sim) {
    const end: string[] = [];
    for (const label of ["write a", "write b"]) {
      let isWritten = false;
      try {
        yield* sim.io(
          label,
          () => {
            isWritten = true;
          },
          own,
        );
        end.push(`ok ${isWritten}`);
      } catch (caught) {
        assert.equal((caught as Error).message, "refused");
        end.push(`failed ${isWritten}`);
      }
    }
    ends.add(end.join(", "));
  });
  const report = explore(writes, { strategy: "exhaustive", faults });
  assert.equal(report.failure, undefined, report.text);
  assert.ok(report.exhausted);
  return [...ends].sort();
}

const BOTH = "ok true, ok true";

describe("a fault rule", () => {
  it("makes the operations fail that it names, once in a run, with the effect and without", () => {
    assert.deepEqual(
      endsOf([{ on: "write b", error }]),
      [BOTH, "ok true, failed false", "ok true, failed true"].sort(),
    );
  });

  it("fits by a beginning, a pattern or a function", () => {
    const one = [BOTH, "failed false, ok true", "ok true, failed false"].sort();
    for (const on of ["write*", /^write/, /write/g, (label: string) => label.startsWith("write")])
      assert.deepEqual(endsOf([{ on, error, effect: "does not" }]), one);
  });

  it("fits nothing but what it names", () => {
    for (const on of ["write", "", "b", /^b/]) assert.deepEqual(endsOf([{ on, error }]), [BOTH]);
  });

  it("makes no more faults in a run than it may", () => {
    const ends = endsOf([{ on: "*", error, times: 2, effect: "does not" }]);
    assert.deepEqual(
      ends,
      [BOTH, "failed false, failed false", "failed false, ok true", "ok true, failed false"].sort(),
    );
    assert.deepEqual(endsOf([{ on: "*", error, times: 0 }]), [BOTH]);
  });

  it("lets the effect happen all the same, where only the answer is lost", () => {
    assert.deepEqual(
      endsOf([{ on: "write a", error, effect: "happens" }]),
      [BOTH, "failed true, ok true"].sort(),
    );
  });

  it("is the only one for an operation, though others fit as well", () => {
    const other = (): Error => new Error("another");
    assert.deepEqual(
      endsOf([
        { on: "write a", error, times: 0 },
        { on: "*", error: other, times: 0 },
      ]),
      [BOTH],
    );
    const rules = new Faults([
      { on: "write a", error, times: 1 },
      { on: "*", error },
    ]);
    const first = rules.ruleFor("write a");
    assert.ok(first !== undefined);
    rules.count(first);
    assert.equal(rules.ruleFor("write a"), undefined);
    assert.notEqual(rules.ruleFor("write b"), undefined);
  });

  it("counts anew in each run", () => {
    const fails = program("fails", function* (sim) {
      yield* sim.io("write", nothing);
    });
    const report = explore(fails, { faults: [{ on: "write", error, probability: 1 }], strategy: "random" });
    assert.equal(failureOf(report).error.message, "refused");
  });

  it("is named by a search that passes when it fits nothing", () => {
    const writes = program("writes", function* (sim) {
      yield* sim.io("write", nothing);
    });
    const faults = [
      { on: "wirte", error },
      { on: "write", error, probability: 0 },
      { on: /^read/, error },
    ];
    const { unusedFaults, text } = explore(writes, { faults });
    assert.deepEqual(unusedFaults, ['"wirte"', "/^read/"]);
    assert.match(text, /; no operation fits the fault on "wirte", nor on \/\^read\/$/);
    assert.deepEqual(explore(writes, { faults: faults.slice(1, 2) }).unusedFaults, []);
    // They are on it, though another rule, or its own, is what it may fail by.
    const both = [
      { on: "*", error },
      { on: "write", error },
    ];
    assert.deepEqual(explore(writes, { faults: both, strategy: "plain" }).unusedFaults, []);
  });

  it("is warned of by a check that passes when it fits nothing", async () => {
    const writes = program("writes", function* (sim) {
      yield* sim.io("write", nothing);
    });
    const warned = once(process, "warning");
    check(writes, { faults: [{ on: "wirte", error }] });
    const [warning] = (await warned) as [Error];
    assert.equal(warning.message, 'writes has no operation that fits the fault on "wirte"');
  });

  it("is told as a decision that went wrong", () => {
    const fails = program("fails", function* (sim) {
      yield* sim.io("write", nothing);
    });
    const { deviations, text } = failureOf(explore(fails, { faults: [{ on: "write", error }] }));
    assert.equal(deviations.length, 1);
    assert.match(text, /"write" fails\n +where "write" succeeds in plain order/);
  });
});

describe("an operation of its own that may fail", () => {
  it("fails or not, and has no effect when it does", () => {
    assert.deepEqual(
      endsOf([], { fail: error }),
      [BOTH, "failed false, failed false", "failed false, ok true", "ok true, failed false"].sort(),
    );
  });

  it("does not fail in the plain run", () => {
    const plain = program("plain", function* (sim) {
      yield* sim.io("write", nothing, { fail: error });
    });
    assert.equal(explore(plain, { strategy: "plain" }).failure, undefined);
  });

  it("is refused where what makes its error is no function", () => {
    const bad = program("bad", function* (sim) {
      yield* sim.io("write", nothing, { fail: new Error("x") as never });
    });
    assert.match(
      failureOf(explore(bad)).error.message,
      /Cannot let "write" fail: came .*, a function is wanted/,
    );
  });
});

describe("a fault rule that cannot be", () => {
  for (const [what, rule, message] of [
    ["is nothing", undefined, /Cannot make a fault of undefined: \{ on, error \}/],
    ["has no label", { error }, /with a label, pattern or function and a function is wanted/],
    ["has a misspelled name", { on: "a", err: error }, /\(with on, err\): \{ on, error \} with a label/],
    ["makes no error", { on: "a" }, /with a label, pattern or function and a function is wanted/],
    [
      "may happen less than never",
      { on: "a", error, times: -1 },
      /fault on "a": times is -1, 0 or more is wanted/,
    ],
    [
      "is more than certain",
      { on: "a", error, probability: 2 },
      /probability is 2, a number from 0 to 1 is wanted/,
    ],
    [
      "has an effect that there is not",
      { on: /a/, error, effect: "half" },
      /one of happens, does not, either is wanted/,
    ],
  ] as const) {
    it(`is refused where it ${what}`, () => {
      assert.throws(() => checkFaultRule(rule as never), message);
      assert.throws(() => explore(nothing, { faults: [rule as never] }), message);
    });
  }
});
