/** A browser on the page, and the program that it shows. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { sourceFlags } from "../../../tools/run-tests.mjs";
import { root } from "../../../tools/setup.mjs";
import { Chromium } from "../../chromium.ts";

/** Far above what anything here takes: what is not there then will not come. */
const LIMIT_MS = 30_000;
const programFile = fileURLToPath(new URL("./program.ts", import.meta.url));

/** A browser with a home of its own, and what pages complained about in it. */
export class Visitor {
  readonly complaints: string[] = [];
  readonly #chromium: Chromium;

  private constructor(chromium: Chromium) {
    this.#chromium = chromium;
  }

  static async start(): Promise<Visitor> {
    return new Visitor(await Chromium.start());
  }

  /** Open `url`, with all that a person has set; and wait until the page shows a program. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.bare(url, options);
    await page.locator("#process:not(:empty)").waitFor({ state: "attached" });
    return page;
  }

  /** Open `url`, whatever is there. */
  async bare(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#chromium.browser.newContext({
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** Close all pages. */
  async leave(): Promise<void> {
    for (const context of this.#chromium.browser.contexts()) await context.close();
  }

  async close(): Promise<void> {
    await this.#chromium.close();
  }
}

/** `program.ts` as a process. */
export class LiveProgram {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  private constructor(child: ChildProcess, lines: Interface, url: string) {
    this.#child = child;
    this.#lines = lines;
    this.url = url;
  }

  /** @param recording - the file that it writes at "save" */
  static async start(recording = ""): Promise<LiveProgram> {
    const child = spawn(process.execPath, [...sourceFlags, programFile, recording], {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    return new LiveProgram(child, lines, await nextLine(lines));
  }

  tell(word: "spin" | "save"): void {
    this.#child.stdin?.write(`${word}\n`);
  }

  /** Have it write its recording, and wait until that is done. */
  async save(): Promise<void> {
    const saved = nextLine(this.#lines);
    this.tell("save");
    await saved;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

function nextLine(lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("close", () => reject(new Error("The program ended without a line")));
  });
}

/** Wait until `read` gives what is wanted. Not Playwright's own: the page's policy lets nobody evaluate text. */
export async function until<T>(
  page: Page,
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  for (let leftMs = LIMIT_MS; ; leftMs -= 20) {
    const value = await read();
    if (isWanted(value)) return value;
    if (leftMs < 0) throw new Error(`waited in vain, the last was ${JSON.stringify(value)}`);
    await page.waitForTimeout(20);
  }
}
