/** How far a search is: one line, written again in place on a terminal, else a line every ten seconds at most. */
import type { SimProgress } from "./sim-work.ts";

const PAUSE_MS = 10_000;
const ERASE = "\r\u001b[K";

/** What is written to. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class ProgressLine {
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  #name = "";
  #isShown = false;
  #toldAtMs: number;
  /** What was shown last of the search that is on; empty before the first. */
  last = "";

  /** @param now - milliseconds */
  constructor(output: ProgressOutput, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
    this.#toldAtMs = now();
  }

  /** The search of this program begins. */
  begin(name: string): void {
    this.#name = name;
    this.last = "";
  }

  show(progress: SimProgress): void {
    this.last = `${this.#name}: ${inWords(progress)}`;
    if (this.#output.isTTY === true) {
      const { columns = 80 } = this.#output;
      this.#output.write(`${ERASE}${this.last.slice(0, columns - 1)}`);
      this.#isShown = true;
      return;
    }
    if (this.#now() - this.#toldAtMs < PAUSE_MS) return;
    this.#toldAtMs = this.#now();
    this.#output.write(`${this.last}\n`);
  }

  /** Take it away, so that something else can be written. */
  clear(): void {
    if (this.#isShown) this.#output.write(ERASE);
    this.#isShown = false;
  }
}

function inWords({ schedules, distinct, perSecond, trying, share }: SimProgress): string {
  const count = (value: number): string => Math.round(value).toLocaleString("en");
  const part = share > 0 ? `, ${Math.min(100, Math.round(100 * share))} % of the budget` : "";
  return `${count(schedules)} schedules (${count(perSecond)}/s), ${count(distinct)} different${part}, trying ${trying}`;
}
