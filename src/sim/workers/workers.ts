/**
 * One search in several worker threads, for a caller that waits.
 *
 * The caller's thread blocks, so nothing here is told by events: threads count up a
 * number in shared memory that the caller waits for, and what they say is read from
 * their ports. Each has a seed and a part of the schedules of its own.
 *
 * Whose failure counts does not depend on who is faster: a thread goes on until its
 * next schedule would come after that of the first failure, counted in each thread
 * from 1; of two with the same number it is that of the thread that comes first.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Progress, SearchSettings } from "../options.ts";
import type { Covered } from "../plan.ts";
import type { SimWorkers } from "./worker-options.ts";

/** Places in the shared memory. */
const NEWS = 0;
const FIRST_FAILURE = 1;
/** From here on: schedules of each thread, and how many different ones, as of its last look. */
const COUNTS = 2;
const NO_FAILURE = 2 ** 31 - 1;

/** How long a thread may take to load the module. */
const START_LIMIT_MS = 60_000;
const PROGRESS_MS = 1000;

/** What can be sent of the settings of a search. */
export type SentSettings = Omit<
  SearchSettings,
  "invariants" | "faults" | "onProgress" | "replayCommand" | "workers" | "name"
>;

/** What a thread is given. */
export interface ShareData {
  readonly state: Int32Array;
  readonly port: MessagePort;
  readonly at: number;
  readonly workers: SimWorkers;
  readonly settings: SentSettings;
  /** How many the caller has: the module has to give as many. */
  readonly invariants: number;
  readonly faults: number;
}

/** What a thread has searched. */
export interface ShareResult {
  readonly found: { readonly choices: readonly number[]; readonly schedule: number } | undefined;
  readonly schedules: number;
  readonly steps: number;
  readonly mostDecisions: number;
  /** Hashes of the different runs. */
  readonly distinct: Float64Array;
  readonly covered: readonly Covered[];
  /** Which rules for faults fitted some operation. */
  readonly fitted: readonly number[];
}

export type FromShare =
  | { readonly kind: "begun" }
  | { readonly kind: "done"; readonly result: ShareResult }
  | { readonly kind: "problem"; readonly text: string };

/** What all threads have searched. */
export interface SharesResult {
  readonly found: { readonly choices: readonly number[]; readonly schedule: number } | undefined;
  readonly results: readonly ShareResult[];
  /** By strategy: what all threads together have run all of. */
  readonly covered: readonly Covered[];
}

/** How a thread knows of the others, and they of it. */
export class ShareState {
  readonly #state: Int32Array;
  readonly #at: number;

  constructor(state: Int32Array, at: number) {
    this.#state = state;
    this.#at = at;
  }

  /** May this thread run its `schedule`th? Not where a failure comes before that. */
  mayRun(schedule: number): boolean {
    return schedule <= Atomics.load(this.#state, FIRST_FAILURE);
  }

  failed(schedule: number): void {
    const state = this.#state;
    for (let first = Atomics.load(state, FIRST_FAILURE); schedule < first; ) {
      const before = Atomics.compareExchange(state, FIRST_FAILURE, first, schedule);
      if (before === first) break;
      first = before;
    }
  }

  tell({ schedules, distinct }: Progress): void {
    Atomics.store(this.#state, COUNTS + 2 * this.#at, schedules);
    Atomics.store(this.#state, COUNTS + 2 * this.#at + 1, distinct);
  }

  /** There is something to read. */
  notify(): void {
    Atomics.add(this.#state, NEWS, 1);
    Atomics.notify(this.#state, NEWS);
  }
}

/**
 * Search in threads, and wait for them.
 *
 * @param settings - of the whole search
 * @param mostSchedules - all threads together
 * @param untilMs - on the clock of `performance`
 * @throws {Error} with a sentence when a thread cannot
 */
export function searchInThreads(
  settings: SearchSettings,
  workers: SimWorkers,
  mostSchedules: number,
  untilMs: number,
): SharesResult {
  const threads = new Threads(settings, workers, mostSchedules, untilMs);
  try {
    const results = threads.wait();
    return {
      found: firstFound(results),
      results,
      covered: coveredByAll(results.map(({ covered }) => covered)),
    };
  } finally {
    threads.end();
  }
}

class Threads {
  readonly #settings: SearchSettings;
  readonly #workers: SimWorkers;
  readonly #mostSchedules: number;
  readonly #state: Int32Array;
  readonly #threads: Worker[] = [];
  readonly #ports: MessagePort[] = [];
  readonly #results: (ShareResult | undefined)[] = [];
  readonly #startedMs = performance.now();
  readonly #untilMs: number;
  #begun = 0;
  #done = 0;

  constructor(settings: SearchSettings, workers: SimWorkers, mostSchedules: number, untilMs: number) {
    this.#settings = settings;
    this.#workers = workers;
    this.#mostSchedules = mostSchedules;
    this.#untilMs = untilMs;
    this.#state = new Int32Array(new SharedArrayBuffer(4 * (COUNTS + 2 * workers.count)));
    this.#state[FIRST_FAILURE] = NO_FAILURE;
    for (let at = 0; at < workers.count; at++) this.#start(at);
  }

  #start(at: number): void {
    const {
      invariants,
      faults,
      onProgress: _told,
      replayCommand: _line,
      workers: _own,
      name: _name,
      ...sent
    } = this.#settings;
    const { count } = this.#workers;
    const settings: SentSettings = {
      ...sent,
      seed: (sent.seed + at * 0x9e3779b9) % 2 ** 32,
      schedules: Math.min(Math.ceil(this.#mostSchedules / count), NO_FAILURE - 1),
      budgetMs: this.#untilMs - this.#startedMs,
      // The caller has looked at the plain run.
      determinism: sent.determinism === "each" ? "each" : "never",
    };
    const { port1, port2 } = new MessageChannel();
    const data: ShareData = {
      state: this.#state,
      port: port2,
      at,
      workers: this.#workers,
      settings,
      invariants: invariants.length,
      faults: faults.rules.length,
    };
    const built = import.meta.url.endsWith(".js");
    const thread = new Worker(new URL(`./search-worker.${built ? "js" : "ts"}`, import.meta.url), {
      name: `gyre sim ${at}`,
      workerData: data,
      transferList: [port2],
    });
    // What it says comes by its port; an error of the thread itself is told there, too.
    thread.on("error", () => {});
    thread.unref();
    this.#threads.push(thread);
    this.#ports.push(port1);
  }

  wait(): readonly ShareResult[] {
    const { count } = this.#workers;
    let toldMs = this.#startedMs;
    while (this.#done < count) {
      const news = Atomics.load(this.#state, NEWS);
      this.#read();
      if (this.#done === count) break;
      Atomics.wait(this.#state, NEWS, news, PROGRESS_MS);
      const nowMs = performance.now();
      if (this.#begun < count && nowMs - this.#startedMs > START_LIMIT_MS)
        throw new Error(
          `Cannot search in threads: ${this.#workers.module} is not loaded after ${START_LIMIT_MS / 1000} s`,
        );
      if (nowMs - toldMs < PROGRESS_MS) continue;
      toldMs = nowMs;
      if (this.#tell(nowMs) === false) this.stop();
    }
    return this.#results as ShareResult[];
  }

  /** Nobody runs another one. */
  stop(): void {
    Atomics.store(this.#state, FIRST_FAILURE, 0);
  }

  end(): void {
    this.stop();
    for (const port of this.#ports) port.close();
    for (const thread of this.#threads) void thread.terminate();
  }

  #read(): void {
    for (const [at, port] of this.#ports.entries()) {
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        const message = got.message as FromShare;
        if (message.kind === "problem") throw new Error(message.text);
        if (message.kind === "begun") this.#begun++;
        else {
          this.#results[at] = message.result;
          this.#done++;
        }
      }
    }
  }

  #tell(nowMs: number): unknown {
    let schedules = 0;
    let distinct = 0;
    const { count } = this.#workers;
    for (let at = 0; at < count; at++) {
      schedules += Atomics.load(this.#state, COUNTS + 2 * at);
      distinct = Math.max(distinct, Atomics.load(this.#state, COUNTS + 2 * at + 1));
    }
    const elapsedMs = nowMs - this.#startedMs;
    return this.#settings.onProgress?.({
      schedules,
      // At least: those of one thread; what others have besides is known at the end.
      distinct,
      perSecond: (schedules / elapsedMs) * 1000,
      trying: `${this.#settings.strategy} in ${count} threads`,
      share: Math.max(schedules / this.#mostSchedules, elapsedMs / (this.#untilMs - this.#startedMs)),
    });
  }
}

function firstFound(results: readonly ShareResult[]): ShareResult["found"] {
  let first: ShareResult["found"];
  for (const { found } of results)
    if (found !== undefined && (first === undefined || found.schedule < first.schedule)) first = found;
  return first;
}

/** Each thread has its part of what a strategy tries: all of it is tried when each part is. */
export function coveredByAll(shares: readonly (readonly Covered[])[]): readonly Covered[] {
  const [first = []] = shares;
  return first.map((_, at) => {
    const parts = shares.map((share) => share[at] as Covered);
    const open = parts.filter(({ isDone }) => !isDone);
    const deviations =
      open.length === 0
        ? Math.max(...parts.map((part) => part.deviations))
        : Math.min(...open.map((part) => part.deviations));
    return { isDone: open.length === 0, deviations };
  });
}
