/**
 * The stale cache as two drawings: what the old handler does with one photo, and what the mended one does.
 *
 * Both run as they are, on virtual time, over stores in memory of which two take their time. `npm run draw` shows it.
 */
import { Future, IOLoop } from "gyre";
import { SimPoller } from "gyre/sim";
import { draw, type Recording, record, type TraceEvent } from "gyre/trace";
import { makeApplication } from "./handlers/routes.ts";
import { formatFileAnswer, isUploadQuestion, stormSurvey, type UploadQuestion } from "./model/index.ts";
import type { ServiceLog } from "./service/log.ts";
import { SurveyService } from "./service/survey-service.ts";
import { makeTools } from "./service/tools.ts";
import type { ByteSource } from "./service/uploads.ts";
import { openMemoryStores } from "./stores/index.ts";

export interface Story {
  /** Of the handler that does not wait for its renames. */
  readonly legacy: string;
  /** Of the handler that does. */
  readonly mended: string;
}

/** How long a rename takes, and a write into the cache, in milliseconds. */
const renameMs = 20;
const cacheMs = 2;

/** Run both handlers, and draw what they did in `columns` columns at most. */
export function drawStory(columns: number): Story {
  return {
    legacy: draw(recordPost("LegacyAssessHandler.post", "/legacy/s/storm25"), { columns }),
    mended: draw(recordPost("AssessHandler.post", "/s/storm25"), { columns }),
  };
}

/** Send one photo to `path`, and keep what the coroutine `name` did. */
function recordPost(name: string, path: string): Recording {
  const loop = new IOLoop({ poller: new SimPoller() });
  // The orphans: they are what is drawn.
  loop.onReport(() => undefined);
  const service = makeService(loop, { ...loop.log, info: () => undefined });
  const application = makeApplication(service, { hasLegacy: true });
  const question = stormSurvey.questions.find(isUploadQuestion) as UploadQuestion;
  const file = { survey: stormSurvey, question, filename: "roof.png" };
  const photo = loop.runSync(() => service.uploads.receive(file, bytesOf("a photo")));
  const answers = { Q1: "12 Mill Lane", Q2: ["roof"], Q3: "soon", [question.cid]: formatFileAnswer(photo) };
  const headers = { Accept: "application/json" };
  const recorder = record({ loop });
  try {
    loop.runSync(() => application.request({ method: "POST", path, headers, json: { answers } }));
    // Until what goes on behind the answer is over too.
    loop.start();
    return whatWaits(recorder.recording(), name);
  } finally {
    recorder.stop();
  }
}

function makeService(loop: IOLoop, log: ServiceLog): SurveyService {
  const stores = openMemoryStores({
    latencyMs: (operation, key) =>
      operation === "objects.rename" ? renameMs : key.startsWith("assess_total_answer:") ? cacheMs : 0,
  });
  let number = 0;
  return new SurveyService({
    tools: {
      ...makeTools(stores, log),
      now: () => loop.time(),
      randomNumber: () => 482_913,
      randomHex: (bytes) => (++number).toString(16).padStart(2 * bytes, "0"),
    },
  });
}

function bytesOf(text: string): ByteSource {
  const pieces = [Buffer.from(text)];
  return {
    read() {
      const piece = new Future<Uint8Array | undefined>();
      piece.setResult(pieces.shift());
      return piece;
    },
  };
}

/** It only renews the lease of the form, and nobody waits for it. */
const beside = "keepFormOpen";

/**
 * Of `recording`, the coroutine `name` and those below it that wait at all, counted from 1.
 *
 * A call that returns at once is left out: it can be no reason for anything to come too early or too late.
 */
function whatWaits(recording: Recording, name: string): Recording {
  const waiting = new Set(recording.events.flatMap(({ kind, id }) => (kind === "wait" ? [id] : [])));
  const numbers = new Map<number, number>();
  const works = recording.works.flatMap((work) => {
    const ownerId = numbers.get(work.ownerId ?? 0);
    if (!waiting.has(work.id) || work.name === beside || (ownerId === undefined && work.name !== name))
      return [];
    const id = numbers.size + 1;
    numbers.set(work.id, id);
    return [{ ...work, id, ownerId }];
  });
  const events = recording.events.flatMap((event): TraceEvent[] => {
    const id = numbers.get(event.id ?? 0);
    if (id === undefined) return [];
    if (event.kind === "wait" && String(event.on).includes(beside)) return [];
    if (event.kind === "wait") return [{ ...event, id, on: renumbered(event.on, numbers) }];
    return [event.kind === "wake" ? { ...event, id, by: numbers.get(event.by ?? 0) } : { ...event, id }];
  });
  return { ...recording, works, events };
}

/** What is waited for, by the new numbers of coroutines. */
function renumbered(on: number | string, numbers: ReadonlyMap<number, number>): number | string {
  if (typeof on === "number") return numbers.get(on) ?? "a call";
  return on.replace(/ #(\d+)/g, (_, id: string) => {
    const number = numbers.get(Number(id));
    return number === undefined ? "" : ` #${number}`;
  });
}
