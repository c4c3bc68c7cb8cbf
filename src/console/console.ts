/** The main thread's side of the console: starts its thread, moves the beat on, answers, and ends it. */
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { isMainThread, Worker } from "node:worker_threads";
import { checkDurationMs } from "../base/index.ts";
import { recordSites } from "../gen/index.ts";
import { stderrLog, whyUnreadable } from "../loop/index.ts";
import { currentRecorder, makeVisible } from "../trace/index.ts";
import { Answers } from "./answers.ts";
import { writeTree } from "./inside.ts";
import { KeptRecording } from "./kept-recording.ts";
import type { Console, ConsoleOptions } from "./options.ts";
import { ownSocketPath } from "./paths.ts";
import {
  ANSWERER,
  ASKING,
  BEAT,
  type ConsoleData,
  ENDING,
  type FromConsole,
  STATE_SIZE,
  type ToConsole,
  WATCHING,
} from "./shared.ts";

/** How long the end of the process waits for a question that is just being asked. */
const LAST_QUESTION_MS = 100;
/** How long the console's thread may take to leave the signals to the system. */
const RELEASE_MS = 1000;

interface AnswererHolder {
  [key: symbol]: ((id: number, ask: string, json: string) => string) | undefined;
}

const KEY = Symbol.for(ANSWERER);

class RunningConsole implements Console {
  readonly #state = new Int32Array(new SharedArrayBuffer(4 * STATE_SIZE));
  readonly #answers = new Answers(this.#state, () => this.#kept);
  readonly #worker: Worker;
  readonly #beat: NodeJS.Timeout;
  readonly #dumpSignal: NodeJS.Signals | undefined;
  readonly #hide: () => void;
  readonly #sitesBefore: boolean | undefined;
  readonly #kept: KeptRecording | undefined;
  readonly #ended: Promise<void>;
  readonly #ready: Promise<void>;
  #address: string | undefined = undefined;
  #socketPath: string | undefined = undefined;
  #problems: readonly string[] = [];

  constructor(options: ConsoleOptions, blockedAfterMs: number) {
    this.#dumpSignal = "dumpSignal" in options ? options.dumpSignal : "SIGUSR2";
    const cannot = whyUnreadable();
    const data: ConsoleData = {
      state: this.#state,
      blockedAfterMs,
      cannot,
      socketPath: options.socket === false ? undefined : this.#findSocketPath(),
      httpPort: options.http?.port ?? (options.http === undefined ? undefined : 0),
      allowControl: options.allowControl ?? false,
      dumpSignal: this.#dumpSignal,
      isRecorded: options.trace !== undefined,
      program: basename(process.argv[1] ?? "node"),
      startedAt: new Date(Date.now() - performance.now()).toISOString(),
    };
    // Built, it stands beside this file as JavaScript; from the sources, as TypeScript, with the same flags as here.
    const built = import.meta.url.endsWith(".js");
    const worker = new Worker(new URL(`./worker.${built ? "js" : "ts"}`, import.meta.url), {
      name: "gyre console",
      workerData: data,
      // It listens to signals by Node's internals; where it could not interrupt anything, that is of no use.
      ...(cannot === undefined
        ? { execArgv: [...(built ? [] : process.execArgv), "--expose-internals"] }
        : built
          ? { execArgv: [] }
          : {}),
    });
    this.#worker = worker;
    this.#ready = new Promise((resolve) => {
      worker.on("message", (message: FromConsole) => {
        if (message.kind === "ready") {
          this.#address = message.address;
          this.#socketPath = message.socketPath;
          this.#problems = [...this.#problems, ...message.problems];
          resolve();
        } else this.#hear(message);
      });
      worker.on("exit", resolve);
    });
    worker.on("error", (error) => stderrLog.error("Error in the console's thread, which has ended", error));
    this.#ended = new Promise((resolve) => {
      worker.on("exit", () => {
        this.#release();
        resolve();
      });
    });
    (globalThis as AnswererHolder)[KEY] = (id, ask, json) => this.#answers.answer(id, ask, json);
    if (this.#dumpSignal !== undefined) process.on(this.#dumpSignal, writeTree);
    this.#sitesBefore = options.sites ? recordSites(true) : undefined;
    this.#hide = makeVisible();
    if (options.trace !== undefined)
      this.#kept = new KeptRecording(options.trace, () => this.#releaseSignals());
    process.on("exit", this.#onExit);
    this.#beat = this.#startBeat(Math.max(1, Math.floor(blockedAfterMs / 2)));
  }

  get address(): string | undefined {
    return this.#address;
  }

  get socketPath(): string | undefined {
    return this.#socketPath;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Wait until it answers; from then on it keeps nothing alive. */
  async ready(): Promise<this> {
    await this.#ready;
    this.#worker.unref();
    return this;
  }

  async stop(): Promise<void> {
    this.#kept?.stop();
    this.#worker.ref();
    this.#post({ kind: "stop" });
    await this.#ended;
  }

  #startBeat(tickMs: number): NodeJS.Timeout {
    let dueAtMs = performance.now() + tickMs;
    return setInterval(() => {
      Atomics.add(this.#state, BEAT, 1);
      const nowMs = performance.now();
      this.#answers.late(nowMs - dueAtMs);
      dueAtMs = nowMs + tickMs;
    }, tickMs).unref();
  }

  #findSocketPath(): string | undefined {
    try {
      return ownSocketPath();
    } catch (error) {
      this.#problems = [(error as Error).message];
      return undefined;
    }
  }

  #hear(message: FromConsole): void {
    // A thread that ends right after it disconnected from the inspector ends the
    // process: it asks no more, and ends when it knows that this was heard.
    if (message.kind === "stopped") this.#post({ kind: "end" });
    else if (message.kind === "signal") this.#post({ kind: "heard", id: message.id });
    else if (message.kind === "question") {
      const { id, ask, json } = message;
      this.#post({ kind: "answer", id, json: this.#answers.answer(id, ask, json) });
    }
  }

  /** Have its thread leave the signals that end the process to the system. */
  #releaseSignals(): void {
    this.#post({ kind: "release" });
    Atomics.wait(this.#state, WATCHING, 1, RELEASE_MS);
  }

  #post(message: ToConsole): void {
    this.#worker.postMessage(message);
  }

  /** The thread has ended. */
  #release(): void {
    clearInterval(this.#beat);
    process.off("exit", this.#onExit);
    if (this.#dumpSignal !== undefined) process.off(this.#dumpSignal, writeTree);
    if (this.#sitesBefore !== undefined) recordSites(this.#sitesBefore);
    this.#hide();
    delete (globalThis as AnswererHolder)[KEY];
    this.#removeSocket();
  }

  readonly #onExit = (): void => {
    Atomics.store(this.#state, ENDING, 1);
    const endMs = performance.now() + LAST_QUESTION_MS;
    // No wait in the system: a question that is on its way is answered by interrupting this very loop.
    while (Atomics.load(this.#state, ASKING) === 1 && performance.now() < endMs);
    this.#removeSocket();
  };

  #removeSocket(): void {
    if (this.#socketPath === undefined) return;
    rmSync(this.#socketPath, { force: true });
    this.#socketPath = undefined;
  }
}

/** See `startConsole`. */
export async function openConsole(options: ConsoleOptions): Promise<Console> {
  if (!isMainThread)
    throw new Error("Cannot start the console: this is a worker thread, the main thread is wanted");
  if ((globalThis as AnswererHolder)[KEY] !== undefined)
    throw new Error("Cannot start the console: this process has one already, stop that first");
  if (options.trace !== undefined && currentRecorder() !== undefined)
    throw new Error(
      "Cannot start the console: it is to record, and a recorder is on already, stop that first",
    );
  const blockedAfterMs = checkDurationMs(options.blockedAfterMs ?? 200, "start the console");
  if (blockedAfterMs === 0)
    throw new RangeError("Cannot start the console: blockedAfterMs is 0, a number > 0 is wanted");
  return await new RunningConsole(options, blockedAfterMs).ready();
}
