/** The browser that tests start. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

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

/** A browser with a home of its own. */
export class Chromium {
  readonly browser: Browser;
  readonly #home: string;

  private constructor(browser: Browser, home: string) {
    this.browser = browser;
    this.#home = home;
  }

  static async start(): Promise<Chromium> {
    const home = await mkdtemp(join(tmpdir(), "gyre-home-"));
    const env = { ...process.env, HOME: home };
    return new Chromium(await chromium.launch({ executablePath, args, env }), home);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}
