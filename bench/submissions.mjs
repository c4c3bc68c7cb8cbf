// @ts-check
/**
 * Two hundred people send three files each at the same time: is everything right, and does memory come back?
 *
 * Starts the survey service on a folder of its own, in this process, so that its heap can be read. Every submission
 * uploads a PNG, an MP4 and a PDF over HTTP and then submits them. After each round it checks that each cached total
 * answer is the stored one, each file has its new name once, and each image and video is queued once. Exits with 1
 * when anything is wrong, or when the heap of later rounds has grown over that of the earlier ones.
 *
 * Use: `node bench/submissions.mjs [ROUNDS]`, 6 if absent. What would invalidate its answer: the client's own memory
 * is in the figures too; it keeps nothing from round to round but counters and the ids that it still has to check.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { builds, ensureBuilt } from "../tools/setup.mjs";

const atOnce = 200;
const rounds = Number(process.argv[2] ?? 6);
/** The heap may differ by so much between two rounds without any leak. */
const toleranceBytes = 1_000_000;

await ensureBuilt(builds.gyre, builds.survey);
const { startService } = await import("../apps/survey/dist/running-service.js");

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collectGarbage = runInNewContext("gc");

/** @type {string[]} what the service logged besides requests, and what the checks found */
const problems = [];
const log = {
  info: () => {},
  warn: (/** @type {string} */ message) => problems.push(`warn: ${message}`),
  error: (/** @type {string} */ message, /** @type {unknown} */ error) =>
    problems.push(`error: ${message}: ${error}`),
};

let agent = new Agent({ keepAlive: true, maxSockets: 64 });
const folder = await mkdtemp(join(tmpdir(), "gyre-submissions-"));
const service = await startService(
  { host: "127.0.0.1", port: 0, folder, hasLegacy: false, hasWorker: true, maxFileBytes: 1_000_000 },
  log,
);

/**
 * @param {string} method
 * @param {string} path
 * @param {{ type?: string, body?: Buffer }} [options]
 * @returns {Promise<any>} the JSON of the answer
 */
function call(method, path, { type, body } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { Accept: "application/json", ...(type === undefined ? {} : { "Content-Type": type }) };
    const sending = request(`${service.url}${path}`, { method, agent, headers }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const isGood = (response.statusCode ?? 0) < 300;
        if (isGood) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path} gave ${response.statusCode}: ${text}`));
      });
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

const bytes = {
  Q4: { name: "roof.png", head: Buffer.from("89504e470d0a1a0a0000000d49484452", "hex") },
  Q5: { name: "clip.mp4", head: Buffer.from("000000186674797069736f6d0000020069736f6d6d703431", "hex") },
  Q6: { name: "letter.pdf", head: Buffer.from("%PDF-1.4\n") },
};

/** @param {"Q4" | "Q5" | "Q6"} cid @returns {Promise<string>} `key|filename` */
async function upload(cid) {
  const { name, head } = bytes[cid];
  const top = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(top), head, Buffer.alloc(20_000), Buffer.from("\r\n--b--\r\n")]);
  const path = `/api/uploads?survey=storm25&question=${cid}`;
  return (await call("POST", path, { type: "multipart/form-data; boundary=b", body })).answer;
}

/** One person. @returns {Promise<string>} the id of the respondent */
async function submit() {
  const [Q4, Q5, Q6] = await Promise.all([upload("Q4"), upload("Q5"), upload("Q6")]);
  const answers = { Q1: "12 Mill Lane", Q2: ["roof"], Q3: "soon", Q4, Q5, Q6 };
  const body = Buffer.from(JSON.stringify({ answers }));
  const { respondent } = await call("POST", "/s/storm25", { type: "application/json", body });
  return respondent.oid;
}

/** @param {string} oid @returns {Promise<string[]>} the entries that have to be in the queue, once each */
async function check(oid) {
  const [{ respondent }, cached] = await Promise.all([
    call("GET", `/api/respondents/${oid}`),
    call("GET", `/api/cache/assess_total_answer/${oid}`),
  ]);
  if (JSON.stringify(cached.totalAnswer) !== JSON.stringify(respondent.answer))
    problems.push(`${oid}: stale cache`);
  const names = respondent.files.map((/** @type {{ key: string }} */ { key }) => key.replace(/\d{6}/, "N"));
  const wanted = Object.entries(bytes).map(
    ([cid, { name }]) => `${respondent.seq}-${cid}-${name.replace(".", "-N.")}`,
  );
  if (names.join() !== wanted.join()) problems.push(`${oid}: files ${names.join()}, wanted ${wanted.join()}`);
  return respondent.files.slice(0, 2).map((/** @type {{ key: string }} */ { key }) => `${oid} ${key}`);
}

/** All that is in the stores, counted from inside. @param {number} submissions @param {string[]} queued of this round */
async function checkStores(submissions, queued) {
  const { stores } = service.service.tools;
  let files = 0;
  for (let after; ; ) {
    /** @type {{ key: string }[]} */
    const page = await stores.objects.list("", { limit: 10_000, ...(after === undefined ? {} : { after }) });
    files += page.length;
    if (page.some(({ key }) => key.startsWith("uploads/"))) problems.push("an upload was not renamed");
    if (page.length < 10_000) break;
    after = page.at(-1)?.key;
  }
  if (files !== 3 * submissions) problems.push(`${files} files, wanted ${3 * submissions}`);
  const { length, entries } = await call("GET", "/api/queue/upload_file_check_task_queue");
  if (length !== 2 * submissions) problems.push(`${length} entries in the queue, wanted ${2 * submissions}`);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const entry of entries) {
    const [, , oid, answer] = entry.split("||");
    const name = `${oid} ${answer.split("|")[0]}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const name of queued)
    if (counts.get(name) !== 1) problems.push(`${name} is queued ${counts.get(name) ?? 0} times`);
}

/** Heap in use once the worker has nothing left to do, connections are closed, and garbage is gone. */
async function heapBytes() {
  while ((await service.service.tools.stores.queue.length("file_check_queue")) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  agent.destroy();
  agent = new Agent({ keepAlive: true, maxSockets: 64 });
  for (let pass = 0; pass < 5; pass++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}

/** @type {(bytes: number) => string} */
const megabytes = (value) => `${(value / 1_000_000).toFixed(2)} MB`;

/** @type {number[]} heap after each round */
const heaps = [];
try {
  console.log(`heap before: ${megabytes(await heapBytes())}`);
  for (let round = 1; round <= rounds; round++) {
    const startMs = performance.now();
    const oids = await Promise.all(Array.from({ length: atOnce }, submit));
    const tookMs = performance.now() - startMs;
    const queued = (await Promise.all(oids.map(check))).flat();
    await checkStores(round * atOnce, queued);
    heaps.push(await heapBytes());
    const rate = Math.round((atOnce / tookMs) * 1000);
    console.log(
      `round ${round}: ${atOnce} submissions in ${Math.round(tookMs)} ms, ${rate} a second; heap ${megabytes(/** @type {number} */ (heaps.at(-1)))}`,
    );
    if (problems.length > 0) break;
  }
  // The first round warms up: code is compiled, connections are opened.
  const [, second = 0] = heaps;
  const grown = /** @type {number} */ (heaps.at(-1)) - second;
  if (heaps.length > 2 && grown > toleranceBytes)
    problems.push(`the heap has grown by ${megabytes(grown)} since round 2`);
} finally {
  agent.destroy();
  await service.stop();
  await rm(folder, { recursive: true, force: true });
}
for (const problem of problems.slice(0, 20)) console.error(problem);
console.log(
  problems.length === 0 ? "all fresh, all renamed once, all queued once" : `${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
