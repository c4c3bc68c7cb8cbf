/**
 * The whole service in a simulation: real handlers and services over simulated stores, without a socket.
 *
 * What is there before a run, and what is looked at behind it, goes by stores that answer at once, over the same tables.
 */
import assert from "node:assert/strict";
import { type CoroutineGenerator, Future } from "gyre";
import type { Sim } from "gyre/sim";
import type { Application, MemoryRequest, MemoryResponse } from "gyre/web";
import { makeApplication } from "../../src/handlers/routes.ts";
import {
  formatFileAnswer,
  getQuestionByCid,
  stormSurvey,
  type UploadQuestion,
} from "../../src/model/index.ts";
import type { ServiceLog } from "../../src/service/log.ts";
import { SurveyService } from "../../src/service/survey-service.ts";
import { makeTools, type Tools } from "../../src/service/tools.ts";
import type { ByteSource } from "../../src/service/uploads.ts";
import { openTables, type StoreIO, type Stores } from "../../src/stores/index.ts";
import { type SubmitAnswer, stormAnswers, submitRequest } from "../handlers/world.ts";
import { SimulatedDisk } from "./disk.ts";
import { openSimulatedStores, type SimulatedStoresOptions } from "./stores.ts";

/** The stores answer at some time within these; a lease lasts six times as long. */
export const answerLimitMs = 5_000;
const startMs = Date.UTC(2025, 10, 23, 6);

/** One process that serves. */
export interface Process {
  readonly tools: Tools;
  readonly service: SurveyService;
  readonly app: Application;
}

export class SimulatedSurvey {
  readonly sim: Sim;
  readonly disk: SimulatedDisk;
  /** What was logged as a warning or an error. */
  readonly logged: string[] = [];
  /** The files that were sent and taken, by their content. */
  readonly accepted: string[] = [];
  /** Answers at once. */
  readonly #instant: SurveyService;
  #number = 0;

  constructor(sim: Sim, disk: SimulatedDisk = new SimulatedDisk()) {
    this.sim = sim;
    this.disk = disk;
    this.#instant = this.#makeService(openTables(this.#instantIO(), disk.tables));
  }

  /** What the clock of the service shows. */
  nowMs(): number {
    return startMs + this.sim.time();
  }

  /** A process over simulated stores. */
  start(options: Omit<SimulatedStoresOptions, "startMs"> = {}): Process {
    const latency = { minMs: 1, maxMs: answerLimitMs };
    const stores = openSimulatedStores(this.sim, this.disk, { latency, ...options, startMs });
    const service = this.#makeService(stores);
    return { tools: service.tools, service, app: makeApplication(service, { hasLegacy: true }) };
  }

  /** Upload a file, at once. @returns `key|filename` */
  *upload(cid: string, filename: string): CoroutineGenerator<string> {
    const question = getQuestionByCid(stormSurvey, cid) as UploadQuestion;
    const content = `bytes of ${filename}`;
    const file = { survey: stormSurvey, question, filename };
    const stored = yield* this.#instant.uploads.receive(file, sourceOf(content));
    this.accepted.push(content);
    return formatFileAnswer(stored);
  }

  /** Upload several files, one after the other. @returns `key|filename` of each, by the question */
  *uploadAll(
    files: readonly (readonly [cid: string, filename: string])[],
  ): CoroutineGenerator<Record<string, string[]>> {
    const sent: Record<string, string[]> = {};
    for (const [cid, filename] of files) {
      sent[cid] = [...(sent[cid] ?? []), yield* this.upload(cid, filename)];
    }
    return sent;
  }

  #makeService(stores: Stores): SurveyService {
    const log: ServiceLog = {
      info: () => undefined,
      warn: (message) => this.logged.push(`warn ${message}`),
      error: (message, error) =>
        this.logged.push(`error ${message}${error === undefined ? "" : `: ${String(error)}`}`),
    };
    const tools: Tools = {
      ...makeTools(stores, log),
      now: () => this.nowMs(),
      randomNumber: () => 100_000 + this.#number++,
      randomHex: (bytes) => (this.#number++).toString(16).padStart(2 * bytes, "0"),
      mediaTypeOf: () => settledWith("image/png"),
    };
    return new SurveyService({ tools });
  }

  #instantIO(): StoreIO {
    return {
      perform: (_operation, _key, action) => {
        try {
          const result = this.disk.write(action);
          this.disk.sync();
          return settledWith(result);
        } catch (error) {
          const failed = new Future<never>();
          failed.setError(error);
          return failed;
        }
      },
      nowMs: () => this.nowMs(),
    };
  }
}

function settledWith<T>(value: T): Future<T> {
  const future = new Future<T>();
  future.setResult(value);
  return future;
}

/** `content` in one piece. */
export function sourceOf(content: string): ByteSource {
  const pieces = [Buffer.from(content)];
  return { read: () => settledWith<Uint8Array | undefined>(pieces.shift()) };
}

/** A filled-in form of the storm survey with these files, sent as the form `token`. */
export function formOf(
  files: Readonly<Record<string, string | readonly string[]>>,
  token?: string,
  path?: string,
): MemoryRequest {
  const answers = stormAnswers(files as Record<string, string | string[]>);
  return submitRequest(answers, path, token === undefined ? {} : { idempotencyKey: token });
}

/** The respondent that a submission was answered with; it must have been taken. */
export function respondentOf(response: MemoryResponse): SubmitAnswer["respondent"] {
  assert.ok(response.status === 201 || response.status === 200, `${response.status} ${response.text()}`);
  return (response.json() as SubmitAnswer).respondent;
}
