/** A program that talks to the service over HTTP. */
import assert from "node:assert/strict";
import { makeMp4, makePdf, makePng } from "../sample-files.ts";

export interface SubmittedFile {
  readonly question: string;
  readonly filename: string;
  readonly key: string;
  readonly url: string;
}

export interface SubmittedRespondent {
  readonly oid: string;
  readonly seq: number;
  readonly answer: Record<string, Record<string, string>>;
  readonly files: readonly SubmittedFile[];
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  const body = await response.text();
  assert.equal(response.status, 200, body);
  return JSON.parse(body) as T;
}

/** Upload one file; gives its `key|filename`. */
export async function upload(base: string, cid: string, filename: string, bytes: Buffer): Promise<string> {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(bytes)]), filename);
  const response = await fetch(`${base}/api/uploads?survey=storm25&question=${cid}`, {
    method: "POST",
    body: form,
  });
  const body = await response.text();
  assert.equal(response.status, 201, body);
  return (JSON.parse(body) as { answer: string }).answer;
}

/** Upload a PNG, an MP4 and a PDF, and submit them. */
export async function submitThree(base: string, path = "/s/storm25"): Promise<SubmittedRespondent> {
  const Q4 = await upload(base, "Q4", "roof.png", makePng());
  const Q5 = await upload(base, "Q5", "clip.mp4", makeMp4());
  const Q6 = await upload(base, "Q6", "letter.pdf", makePdf());
  return await submit(base, path, { Q4, Q5, Q6 });
}

/** Upload a PNG, and submit it. */
export async function submitPhoto(base: string, path: string): Promise<SubmittedRespondent> {
  return await submit(base, path, { Q4: await upload(base, "Q4", "roof.png", makePng()) });
}

async function submit(
  base: string,
  path: string,
  files: Record<string, string>,
): Promise<SubmittedRespondent> {
  const response = await fetch(`${base}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ answers: { Q1: "12 Mill Lane", Q2: ["roof"], Q3: "soon", ...files } }),
  });
  const body = await response.text();
  assert.equal(response.status, 201, body);
  return (JSON.parse(body) as { respondent: SubmittedRespondent }).respondent;
}

/** Check that all of `respondent` can be read back: answers, cache, queue, and the files byte by byte. */
export async function checkReadBack(base: string, respondent: SubmittedRespondent): Promise<void> {
  const { oid, answer, files } = respondent;
  const stored = await getJson<{ respondent: SubmittedRespondent }>(`${base}/api/respondents/${oid}`);
  assert.deepEqual(stored.respondent.answer, answer);
  const cached = await getJson<{ totalAnswer: unknown; ttlMs: number }>(
    `${base}/api/cache/assess_total_answer/${oid}`,
  );
  assert.deepEqual(cached.totalAnswer, answer);
  assert.ok(cached.ttlMs > 0 && cached.ttlMs <= 7_200_000);
  const { entries } = await getJson<{ entries: string[] }>(`${base}/api/queue/upload_file_check_task_queue`);
  const own = entries.filter((entry) => entry.split("||")[2] === oid);
  assert.deepEqual(
    own.map((entry) => entry.split("||")[3]).sort(),
    files
      .filter(({ question }) => question !== "Q6")
      .map(({ key, filename }) => `${key}|${filename}`)
      .sort(),
  );
  const sent: Record<string, Buffer> = { Q4: makePng(), Q5: makeMp4(), Q6: makePdf() };
  assert.deepEqual(
    files.map(({ question }) => question),
    ["Q4", "Q5", "Q6"],
  );
  for (const { url, question, key } of files) {
    assert.match(
      key,
      new RegExp(`^${respondent.seq}-${question}-(roof|clip|letter)-\\d{6}\\.(png|mp4|pdf)$`),
    );
    const response = await fetch(`${base}${url}`);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), sent[question]);
  }
}
