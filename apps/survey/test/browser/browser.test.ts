/** The pages as a person uses them, in a real browser, against the service as a process. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { type Child, urlOf, withFolder } from "../process/child-service.ts";
import { getJson } from "../process/client.ts";
import { makeMp4, makePdf, makePng } from "../sample-files.ts";

const executablePath = "/usr/bin/chromium";
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Where to leave pictures of what was seen; none without it. */
const pictures = process.env.SURVEY_PICTURES;

const png = { name: "roof.png", mimeType: "image/png", buffer: makePng(240) };
const mp4 = { name: "clip.mp4", mimeType: "video/mp4", buffer: makeMp4() };
const pdf = { name: "letter.pdf", mimeType: "application/pdf", buffer: makePdf() };

let profile: string;
let home: string;
/** What pages complained about, which no page may. */
const complaints: string[] = [];

before(async () => {
  profile = await mkdtemp(join(tmpdir(), "gyre-browser-"));
  home = await mkdtemp(join(tmpdir(), "gyre-home-"));
});

after(async () => {
  for (const folder of [profile, home]) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Visit {
  readonly page: Page;
  readonly base: string;
  readonly service: Child;
  /** Keep a picture of the whole page, if pictures are wanted. */
  picture(name: string): Promise<void>;
}

/** A new service, and a page on it. */
async function visit(
  {
    serviceArgs = [],
    ...options
  }: {
    javaScriptEnabled?: boolean;
    viewport?: { width: number; height: number };
    serviceArgs?: readonly string[];
  },
  use: (visit: Visit) => Promise<void>,
): Promise<void> {
  await withFolder(async (_, start) => {
    const service = start("main", "--port", "0", "--max-file-mb", "1", ...serviceArgs);
    const base = await urlOf(service);
    let context: BrowserContext | undefined;
    try {
      context = await chromium.launchPersistentContext(profile, {
        executablePath,
        args,
        env: { ...process.env, HOME: home },
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      const picture = async (name: string): Promise<void> => {
        if (pictures !== undefined)
          await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
      };
      await use({ page, base, service, picture });
      assert.deepEqual(complaints.splice(0), []);
    } finally {
      await context?.close();
    }
  });
}

async function fillIn(page: Page): Promise<void> {
  await page.fill("#input-Q1", "12 Mill Lane");
  await page.check("[value=roof]");
  await page.check("[value=soon]");
}

/** Not Playwright's own waitForFunction: our pages' policy lets nobody evaluate text, not even a test. */
async function waitForCount(page: Page, selector: string, count: number): Promise<void> {
  while ((await page.locator(selector).count()) !== count) await page.waitForTimeout(20);
}

async function uploadThree(page: Page): Promise<void> {
  await page.setInputFiles("#input-Q4", [png]);
  await page.setInputFiles("#input-Q5", mp4);
  await page.setInputFiles("#input-Q6", [pdf]);
  await waitForCount(page, ".file[data-state=done]", 3);
}

for (const [device, viewport] of [
  ["desktop", { width: 1280, height: 900 }],
  ["phone", { width: 390, height: 844 }],
] as const) {
  describe(`a person with a ${device}`, () => {
    it("fills in the storm form, uploads three files, and sees their new names, the results and the review", async () => {
      await visit({ viewport }, async ({ page, base, picture }) => {
        await page.goto(`${base}/`);
        await picture(`${device}-1-index`);
        await page.click(".lede a");
        await fillIn(page);
        await uploadThree(page);
        await picture(`${device}-2-form`);
        await page.click("button[type=submit]");
        await page.waitForURL(/\/s\/storm25\/thanks\/[0-9a-f]{24}$/);
        const names = await page.locator(".renamed .file-new").allTextContents();
        assert.equal(names.length, 3);
        for (const [at, pattern] of [
          /^1-Q4-roof-\d{6}\.png$/,
          /^1-Q5-clip-\d{6}\.mp4$/,
          /^1-Q6-letter-\d{6}\.pdf$/,
        ].entries()) {
          assert.match(names[at] ?? "", pattern);
        }
        await picture(`${device}-3-thanks`);
        await page.click("text=See the results");
        assert.match((await page.textContent("table")) ?? "", /12 Mill Lane.*in review/);
        await picture(`${device}-4-results`);

        await page.goto(`${base}/review`);
        assert.match((await page.textContent("[data-count]")) ?? "", /2 files wait/);
        while ((await page.locator(".badge.good", { hasText: "as named: image/png" }).count()) === 0) {
          await page.waitForTimeout(50);
          await page.reload();
        }
        // The picture is shown: our own policies let it be.
        while ((await page.evaluate("document.querySelector('.stage img').naturalWidth")) !== 240) {
          await page.waitForTimeout(20);
        }
        await picture(`${device}-5-review`);
        await page.click(".review:has(img) button.good");
        await waitForCount(page, "[data-review]", 1);
        const { decided, pendingCount } = await getJson<{
          decided: { decision: string; url: string }[];
          pendingCount: number;
        }>(`${base}/review`);
        assert.equal(pendingCount, 1);
        assert.deepEqual(
          decided.map(({ decision, url }) => [decision, url]),
          [["approved", `/files/${names[0]}`]],
        );
        await picture(`${device}-6-reviewed`);
      });
    });

    it("is shown what is wrong, and need not upload again", async () => {
      await visit({ viewport }, async ({ page, base, picture }) => {
        await page.goto(`${base}/s/storm25`);
        await uploadThree(page);
        await page.setInputFiles("#input-Q4", [{ ...png, name: "a|b.png" }]);
        await page.waitForSelector(".file[data-state=failed]");
        assert.match((await page.textContent(".file[data-state=failed]")) ?? "", /its name contains "\|"/);
        complaints.length = 0; // the browser complains of the refused upload itself
        await picture(`${device}-7-refused`);
        await page.click('[aria-label="Remove a|b.png"]');
        await page.click("button[type=submit]");
        assert.equal(await page.textContent("#problem-Q1"), "Write an answer");
        await fillIn(page);
        await page.click("button[type=submit]");
        await page.waitForURL(/thanks/);
      });
    });
  });
}

describe("a person without script", () => {
  it("sends the files inside of the form, is shown mistakes, and keeps what was sent", async () => {
    await visit({ javaScriptEnabled: false }, async ({ page, base, picture }) => {
      await page.goto(`${base}/s/storm25`);
      await fillIn(page);
      await page.setInputFiles("#input-Q4", [png]);
      await page.setInputFiles("#input-Q6", [{ ...pdf, buffer: Buffer.alloc(0) }]);
      await page.click("button[type=submit]");
      assert.match((await page.textContent("[data-summary]")) ?? "", /letter\.pdf": it is empty/);
      complaints.length = 0; // the browser complains of the status 422
      await picture("noscript-problems");
      assert.equal(await page.isChecked('[data-kept="roof.png"]'), true);
      await page.setInputFiles("#input-Q6", [pdf]);
      await page.click("button[type=submit]");
      await page.waitForURL(/thanks/);
      const names = await page.locator(".renamed .file-new").allTextContents();
      assert.deepEqual(
        names.map((name) => name.replace(/\d{6}/, "N")),
        ["1-Q4-roof-N.png", "1-Q6-letter-N.pdf"],
      );
      await page.goto(`${base}/review`);
      await page.click("button.bad");
      assert.match((await page.textContent("[data-decided]")) ?? "", /roof-\d{6}\.pngrejected/);
    });
  });
});

describe("a person who watches the service", () => {
  it("is led to the console once the printed address was opened, and finds a request there by its id", async () => {
    await visit({ serviceArgs: ["--console"] }, async ({ page, base, service, picture }) => {
      const [, address = ""] = await service.printed(/watch it run {8}(http:\S+)/);
      await page.goto(`${base}/`);
      await page.click("text=Watch this service live");
      assert.match((await page.textContent("body")) ?? "", /Open the whole address that the program printed/);
      await page.goto(address);
      await page.goto(`${base}/`);
      await picture("console-index");
      const [, id = ""] = await service.printed(/200 GET \/ \(127\.0\.0\.1\) \[([0-9a-f]{12})\]/);
      await page.click("text=Watch this service live");
      await page.click("nav >> text=Timeline");
      while ((await page.locator("#request option", { hasText: id }).count()) === 0) {
        await page.waitForTimeout(50);
      }
      await picture("console-timeline");
      // Of the page that was opened without the token, and of its icon, the browser complains in its own time.
      const others = complaints.filter((text) => !text.includes("status of 401"));
      complaints.splice(0, complaints.length, ...others);
    });
  });
});

describe("a form that is sent twice", () => {
  it("leads to the same page", async () => {
    await visit({}, async ({ page, base }) => {
      await page.goto(`${base}/s/storm25`);
      await fillIn(page);
      await page.setInputFiles("#input-Q4", [png]);
      await page.waitForSelector(".file[data-state=done]");
      // As by a double click: the second sending takes the place of the first.
      await page.evaluate("const form = document.querySelector('form.survey'); form.submit(); form.submit()");
      await page.waitForURL(/thanks/);
      const { respondents } = await getJson<{ respondents: { url: string }[] }>(`${base}/s/storm25/results`);
      assert.deepEqual(
        respondents.map(({ url }) => `${base}${url}`),
        [page.url()],
      );
    });
  });
});

describe("a stored file", () => {
  it("is shown by the browser when it is a picture or a PDF", async () => {
    await visit({}, async ({ page, base }) => {
      await page.goto(`${base}/s/storm25`);
      await fillIn(page);
      await uploadThree(page);
      await page.click("button[type=submit]");
      await page.waitForURL(/thanks/);
      const [picture, , letter] = await page
        .locator(".renamed .file-new a")
        .evaluateAll((links) => links.map((link) => (link as unknown as { href: string }).href));
      await page.goto(picture ?? "");
      assert.equal(await page.evaluate("document.images[0].naturalWidth"), 240);
      const response = await fetch(letter ?? "");
      assert.equal(response.headers.get("content-type"), "application/pdf");
      assert.match(response.headers.get("content-disposition") ?? "", /^inline/);
    });
  });
});
