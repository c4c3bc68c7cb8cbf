/** The whole service on virtual time, over stores in memory, without a socket. */
import assert from "node:assert/strict";
import { type CoroutineGenerator, IOLoop, type Report, recordSites } from "gyre";
import { SimPoller } from "gyre/sim";
import type { Application, MemoryRequest, MemoryResponse } from "gyre/web";
import { makeApplication } from "../../src/handlers/routes.ts";
import { stormSurvey } from "../../src/model/index.ts";
import type { ServiceLog } from "../../src/service/log.ts";
import { SurveyService } from "../../src/service/survey-service.ts";
import { makeTools } from "../../src/service/tools.ts";
import { type MemoryStores, openMemoryStores, type SimulatedIOOptions } from "../../src/stores/index.ts";
import { encodeParts, type PartToSend } from "./multipart.ts";

export interface WorldOptions extends SimulatedIOOptions {
  readonly maxFileBytes?: number;
  /** Are orphans and lost errors wanted? Without it they fail the test. */
  readonly hasReports?: boolean;
}

/** What the service looks like from outside, and a bit from inside. */
export interface World {
  readonly app: Application;
  readonly service: SurveyService;
  readonly stores: MemoryStores;
  /** Reports of the loop, such as orphans. */
  readonly reports: Report[];
  /** Errors and warnings that were logged; a test that wants none says so by `quiet`. */
  readonly logged: string[];
  request(request: MemoryRequest): CoroutineGenerator<MemoryResponse>;
  getJson(path: string): CoroutineGenerator<unknown>;
  /** Upload one file; gives its `key|filename`. */
  upload(cid: string, filename: string, bytes?: Uint8Array | string): CoroutineGenerator<string>;
}

/** Run `body` on a simulated loop with a service of its own, to the end of everything that it started. */
export function runWorld(
  options: WorldOptions,
  body: (world: World) => CoroutineGenerator<void>,
): Pick<World, "reports" | "logged" | "stores"> {
  const { maxFileBytes, hasReports = false, ...io } = options;
  const loop = new IOLoop({ poller: new SimPoller(Date.UTC(2025, 10, 23, 6)) });
  const reports: Report[] = [];
  const logged: string[] = [];
  loop.onReport((report) => reports.push(report));
  const log: ServiceLog = {
    info: () => undefined,
    warn: (message) => logged.push(`warn ${message}`),
    error: (message, error) =>
      logged.push(`error ${message}${error === undefined ? "" : `: ${String(error)}`}`),
  };
  loop.log = log;
  const stores = openMemoryStores(io);
  const before = recordSites(true);
  try {
    loop.runSync(() => runBody(body, { loop, stores, reports, logged, log, maxFileBytes }));
    // What was started and not waited for comes to its end here.
    loop.start();
  } finally {
    recordSites(before);
  }
  // A store that stalls for ever leaves its caller waiting for ever: that is told as a deadlock, and is right.
  const unwanted = reports.filter(({ kind }) => kind !== "deadlock");
  if (!hasReports)
    assert.deepEqual(
      unwanted.map(({ text }) => text),
      [],
    );
  return { reports, logged, stores };
}

interface Parts extends Pick<World, "stores" | "reports" | "logged"> {
  readonly loop: IOLoop;
  readonly log: ServiceLog;
  readonly maxFileBytes: number | undefined;
}

function* runBody(
  body: (world: World) => CoroutineGenerator<void>,
  { loop, stores, reports, logged, log, maxFileBytes }: Parts,
): CoroutineGenerator<void> {
  let number = 0;
  const tools = {
    ...makeTools(stores, log),
    now: () => loop.time(),
    randomNumber: () => 100_000 + (number++ % 900_000),
    randomHex: (bytes: number) => (number++).toString(16).padStart(bytes * 2, "0"),
  };
  const service = new SurveyService({ tools, ...(maxFileBytes === undefined ? {} : { maxFileBytes }) });
  const app = makeApplication(service, { hasLegacy: true });
  const world: World = {
    app,
    service,
    stores,
    reports,
    logged,
    *request(request) {
      return yield* app.request(request);
    },
    *getJson(path) {
      const response = yield* app.request({ path, headers: { Accept: "application/json" } });
      assert.equal(response.status, 200, response.text());
      return response.json();
    },
    *upload(cid, filename, bytes = `bytes of ${filename}`) {
      const response = yield* app.request(uploadRequest(cid, [{ name: "file", filename, body: bytes }]));
      assert.equal(response.status, 201, response.text());
      return (response.json() as { answer: string }).answer;
    },
  };
  yield* body(world);
}

/** The request that uploads `parts` for a question of the storm survey. */
export function uploadRequest(cid: string, parts: readonly PartToSend[]): MemoryRequest {
  const { type, body } = encodeParts(parts);
  return {
    method: "POST",
    path: `/api/uploads?survey=${stormSurvey.id}&question=${cid}`,
    headers: { "Content-Type": type, Accept: "application/json" },
    body,
  };
}

/** Answers to the questions of the storm survey that want one, and whatever else is given. */
export function stormAnswers(
  more: Record<string, string | string[]> = {},
): Record<string, string | string[]> {
  return { Q1: "12 Mill Lane", Q2: ["roof", "tree"], Q3: "soon", ...more };
}

/** The request that submits `answers` as JSON. */
export function submitRequest(
  answers: Record<string, string | string[]>,
  path = `/s/${stormSurvey.shortId}`,
  more: Record<string, unknown> = {},
): MemoryRequest {
  return { method: "POST", path, headers: { Accept: "application/json" }, json: { answers, ...more } };
}

/** What a submission is answered with. */
export interface SubmitAnswer {
  readonly respondent: {
    readonly oid: string;
    readonly seq: number;
    readonly answer: Record<string, Record<string, string>>;
    readonly files: readonly { readonly question: string; readonly key: string; readonly failure?: string }[];
  };
}

/** Upload a PNG, an MP4 and a PDF, and submit them with further answers. */
export function* submitThree(world: World, path?: string): CoroutineGenerator<SubmitAnswer> {
  const Q4 = yield* world.upload("Q4", "roof.png");
  const Q5 = yield* world.upload("Q5", "clip.mp4");
  const Q6 = yield* world.upload("Q6", "letter.pdf");
  const response = yield* world.request(submitRequest(stormAnswers({ Q4, Q5, Q6 }), path));
  assert.equal(response.status, 201, response.text());
  return response.json() as SubmitAnswer;
}

/** What is cached for `rid` now. */
export function* cachedAnswer(
  world: World,
  rid: string,
): CoroutineGenerator<{ totalAnswer: Record<string, Record<string, string>>; ttlMs: number }> {
  const path = `/api/cache/assess_total_answer/${rid}`;
  return (yield* world.getJson(path)) as {
    totalAnswer: Record<string, Record<string, string>>;
    ttlMs: number;
  };
}

/** The respondent as stored now. */
export function* storedRespondent(world: World, oid: string): CoroutineGenerator<SubmitAnswer["respondent"]> {
  return ((yield* world.getJson(`/api/respondents/${oid}`)) as SubmitAnswer).respondent;
}

/** The entries of the queue for people. */
export function* queueEntries(world: World): CoroutineGenerator<string[]> {
  return ((yield* world.getJson("/api/queue/upload_file_check_task_queue")) as { entries: string[] }).entries;
}
