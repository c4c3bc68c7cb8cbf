/** A running program, asked from its console's thread. */
import type { Recording, Snapshot, SnapshotOptions } from "../trace/index.ts";
import type { BlockWatch } from "./block-watch.ts";
import type { MainThread } from "./main-thread.ts";
import type { Blocked, ConsoleSource, Control, Overview, SlowTurn, Stack } from "./source.ts";

/** What the main thread says of itself; the rest of an `Overview` is known here. */
export type MainOverview = Omit<Overview, "slowTurns" | "blockedAfterMs">;

export class LiveSource implements ConsoleSource {
  readonly kind = "live";
  readonly #main: MainThread;
  readonly #watch: BlockWatch;
  readonly #blockedAfterMs: number;
  readonly #allowControl: boolean;
  /** Readers who have it recorded for a while now. */
  #traces = 0;
  /** Has the first of them switched the recorder on? Then the last one switches it off. */
  #hasStarted = false;

  constructor(main: MainThread, watch: BlockWatch, blockedAfterMs: number, allowControl: boolean) {
    this.#main = main;
    this.#watch = watch;
    this.#blockedAfterMs = blockedAfterMs;
    this.#allowControl = allowControl;
  }

  snapshot(options: SnapshotOptions): Promise<Snapshot> {
    return this.#main.ask("snapshot", options);
  }

  async overview(): Promise<Overview> {
    const main = await this.#main.ask<MainOverview>("overview");
    const slowTurns: readonly SlowTurn[] = this.#watch.slowTurns();
    return { ...main, slowTurns, blockedAfterMs: this.#blockedAfterMs };
  }

  async blocked(): Promise<Blocked | undefined> {
    return this.#watch.blocked();
  }

  stack(): Promise<Stack> {
    return this.#main.ask("stack");
  }

  recording(): Promise<Recording> {
    return this.#main.ask("recording");
  }

  /** Record for `durationMs`, whether it is recorded already or not. */
  async trace(durationMs: number): Promise<Recording> {
    this.#traces++;
    try {
      if (await this.#main.ask<boolean>("record", { on: true })) this.#hasStarted = true;
      await new Promise((resolve) => setTimeout(resolve, durationMs));
      return await this.recording();
    } finally {
      this.#traces--;
      if (this.#traces === 0 && this.#hasStarted) {
        this.#hasStarted = false;
        await this.#main.ask("record", { on: false });
      }
    }
  }

  async control(command: Control): Promise<string> {
    if (!this.#allowControl)
      throw new Error("Cannot change the program: control is not allowed, start it with --allow-control");
    return await this.#main.askBetweenTurns("control", command);
  }
}
