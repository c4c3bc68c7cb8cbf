import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

const css = readFileSync(new URL("../../../../src/console/page/static/page.css", import.meta.url), "utf8");
/** The light ones first. */
const [light = {}, dark = {}] = [...css.matchAll(/:root \{([^}]*--paper[^}]*)\}/g)].map(([, rules = ""]) =>
  Object.fromEntries(
    [...rules.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  ),
);
/** Below it small text is hard to read for many: WCAG 2, level AA. */
const LEAST = 4.5;

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

describe("the page's colours", () => {
  for (const [scheme, colours] of [
    ["light", light],
    ["dark", dark],
  ] as const) {
    for (const [text, grounds] of Object.entries({
      ink: ["paper", "surface", "sunken", "accent-tint", "bad-tint", "warn-tint"],
      soft: ["paper", "surface", "sunken"],
      faint: ["paper", "surface", "sunken"],
      accent: ["paper", "surface", "accent-tint", "bad-tint", "warn-tint"],
      running: ["surface"],
      ready: ["paper", "surface"],
      bad: ["paper", "surface", "bad-tint"],
      "on-accent": ["accent"],
    })) {
      it(`let ${text} be read on ${grounds.join(", ")}, ${scheme}`, () => {
        for (const ground of grounds) {
          const [one, other] = [colours[text], colours[ground]];
          assert.ok(one !== undefined && other !== undefined, `${text} or ${ground} is not there`);
          const found = contrast(one, other);
          assert.ok(found >= LEAST, `${text} on ${ground}: ${found.toFixed(2)}`);
        }
      });
    }
  }
});
