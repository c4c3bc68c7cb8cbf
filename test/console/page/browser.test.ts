/** The page in a browser: over a program that runs, over one that hangs, and over recordings. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { servePage } from "../../../src/console/http.ts";
import type { ConsoleSource } from "../../../src/console/index.ts";
import { formatRecording, type Recording } from "../../../src/trace/index.ts";
import { LiveProgram, until, Visitor } from "./browser.ts";
import { makeRecording, makeRow, makeSnapshot, StillSource } from "./sources.ts";

/** Where to leave pictures of what was seen; none without it. */
const pictures = process.env.CONSOLE_PICTURES;

let visitor: Visitor;
let program: LiveProgram;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "gyre-page-"));
  visitor = await Visitor.start();
  program = await LiveProgram.start(join(folder, "live.gyre"));
});

after(async () => {
  await visitor.close();
  await program.end();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await visitor.leave();
  assert.deepEqual(visitor.complaints.splice(0), []);
});

/** Open a view of the program that runs. */
function look(view: string, options: Parameters<Visitor["open"]>[1] = {}): Promise<Page> {
  return visitor.open(`${program.url}#/${view}`, options);
}

/** Open a view of what `source` tells. */
async function withSource(
  source: ConsoleSource,
  view: string,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const served = await servePage(source, { allowControl: true });
  try {
    const page = await visitor.open(`${served.url}#/${view}`);
    await use(page);
  } finally {
    await visitor.leave();
    await served.close();
  }
}

async function writeFileOf(name: string, recording: Recording): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, [...formatRecording(recording)].join(""));
  return path;
}

const views = ["overview", "coroutines", "tree", "resources", "timeline", "recordings"] as const;
/** Something that each view has once it is drawn. */
const signs: Record<(typeof views)[number], string> = {
  overview: ".bars li",
  coroutines: ".row.group",
  tree: ".row.is-coroutine",
  resources: ".resource",
  timeline: ".gyre-sequence text",
  recordings: ".drop",
};

for (const [device, viewport] of [
  ["a desktop", { width: 1440, height: 900 }],
  ["a phone", { width: 390, height: 844 }],
] as const) {
  for (const [colorScheme, paper] of [
    ["light", "rgb(246, 244, 239)"],
    ["dark", "rgb(17, 23, 26)"],
  ] as const) {
    it(`shows every view on ${device}, ${colorScheme}`, async () => {
      const page = await look("overview", { viewport, colorScheme });
      assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), paper);
      for (const view of views) {
        await page.click(`#nav a[href="#/${view}"]`);
        await page.locator(signs[view]).first().waitFor();
        assert.equal(await page.locator("#nav [aria-current]").count(), 1);
        const [wide, all] = (await page.evaluate(
          "[innerWidth, document.documentElement.scrollWidth]",
        )) as number[];
        assert.ok((all ?? 0) <= (wide ?? 0), `${view} is ${all} px wide`);
        if (pictures !== undefined)
          await page.screenshot({ path: join(pictures, `${device.slice(2)}-${colorScheme}-${view}.png`) });
      }
    });
  }
}

describe("the page of a program that runs", () => {
  it("tells of the deadlock at once, and leads to who is in it", async () => {
    const page = await look("overview");
    // On a slow machine something may block for a moment, which is told of too.
    const lint = page.locator(".lints .bad", { hasText: "Deadlock" });
    await lint.waitFor();
    assert.match(
      (await lint.textContent()) ?? "",
      /^Deadlock: transfer #(\d+) holds lock \d+, waits for lock \d+; transfer #\d+ holds lock \d+, waits for lock \d+$/,
    );
    await lint.locator("a").first().click();
    await page.locator("h1", { hasText: "transfer" }).waitFor();
    await page.locator(".listing .here", { hasText: "yield second.acquire();" }).waitFor();
    assert.match((await page.textContent(".lints .bad")) ?? "", /^It can never go on: /);
    assert.match(
      (await page.textContent(".stack")) ?? "",
      /transfer #\d+.*awaited by.*supervise #\d+.*awaited by.*main #\d+/,
    );
    await page.locator(".events li", { hasText: "waits for a lock" }).waitFor();
  });

  it("leads from what is waited for to those who wait", async () => {
    const page = await look("overview");
    await page
      .locator(".bars a", { hasText: /^supervise/ })
      .first()
      .click();
    const rows = page.locator(".row.group");
    await until(
      page,
      () => rows.allTextContents(),
      (texts) => texts.length === 1 && /^1main/.test(texts[0] ?? ""),
    );
  });

  it("groups coroutines by function and line, and opens a group by the keyboard", async () => {
    const page = await look("coroutines");
    const group = page.locator(".row.group", { hasText: /^3worker/ });
    await group.waitFor();
    assert.match((await group.textContent()) ?? "", /^3worker.*an item of a queue.*program\.ts:\d+/);
    await group.focus();
    await page.keyboard.press("ArrowRight");
    await until(
      page,
      () => page.locator(".row.member").count(),
      (count) => count === 3,
    );
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "worker" }).waitFor();
  });

  it("filters, keeps the filter in its address, and says what is wrong with one", async () => {
    const page = await look("coroutines");
    await page.locator(".row.group").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("fn:idle* state:waiting");
    const rows = page.locator(".row.group");
    await until(
      page,
      () => rows.allTextContents(),
      (texts) => texts.length === 1 && /^240idleConnection/.test(texts[0] ?? ""),
    );
    const address = page.url();
    assert.match(address, /#\/coroutines\?filter=fn%3Aidle\*\+state%3Awaiting$/);
    await page.keyboard.type(" age>soon");
    await page
      .locator(".note.bad", { hasText: '"soon" is no duration, one such as 200ms, 5s or 2min is wanted' })
      .waitFor();
    // What was found before stays to be seen meanwhile.
    assert.equal(await rows.count(), 1);

    const again = await page.context().newPage();
    await again.goto(address);
    await until(
      again,
      () => again.locator(".row.group").count(),
      (count) => count === 1,
    );
    assert.equal(await again.inputValue("#filter"), "fn:idle* state:waiting");
  });

  it("draws the tree with its circle in place, and folds what is alike", async () => {
    const page = await look("tree");
    await page.locator(".is-fold", { hasText: "237 more idleConnection" }).waitFor();
    const circle = page.locator(".is-circle").first();
    assert.match((await circle.textContent()) ?? "", /→transfer #(\d+)waits in a circle: #\d+ → #\d+ → #\d+/);
    assert.equal(await page.locator(".is-circle").count(), 2);
    await page
      .locator(".row.is-coroutine", { hasText: /^supervise/ })
      .locator(".caret")
      .click();
    await until(
      page,
      () => page.locator(".row").count(),
      (count) => count === 2,
    );
  });

  it("shows who has what, and who waits for it in which order", async () => {
    const page = await look("resources");
    const line = page.locator(".lines > li", { hasText: "3 wait to take an item from a queue" });
    await line.waitFor();
    assert.match((await line.textContent()) ?? "", /a queueworker #\d+worker #\d+worker #\d+$/);
    const lock = page.locator(".lines > li", { hasText: "lock" }).first();
    assert.match(
      (await lock.textContent()) ?? "",
      /^1 waits for lock \d+, which transfer #\d+ holdstransfer #\d+$/,
    );
    const time = page.locator(".resource", { hasText: "sleep" });
    await time.locator("summary").click();
    await until(
      page,
      () => time.locator("li").count(),
      (count) => count === 13,
    );
    assert.match((await page.textContent(".circle")) ?? "", /transfer #\d+ holds lock \d+, waits for lock/);
  });

  it("draws what one request did, as a picture and as text", async () => {
    const page = await look("timeline");
    const drawing = page.locator(".gyre-sequence");
    await drawing.waitFor();
    const text = (await drawing.textContent()) ?? "";
    assert.match(text, /handle #\d+ req-\d+/);
    assert.match(text, /http GET \/users\/\d+/);
    await page.click(".picture summary");
    assert.match((await page.textContent(".picture pre")) ?? "", /█── call ─+>█/);
    // A click on a lane draws the request that it is part of. Sent at once: the rows of a live program do not stand still.
    await page.locator(".row.lane", { hasText: "fetchOrders" }).first().locator("svg").dispatchEvent("click");
    await page.waitForURL(/request=\d+/);
    const id = /request=(\d+)/.exec(page.url())?.[1];
    await page.locator(".gyre-sequence text", { hasText: `handle #${id} req-` }).waitFor();
  });

  it("shows names as they are, without letting them do anything", async () => {
    const page = await look("coroutines?filter=label:bold");
    const row = page.locator(".row.group");
    await row.waitFor();
    assert.match(
      (await row.textContent()) ?? "",
      /<img src=x onerror="document\.title='owned'">\u2400\ufffd\u240ax+…/,
    );
    await row.click();
    await page.locator(".label", { hasText: "<b>bold</b>" }).waitFor();
    await page.locator(".member .coroutine").click();
    await page.locator("h1", { hasText: "<img" }).waitFor();
    assert.match(await page.title(), /^program\.ts/);
    assert.equal(await page.locator("img:not(.mark)").count(), 0);
  });

  it("stands still while it is frozen", async () => {
    const page = await look("overview");
    await page.keyboard.press("f");
    await page.locator("#pulse.frozen").waitFor();
    const shown = await page.textContent("#process");
    // The program itself goes on.
    const uptime =
      "fetch('/api/state?limit=0').then((answer) => answer.json()).then((state) => state.snapshot.uptimeMs)";
    const first = (await page.evaluate(uptime)) as number;
    await until(
      page,
      () => page.evaluate(uptime) as Promise<number>,
      (now) => now > first + 1500,
    );
    assert.equal(await page.textContent("#process"), shown);
    await page.click("#freeze");
    await until(
      page,
      () => page.textContent("#process"),
      (text) => text !== shown,
    );
  });

  it("is copied as text", async () => {
    const page = await look("tree", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.locator(".is-circle").first().waitFor();
    await page.click("#copy");
    await page.locator("#toast", { hasText: "Copied as text" }).waitFor();
    const text = (await page.evaluate("navigator.clipboard.readText()")) as string;
    assert.match(text, /^program\.ts, pid \d+/);
    assert.match(text, /^main #\d+ waits for supervise #\d+ at test\/console\/page\/program\.ts:\d+:\d+/m);
    assert.match(text, /^ +-> #\d+, a circle: #\d+ -> #\d+$/m);
  });

  it("cancels a coroutine, when asked twice", async () => {
    const page = await look("coroutines?filter=fn:idleConnection");
    await page.locator(".row.group").click();
    await page.locator(".row.member .coroutine").last().click();
    page.once("dialog", (dialog) => void dialog.dismiss());
    await page.click("button.danger");
    assert.equal(await page.textContent(".state"), "waiting");
    page.once("dialog", (dialog) => void dialog.accept());
    await page.click("button.danger");
    await page.locator(".state.ended").waitFor();
    await page.locator("#toast", { hasText: /idleConnection #\d+ was cancelled/ }).waitFor();
  });

  it("keeps the token out of the history, and needs it no more", async () => {
    const page = await look("overview");
    assert.doesNotMatch(page.url(), /token/);
    await page.reload();
    await page.locator(".bars li").first().waitFor();
  });
});

describe("the page of a program that hangs", () => {
  it("shows the stack that blocks, and goes on", async () => {
    const hanging = await LiveProgram.start();
    try {
      const page = await visitor.open(hanging.url);
      await page.locator(".bars li").first().waitFor();
      hanging.tell("spin");
      const banner = page.locator("section.blocked");
      await banner.waitFor();
      assert.match(
        (await banner.locator("li").first().textContent()) ?? "",
        /^spinInCircles .*program\.ts:\d+/,
      );
      assert.equal(await page.textContent("#pulse"), "blocked");
      // It is the slowest turn, and the first thing that is worth a look.
      const turn = page.locator(".turns li").first();
      await until(
        page,
        () => turn.textContent(),
        (text) => /^[\d.]+ m?sspinInCircles .*program\.ts:\d+.*goes on/.test(text ?? ""),
      );
      assert.match(
        (await page.locator(".lints li").first().textContent()) ?? "",
        /^Nothing can run: spinInCircles .*program\.ts:\d+.* has held the loop for [\d.]+ m?s already$/,
      );
      // All the rest is still to be had, from the very thread that hangs.
      await page.click('#nav a[href="#/tree"]');
      await page.locator(".row.is-coroutine", { hasText: /^supervise/ }).waitFor();
      const [first] = await banner.locator("h2").allTextContents();
      await until(
        page,
        () => banner.locator("h2").textContent(),
        (text) => text !== first,
      );
    } finally {
      await visitor.leave();
      await hanging.end();
    }
  });

  it("says that a program has ended, and keeps what was seen last", async () => {
    const ending = await LiveProgram.start();
    const page = await visitor.open(`${ending.url}#/tree`);
    await page.locator(".row.is-coroutine").first().waitFor();
    await ending.end();
    await page
      .locator("#banner .bad", {
        hasText: "it has ended, or the connection is lost. What is shown is the last",
      })
      .waitFor();
    assert.equal(await page.textContent("#pulse"), "lost");
    assert.ok((await page.locator(".row.is-coroutine").count()) > 3);
    // The browser's own words for a server that is gone.
    await visitor.leave();
    const complaints = visitor.complaints.splice(0);
    assert.ok(complaints.every((one) => one.includes("ERR_CONNECTION")));
  });
});

describe("the page of a recording", () => {
  /** What the tree says, a line each, without lines of code and ages. */
  async function tree(page: Page): Promise<string[]> {
    return (await page.locator(".row .lead").allTextContents()).map((text) => text.trim());
  }

  it("opens a file, and shows it at any time", async () => {
    const path = await writeFileOf("one.gyre", makeRecording());
    await withSource(new StillSource(makeSnapshot([])), "recordings", async (page) => {
      await page.setInputFiles("#file", path);
      await page.locator("#pulse.recording").waitFor();
      assert.match((await page.textContent(".scrubber")) ?? "", /100 ms of 100 msone\.gyre/);
      await page.click('#nav a[href^="#/tree"]');
      await page.locator(".empty", { hasText: "No coroutine is alive" }).waitFor();
      const slider = page.locator(".scrubber input");
      await slider.fill("2000");
      await until(
        page,
        () => tree(page),
        (lines) => lines.length === 2,
      );
      assert.deepEqual(await tree(page), ["handle #1req-7", "fetchUser #2"]);
      assert.match(page.url(), /rec=r1&at=2000/);
      await slider.focus();
      await page.keyboard.press("ArrowRight");
      await page.locator(".scrubber .time", { hasText: "2.0 ms of 100 ms" }).waitFor();
      await slider.fill("50000");
      await until(
        page,
        () => tree(page),
        (lines) => lines.join() === "handle #1req-7,saveOrder #3",
      );
      await page.click("text=Back to live");
      await page.locator("#pulse.live").waitFor();
    });
  });

  it("takes a file that is dropped onto it", async () => {
    const text = [...formatRecording(makeRecording())].join("");
    await withSource(new StillSource(makeSnapshot([])), "recordings", async (page) => {
      const data = await page.evaluateHandle(`(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([${JSON.stringify(text)}], "dropped.gyre"));
        return transfer;
      })()`);
      await page.dispatchEvent(".drop", "drop", { dataTransfer: data });
      await page.locator(".scrubber .name", { hasText: "dropped.gyre" }).waitFor();
    });
  });

  it("says why a file is none", async () => {
    const path = join(folder, "notes.txt");
    await writeFile(path, "milk, bread\n");
    await withSource(new StillSource(makeSnapshot([])), "recordings", async (page) => {
      await page.setInputFiles("#file", path);
      await page.locator("#toast", { hasText: "Cannot read the recording notes.txt" }).waitFor();
    });
    assert.ok(visitor.complaints.splice(0).every((one) => one.includes("400 (Bad Request)")));
  });

  it("plays from the start to the end", async () => {
    await withSource(
      new StillSource(makeSnapshot([]), makeRecording(), "recording"),
      "tree?at=90000",
      async (page) => {
        await page.click(".scrubber button");
        await page.locator(".scrubber button", { hasText: "Pause" }).waitFor();
        await page.locator(".scrubber button", { hasText: "Play" }).waitFor();
        await page.locator(".scrubber .time", { hasText: "100 ms of 100 ms" }).waitFor();
      },
    );
  });

  it("is all there is where the program is over", async () => {
    const source = new StillSource(
      makeSnapshot([]),
      makeRecording({ dropped: 1234, cutOff: true }),
      "recording",
    );
    await withSource(source, "timeline", async (page) => {
      await page.locator(".gyre-sequence").waitFor();
      assert.equal(await page.locator("text=Back to live").isVisible(), false);
      assert.equal(await page.locator("#freeze").isVisible(), false);
      assert.match(
        (await page.textContent("#banner")) ?? "",
        /1,234 events were lost.*The file ends in the middle/,
      );
      assert.deepEqual(await page.locator(".row.lane .lead").allTextContents(), [
        "handle #1req-7",
        "fetchUser #2",
        "saveOrder #3",
      ]);
      await page.locator(".row.lane a", { hasText: "saveOrder" }).click();
      await page.locator(".empty", { hasText: "No coroutine #3 is alive here" }).waitFor();
      await page.locator(".soft", { hasText: "2 steps, 1.4 ms busy, then ended with an error" }).waitFor();
    });
  });

  it("takes only shapes and text out of a drawing", async () => {
    const events = makeRecording().events.map((event) =>
      event.kind === "note"
        ? { ...event, text: '><script>document.title="owned"</script><a href="javascript:1">x</a>' }
        : event,
    );
    await withSource(
      new StillSource(makeSnapshot([]), makeRecording({ events }), "recording"),
      "timeline",
      async (page) => {
        await page.locator(".gyre-sequence", { hasText: "<script>" }).waitFor();
        assert.equal(await page.locator(".picture script, .picture a, .picture style").count(), 0);
        assert.match(await page.title(), /^shop\.ts/);
      },
    );
  });

  it("shows a recording of a program that runs, up to now", async () => {
    const page = await look("recordings");
    await page.click("text=Look at it up to now");
    await page.locator("#pulse.recording").waitFor();
    await page.locator(".bars li", { hasText: "idleConnection" }).waitFor();
  });

  it("opens what the program itself wrote", async () => {
    await program.save();
    const page = await look("recordings");
    await page.setInputFiles("#file", join(folder, "live.gyre"));
    await page.locator(".scrubber .name", { hasText: "live.gyre" }).waitFor();
    await page.click('#nav a[href^="#/timeline"]');
    await page.locator(".gyre-sequence", { hasText: /handle #\d+ req-/ }).waitFor();
  });
});

describe("the page", () => {
  it("stays usable with 100,000 coroutines", async () => {
    const rows = Array.from({ length: 100_000 }, (_, at) =>
      makeRow({
        id: at + 1,
        name: at === 77_777 ? "needle" : `fn${at % 5000}`,
        ownerId: at < 10 ? undefined : 1 + (at % 7),
      }),
    );
    await withSource(new StillSource(makeSnapshot(rows)), "coroutines", async (page) => {
      await page.click("text=All 100,000");
      await page.locator(".notice", { hasText: "100,000 of 100,000 coroutines are here" }).waitFor();
      assert.ok((await page.locator(".row").count()) < 100);
      await page.locator(".row").first().focus();
      await page.keyboard.press("End");
      await page.locator('.row[aria-posinset="5001"]:focus').waitFor();
      assert.ok((await page.locator(".row").count()) < 100);
      await page.fill("#filter", "fn:needle");
      await until(
        page,
        () => page.locator(".row").count(),
        (count) => count === 1,
      );
      await page.click('#nav a[href="#/tree"]');
      await page.click("text=All 100,000");
      await page.locator('.row[aria-setsize="100000"]').first().waitFor();
      assert.ok((await page.locator(".row").count()) < 100);
    });
  });

  it("is walked by the keyboard alone", async () => {
    const page = await look("overview");
    await page.keyboard.press("3");
    await page.locator(".row.is-coroutine").first().waitFor();
    await page.keyboard.press("2");
    await page.locator(".row.group").first().waitFor();
    await page.keyboard.press("Tab");
    await page.locator(".skip:focus").waitFor();
    await page.keyboard.press("/");
    await page.locator("#filter:focus").waitFor();
    await page.keyboard.press("Escape");
    await until(
      page,
      () => page.locator("#filter:focus").count(),
      (count) => count === 0,
    );
  });

  it("says that nothing is recorded, and starts the recorder where that is allowed", async () => {
    const source = new StillSource(makeSnapshot([makeRow({ id: 1 })]));
    await withSource(source, "timeline", async (page) => {
      await page.locator(".empty", { hasText: "Cannot give the recording: nothing is recorded" }).waitFor();
      await page.keyboard.press("6");
      await page.click("text=Start recording");
      await page.locator("#toast", { hasText: "It was done" }).waitFor();
      assert.deepEqual(source.commands, [{ action: "record", on: true }]);
    });
    assert.ok(visitor.complaints.splice(0).every((one) => one.includes("409 (Conflict)")));
  });

  it("keeps to a phone's width, however long stacks, names and lines are", async () => {
    const long = `${"a".repeat(300)} (src/${"deep/".repeat(60)}app.ts:1:1)`;
    const rows = [makeRow({ id: 1, name: long, at: long, on: [long], labels: [long] })];
    const deadlocks = [`${long} #1 waits for itself`];
    const source = new StillSource(makeSnapshot(rows, { program: long, deadlocks }));
    const frames = [long, long];
    source.overview = async () => ({
      latencyMs: { p50: 1, p99: 2, max: 3 },
      slowTurns: [{ at: "2026-01-02T03:04:05.678Z", tookMs: 120, frames }],
      blockedAfterMs: 100,
      heapUsedBytes: 1e7,
      cpuMs: 12,
    });
    source.blocked = async () => ({ forMs: 5000, frames });
    await withSource(source, "overview", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.locator(".turns summary").click();
      for (const view of ["overview", "coroutines", "tree", "resources", "coroutine?id=1"]) {
        await page.evaluate(`location.hash = "#/${view}"`);
        await page
          .locator(`.view :text("${"a".repeat(100)}")`)
          .first()
          .waitFor();
        const wide = (await page.evaluate("document.documentElement.scrollWidth")) as number;
        assert.equal(wide, 390, view);
      }
    });
    assert.ok(visitor.complaints.splice(0).every((one) => one.includes("409 (Conflict)")));
  });

  it("shows on a phone the whole of what is waited for, and of who waits in a circle", async () => {
    const first = "readReplicaOfTheOrdersTable";
    const second = "writeReplicaOfTheOrdersTable";
    const nested = Array.from({ length: 6 }, (_, at) => ({
      id: 10 + at,
      ownerId: at === 0 ? undefined : 9 + at,
    }));
    const rows = [
      makeRow({ id: 1, name: first, on: [2] }),
      makeRow({ id: 2, name: second, on: [1] }),
      makeRow({ id: 3, name: "report", on: [`an answer to ${second}`], at: "src/shop/app.ts:13:5" }),
      ...nested.map(({ id, ownerId }) => makeRow({ id, ownerId, name: "nested", on: [1] })),
    ];
    await withSource(new StillSource(makeSnapshot(rows)), "tree", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.locator(".is-reference").last().waitFor();
      // What does not fit is wider or higher than its place, or than the row that it is in.
      const cut = (await page.evaluate(`
        [...document.querySelectorAll(".row .lead, .row .lead *, .row .on")].filter((element) => {
          const row = element.closest(".row").getBoundingClientRect();
          const { right, bottom, top } = element.getBoundingClientRect();
          const isClipped = element.clientWidth > 0 &&
            (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 1);
          return isClipped || right > row.right + 1 || bottom > row.bottom + 1 || top < row.top - 1;
        }).map((element) => element.textContent)
      `)) as string[];
      assert.deepEqual(cut, []);
      const circle = (await page.locator(".is-circle").first().textContent()) ?? "";
      assert.equal(circle, `→${second} #2waits in a circle: #1 → #2 → #1`);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
    });
  });

  it("says why part of it is missing, and shows the rest", async () => {
    const source = new StillSource(makeSnapshot([makeRow({ id: 1, name: "here" })]));
    source.overview = () => Promise.reject(new Error("Cannot ask the program: it is too busy"));
    await withSource(source, "overview", async (page) => {
      await page.locator("#banner .bad", { hasText: "Cannot ask the program: it is too busy" }).waitFor();
      await page.locator(".bars li", { hasText: "here" }).waitFor();
    });
  });

  it("refuses who comes without the token, in words", async () => {
    const bare = await visitor.bare(new URL("/", program.url).href);
    assert.equal(await bare.textContent("h1"), "The token is missing");
    // The browser says so in its own time.
    while (visitor.complaints.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // It says so of each file that is refused: when the page is gone, nothing more comes.
    await visitor.leave();
    const complaints = visitor.complaints.splice(0);
    assert.deepEqual(
      complaints.filter((one) => !one.includes("401 (Unauthorized)")),
      [],
    );
  });
});
