import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TokenError } from "../../src/sim/index.ts";
import { formatToken, isTokenOf, parseToken } from "../../src/sim/token.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function tokenOf(choices: readonly number[], program = "program"): string {
  return formatToken({ choices, program, hash: 0xabcdef, reordersReady: false });
}

/** That it fails with `code`, and says what is wanted. */
function assertRefused(text: string, code: string, program = "program"): void {
  assert.throws(
    () => parseToken(text, program),
    (error: unknown) => {
      assert.ok(error instanceof TokenError, String(error));
      assert.equal(error.code, code, text);
      assert.match(error.message, /^Cannot replay .* wanted/);
      return true;
    },
  );
}

/** Sequences as searches make them: long stretches of 0, few alternatives, now and then one of thousands. */
const sequences = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 28 - 1 }) },
    ),
    { maxLength: 200 },
  )
  .map((choices) => choices.slice(0, choices.findLastIndex((value) => value !== 0) + 1));

describe("a token", () => {
  it("gives back the decisions, the end of the hash and the rule of what is reordered", () => {
    fc.assert(
      fc.property(
        sequences,
        fc.string(),
        fc.integer({ min: 0, max: 0xffffff }),
        fc.boolean(),
        (choices, program, hash, reordersReady) => {
          const text = formatToken({ choices, program, hash, reordersReady });
          assert.match(text, /^g1\.[A-Za-z0-9_-]+$/);
          assert.deepEqual(parseToken(text, program), { choices, hash, reordersReady });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("needs few characters for a decision that comes late, or again and again", () => {
    const late = [...Array<number>(500).fill(0), 3];
    const often = Array.from({ length: 1000 }, (_, at) => at % 2);
    assert.ok(tokenOf(late).length <= 18, tokenOf(late));
    assert.ok(tokenOf(often).length <= 18, tokenOf(often));
  });

  it("is read with the white space that comes along when it is copied", () => {
    assert.deepEqual(parseToken(` ${tokenOf([1, 2])}\n`, "program").choices, [1, 2]);
  });

  it("knows the programs that it is of", () => {
    assert.ok(isTokenOf(tokenOf([1]), "program"));
    assert.ok(!isTokenOf(tokenOf([1]), "other"));
  });
});

describe("a token that cannot be read", () => {
  const whole = tokenOf([0, 0, 1, 0, 12_345, 0, 0, 0, 2, 2, 2]);

  it("says so when it is cut off, at whatever length", () => {
    for (let length = "g1.".length; length < whole.length; length++)
      assertRefused(whole.slice(0, length), "GYRE_SIM_TOKEN_CUT");
  });

  it("says so when a character of it is another", () => {
    for (let at = "g1.".length; at < whole.length; at++) {
      for (const other of ALPHABET) {
        if (other === whole[at]) continue;
        assertRefused(whole.slice(0, at) + other + whole.slice(at + 1), "GYRE_SIM_TOKEN_CUT");
      }
    }
  });

  it("says so when something was put behind it", () => {
    for (const more of ["A", "AA", "AAAA", whole.slice(3)]) assertRefused(whole + more, "GYRE_SIM_TOKEN_CUT");
  });

  it("says so when it is of a newer version", () => {
    for (const text of [`g2${whole.slice(2)}`, "g2.", "g10.abc", "g0.abc"])
      assertRefused(text, "GYRE_SIM_TOKEN_VERSION");
  });

  it("says so when it is of another program, and names the one that is wanted", () => {
    assertRefused(whole, "GYRE_SIM_TOKEN_PROGRAM", "other");
    assert.throws(
      () => parseToken(whole, "other"),
      /it was made of another program, one of "other" is wanted/,
    );
    assert.throws(() => parseToken(whole, ""), /one of a program without a name is wanted/);
  });

  it("says so when it is no token at all", () => {
    for (const text of [
      "",
      "g",
      "g1",
      "g1 .x",
      "hello",
      "1.abc",
      whole.slice(1),
      `${whole}!`,
      "g1.ä",
      "x".repeat(10_000),
    ])
      assertRefused(text, "GYRE_SIM_TOKEN_FORM");
    for (const none of [undefined, null, 5, {}]) assertRefused(none as never, "GYRE_SIM_TOKEN_FORM");
  });

  it("never takes text of any sort for decisions", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `g1.${text}`),
        ),
        (text) => {
          assert.throws(() => parseToken(text, "program"), TokenError);
        },
      ),
    );
  });
});
