/** The thread in which `gyre sim` searches, as the main thread sees it: it reports, and it is looked after. */
import { Session } from "node:inspector";
import { Worker } from "node:worker_threads";
import { GyreError } from "../base/index.ts";
import { BEAT, type FromSim, LOOK, type SimLook, type SimWork, STOP } from "./sim-work.ts";

/** How often it is looked whether something moves. */
const TICK_MS = 500;
/** Nothing has moved for so long: then the thread is asked what it does. */
const ASK_AFTER_MS = 2000;
/** How long it has to answer, and to end when it is told to. */
const ANSWER_MS = 2000;
const END_MS = 3000;

/** A run that does not end, and makes no step any more. */
export class SimStuckError extends GyreError {
  /** Where it is, innermost first. */
  readonly frames: readonly string[];

  /** @param behind - the programs that come after it */
  constructor(name: string, forMs: number, frames: readonly string[], behind: readonly string[]) {
    const where =
      frames.length === 0
        ? ": its line cannot be told (search without --workers to see it)"
        : `, at\n${frames.map((frame) => `  ${frame}`).join("\n")}`;
    const notRun = behind.length === 0 ? "" : `\n  not run: ${behind.join(", ")}`;
    super(
      "GYRE_SIM_STUCK",
      `Cannot end a run of "${name}": no step for ${Math.round(forMs / 1000)} s, one that waits or ends is wanted${where}${notRun}`,
    );
    this.frames = frames;
  }
}

export class SimThread {
  readonly #state: Int32Array;
  readonly #worker: Worker;
  readonly #stuckAfterMs: number;
  readonly #hear: (message: FromSim) => void;
  readonly #ended: Promise<void>;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #name = "";
  #behind: readonly string[] = [];
  #isSearching = false;
  #beat = 0;
  #steps = -1;
  #quietMs = 0;
  #ticks: NodeJS.Timeout | undefined;

  /** @param hear - told of all that the thread says */
  constructor(work: Omit<SimWork, "state">, stuckAfterMs: number, hear: (message: FromSim) => void) {
    this.#state = new Int32Array(new SharedArrayBuffer(8));
    this.#stuckAfterMs = stuckAfterMs;
    this.#hear = hear;
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    const data: SimWork = { ...work, state: this.#state };
    const built = import.meta.url.endsWith(".js");
    this.#worker = new Worker(new URL(`./sim-worker.${built ? "js" : "ts"}`, import.meta.url), {
      name: "gyre sim",
      workerData: data,
    });
    this.#worker.on("message", (message: FromSim) => this.#take(message));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#end());
    this.#ticks = setInterval(() => void this.#look(), TICK_MS);
  }

  /**
   * Resolves when all is searched, or the search was stopped.
   *
   * @throws {SimStuckError} when a run does not end
   */
  async done(): Promise<void> {
    try {
      await this.#ended;
    } finally {
      clearInterval(this.#ticks);
      this.#ticks = undefined;
      await this.#worker.terminate();
    }
  }

  /** Have the search end, and report what it has. Once more, or where it does not: at once. */
  stop(): void {
    if (Atomics.exchange(this.#state, STOP, 1) === 1) this.#end();
    else setTimeout(() => this.#end(), END_MS).unref();
  }

  #take(message: FromSim): void {
    if (message.kind === "begin") {
      this.#name = message.name;
      this.#behind = message.behind;
      this.#isSearching = true;
    }
    if (message.kind === "end") this.#end();
    else this.#hear(message);
  }

  async #look(): Promise<void> {
    const beat = Atomics.load(this.#state, BEAT);
    // While it loads its module it is in nobody's run.
    if (beat !== this.#beat || !this.#isSearching) {
      this.#beat = beat;
      this.#quietMs = 0;
      this.#steps = -1;
      return;
    }
    this.#quietMs += TICK_MS;
    if (this.#quietMs < ASK_AFTER_MS) return;
    const look = await this.#ask();
    if (this.#ticks === undefined || Atomics.load(this.#state, BEAT) !== beat) return;
    // A long run is none that is stuck.
    if (look !== undefined && look.steps !== this.#steps) {
      this.#steps = look.steps;
      this.#quietMs = 0;
    }
    if (this.#quietMs >= this.#stuckAfterMs)
      this.#fail(new SimStuckError(this.#name, this.#quietMs, look?.frames ?? [], this.#behind));
  }

  /** What it is busy with, asked by the inspector on top of that; `undefined` when it does not answer. */
  async #ask(): Promise<SimLook | undefined> {
    const session = new Session();
    session.connect();
    const attached: string[] = [];
    try {
      return await new Promise((resolve) => {
        setTimeout(resolve, ANSWER_MS, undefined).unref();
        const expression = `globalThis[Symbol.for(${JSON.stringify(LOOK)})]?.()`;
        const message = JSON.stringify({
          id: 1,
          method: "Runtime.evaluate",
          params: { expression, returnByValue: true },
        });
        // Other threads have no such function: their answer is no text.
        session.on("NodeWorker.attachedToWorker", ({ params: { sessionId } }) => {
          attached.push(sessionId);
          session.post("NodeWorker.sendMessageToWorker", { sessionId, message });
        });
        session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
          const answer = JSON.parse(params.message) as { result?: { result?: { value?: unknown } } };
          const value = answer.result?.result?.value;
          if (typeof value === "string") resolve(JSON.parse(value) as SimLook);
        });
        session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
      });
    } finally {
      // Else a thread that the debugger stops later, to see what it calls, would wait for this one to let it go on.
      for (const sessionId of attached) session.post("NodeWorker.detach", { sessionId });
      session.post("NodeWorker.disable");
      session.disconnect();
    }
  }
}
