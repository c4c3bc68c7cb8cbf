/** Drawings as SVG, read by a browser. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { Page } from "playwright-core";
import { draw } from "../../../src/trace/picture/index.ts";
import { Chromium } from "../../chromium.ts";
import { anyRecording } from "./arbitrary.ts";
import { recordingOf } from "./script.ts";

/** Where to leave pictures of what was seen; none without it. */
const pictures = process.env.TRACE_PICTURES;

const recording = recordingOf(`
  0.0    start handle #1
  0.0    start fetchUser #2 of #1
  0.2    #2 note > http GET /u/7
  0.2    #2 wait a promise @app.ts:13
  0.2    #1 wait #2 @app.ts:19
  1041.0 #2 wake
  1041.0 #2 step
  1041.2 #2 end error
  1041.2 #1 wake by #2
  1041.3 #1 step
  1041.9 #1 end result`);

let chromium: Chromium;

before(async () => {
  chromium = await Chromium.start();
});

after(() => chromium?.close());

async function withPage<T>(scheme: "light" | "dark", use: (page: Page) => Promise<T>): Promise<T> {
  const page = await chromium.browser.newPage({
    colorScheme: scheme,
    viewport: { width: 1_200, height: 800 },
  });
  try {
    return await use(page);
  } finally {
    await page.close();
  }
}

/** The picture in a page of its own. */
async function show(page: Page, svg: string, name?: string): Promise<void> {
  await page.setContent(`<body style="margin: 0">${svg}</body>`);
  if (pictures !== undefined && name !== undefined) {
    await writeFile(join(pictures, `${name}.png`), await page.locator("svg").screenshot());
  }
}

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The boxes of all texts; runs in the page. */
const BOXES = `[...document.querySelectorAll("svg text")].map(node => {
  const { left, right, top, bottom } = node.getBoundingClientRect();
  return { text: node.textContent, left, right, top, bottom };
})`;

/** Lines may come as near as the tails of letters. */
function isOver(one: Box, other: Box): boolean {
  const isBeside = one.right <= other.left || other.right <= one.left;
  const isBelow = one.bottom - 4 <= other.top || other.bottom - 4 <= one.top;
  return !isBeside && !isBelow;
}

/** What is wrong with the text of an SVG; runs in the page. */
const CHECK = `text => {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  if (parsed.querySelector("parsererror") !== null) return ["not well-formed: " + text];
  const elements = ["svg", "title", "desc", "style", "rect", "path", "circle", "text"];
  return [...parsed.querySelectorAll("*")].flatMap(node => {
    const wrong = node.getAttributeNames().filter(name => /^on|href|^id$|^style$/i.test(name));
    return elements.includes(node.nodeName) ? wrong : [node.nodeName];
  });
}`;

describe('draw() as "svg"', () => {
  it("draws lanes, messages, times, lines and where the time went", async () => {
    const texts = await withPage("light", async (page) => {
      await show(page, draw(recording, { format: "svg" }), "light");
      return await page.locator("svg text").allTextContents();
    });
    for (const wanted of [
      "handle #1",
      "fetchUser #2",
      "world",
      "call",
      "http GET /u/7",
      "error",
      "waits #2",
    ]) {
      assert.ok(texts.includes(wanted), `"${wanted}" is drawn`);
    }
    assert.ok(texts.includes("0.2 ms"));
    assert.ok(texts.includes("app.ts:13"));
    assert.ok(texts.includes("nothing for 1.0 s"));
    assert.ok(texts.includes("handle #1: busy 1.0 ms of 1041.9, 99 % waiting on http"));
  });

  it("says in words what it shows to who cannot see it", async () => {
    const found = await withPage("light", async (page) => {
      await show(page, draw(recording, { format: "svg" }));
      return {
        role: await page.locator("svg").getAttribute("role"),
        title: await page.locator("svg > title").textContent(),
        description: await page.locator("svg > desc").textContent(),
      };
    });
    assert.deepEqual(found, {
      role: "img",
      title: "What happened between handle #1, fetchUser #2, world",
      description: "handle #1: busy 1.0 ms of 1041.9, 99 % waiting on http",
    });
  });

  it("is dark for who prefers that, and light without a style sheet", async () => {
    const svg = draw(recording, { format: "svg" });
    const paper = (scheme: "light" | "dark", text: string) =>
      withPage(scheme, async (page) => {
        await show(page, text, scheme);
        return await page.evaluate("getComputedStyle(document.querySelector('svg > rect')).fill");
      });
    assert.equal(await paper("light", svg), "rgb(255, 255, 255)");
    assert.equal(await paper("dark", svg), "rgb(21, 24, 29)");
    assert.equal(await paper("dark", svg.replace(/<style>.*<\/style>/, "")), "rgb(255, 255, 255)");
  });

  it("has no text past its edges or over another", async () => {
    const overlaps = await withPage("light", async (page) => {
      await show(page, draw(recording, { format: "svg" }));
      const width = (await page.evaluate("document.querySelector('svg').clientWidth")) as number;
      const boxes = (await page.evaluate(BOXES)) as Box[];
      return boxes.flatMap((one, index) => {
        const isInside = one.left >= 0 && one.right <= width;
        const over = boxes.slice(index + 1).filter((other) => isOver(one, other));
        return [
          ...(isInside ? [] : [`${one.text} is past the edge`]),
          ...over.map((other) => `${one.text} is over ${other.text}`),
        ];
      });
    });
    assert.deepEqual(overlaps, []);
  });

  it("is well-formed and holds nothing but shapes and text, whatever the names are", async () => {
    const svgs: string[] = [];
    fc.assert(
      fc.property(anyRecording, (any) => {
        svgs.push(draw(any, { format: "svg" }));
      }),
      { numRuns: 150 },
    );
    const problems = await withPage("light", async (page) => {
      const found: string[] = [];
      for (const svg of svgs)
        found.push(...((await page.evaluate(`(${CHECK})(${JSON.stringify(svg)})`)) as string[]));
      return found;
    });
    assert.deepEqual(problems, []);
  });
});
