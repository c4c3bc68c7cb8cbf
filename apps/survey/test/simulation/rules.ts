/** What has to hold of the service's data, read from the tables at once: after each step, or at the end. */
import assert from "node:assert/strict";
import {
  isUploadQuestion,
  parseReviewTask,
  type Respondent,
  type SubmittedFile,
  stormSurvey,
  submittedFiles,
  type TotalAnswer,
} from "../../src/model/index.ts";
import { fileCheckQueue, keys, uploadFileCheckTaskQueue } from "../../src/service/store-keys.ts";
import type { SimulatedSurvey } from "./world.ts";

const respondentPrefix = keys.respondents(stormSurvey.id);
const finishedPrefix = keys.finishedOnes(stormSurvey.id);

/** What was read of one world, as long as nothing in it changes. */
interface Known {
  version: number;
  respondents: readonly KnownRespondent[];
  /** By their texts: most stay what they are. */
  readonly read: Map<string, KnownRespondent>;
}

interface KnownRespondent extends Respondent {
  readonly files: readonly SubmittedFile[];
}

const known = new WeakMap<SimulatedSurvey, Known>();

/** All respondents, by their numbers. */
export function respondentsIn(survey: SimulatedSurvey): readonly KnownRespondent[] {
  const { version, tables } = survey.disk;
  let before = known.get(survey);
  if (before === undefined) {
    before = { version: -1, respondents: [], read: new Map() };
    known.set(survey, before);
  }
  if (before.version === version) return before.respondents;
  const respondents: KnownRespondent[] = [];
  for (const [key, { value }] of tables.items) {
    if (!key.startsWith(respondentPrefix)) continue;
    const respondent = before.read.get(value) ?? read(value);
    before.read.set(value, respondent);
    respondents.push(respondent);
  }
  before.version = version;
  before.respondents = respondents.sort((left, right) => left.seq - right.seq);
  return before.respondents;
}

function read(text: string): KnownRespondent {
  const respondent = JSON.parse(text) as Respondent;
  return { ...respondent, files: submittedFiles(stormSurvey, respondent) };
}

function textIn({ disk }: SimulatedSurvey, key: string): string | undefined {
  return disk.tables.items.get(key)?.value;
}

function tasksIn({ disk }: SimulatedSurvey, queue: string): string[] {
  return disk.tables.queues.get(queue)?.items.map(({ task }) => task) ?? [];
}

/** The entries of the queue for people, oldest first. */
export function tasksForReview(survey: SimulatedSurvey): readonly string[] {
  return tasksIn(survey, uploadFileCheckTaskQueue);
}

function cachedIn(survey: SimulatedSurvey, oid: string): string | undefined {
  return textIn(survey, keys.totalAnswer(oid));
}

/** The names of the files in an answer, for messages of one line. */
function filesIn(answer: TotalAnswer): string {
  const lists = stormSurvey.questions
    .filter(isUploadQuestion)
    .map(({ oid }) => Object.values(answer[oid] ?? {}));
  return lists.flat().join(" ") || "no files";
}

/** What is cached is what is stored. */
export function isCacheCurrent(survey: SimulatedSurvey): void {
  for (const { oid, answer } of respondentsIn(survey)) {
    const cached = cachedIn(survey, oid);
    if (cached === undefined || cached === JSON.stringify(answer)) continue;
    const files = filesIn(JSON.parse(cached) as TotalAnswer);
    throw new Error(`the cache has ${files}, and what is stored is ${filesIn(answer)}`);
  }
}

/** Each file that was taken is there, once. */
export function areUploadsKept({ disk, accepted }: SimulatedSurvey): void {
  const contents = [...disk.tables.objects.values()].map(({ bytes }) => bytes.toString());
  for (const content of accepted) {
    assert.equal(contents.filter((each) => each === content).length, 1, `"${content}" is not there once`);
  }
}

/** Each file of a finished answer lies where the answer says, under its final name unless something is said of it. */
export function areAnswersWhole(survey: SimulatedSurvey): void {
  for (const respondent of respondentsIn(survey)) {
    if (respondent.finishedAtMs === undefined) continue;
    for (const { key, failure } of respondent.files) {
      assert.ok(
        survey.disk.tables.objects.has(key),
        `answer ${respondent.seq} has ${key}, which is not there`,
      );
      if (failure === undefined) {
        assert.match(key, new RegExp(`^${respondent.seq}-Q\\d-`), `answer ${respondent.seq} has an old name`);
      }
    }
  }
}

/** No file is in a queue twice, and none belongs to two answers. */
export function isNothingDoubled(survey: SimulatedSurvey): void {
  for (const queue of [uploadFileCheckTaskQueue, fileCheckQueue]) {
    const tasks = tasksIn(survey, queue);
    assert.equal(new Set(tasks).size, tasks.length, `${queue} has a task twice: ${tasks.join(" ")}`);
  }
  const files = respondentsIn(survey).flatMap((each) => each.files);
  assert.equal(new Set(files.map(({ key }) => key)).size, files.length, "two answers have the same file");
}

/** Who has finished is counted, and nobody else but one who is just about to. */
export function isCountRight(survey: SimulatedSurvey): void {
  const respondents = respondentsIn(survey);
  const marks = [...survey.disk.tables.items.keys()].filter((key) => key.startsWith(finishedPrefix));
  const isCounted = (seq: number): boolean =>
    survey.disk.tables.items.has(keys.finished(stormSurvey.id, seq));
  for (const { seq, finishedAtMs } of respondents) {
    assert.ok(finishedAtMs === undefined || isCounted(seq), `${seq} has finished, and is not counted`);
  }
  assert.ok(marks.length <= respondents.length, `${marks.length} are counted of ${respondents.length}`);
  assert.equal(
    new Set(respondents.map(({ oid }) => oid)).size,
    respondents.length,
    "one respondent is there twice",
  );
}

/** After each step. */
export function keepRules(survey: SimulatedSurvey): void {
  const { sim } = survey;
  const rules = [isCacheCurrent, areUploadsKept, areAnswersWhole, isNothingDoubled, isCountRight];
  for (const rule of rules) {
    let checked = -1;
    sim.invariant(rule.name, () => {
      if (checked !== survey.disk.version) rule(survey);
      checked = survey.disk.version;
      return true;
    });
  }
}

export interface EndRules {
  /** How many have finished. */
  readonly finished: number;
  /** Has something gone wrong on purpose? Then a file may have failed, if that is said, and something may be left. */
  readonly hasFaults?: boolean;
}

/** At the end, when all that was begun is over. */
export function checkEnd(survey: SimulatedSurvey, { finished, hasFaults = false }: EndRules): void {
  const done = respondentsIn(survey).filter(({ finishedAtMs }) => finishedAtMs !== undefined);
  assert.equal(done.length, finished, `${done.length} have finished`);
  const marks = [...survey.disk.tables.items.keys()].filter((key) => key.startsWith(finishedPrefix));
  assert.equal(marks.length, finished, `${marks.length} are counted`);
  for (const respondent of done) checkRespondent(survey, respondent, hasFaults);
  if (hasFaults) return;
  const nowMs = survey.nowMs();
  const left = [...survey.disk.tables.items].flatMap(([key, { expiresAtMs = Number.POSITIVE_INFINITY }]) =>
    expiresAtMs > nowMs && /^(upload|upload_claim|upload_destination|submission_lease|unfinished):/.test(key)
      ? [key]
      : [],
  );
  assert.deepEqual(left, [], "something is left");
}

function checkRespondent(survey: SimulatedSurvey, respondent: KnownRespondent, hasFaults: boolean): void {
  const { oid, answer } = respondent;
  const cached = cachedIn(survey, oid);
  if (cached !== undefined || !hasFaults) assert.equal(cached, JSON.stringify(answer), "what is cached");
  const waiting = (queue: string): string[] =>
    tasksIn(survey, queue)
      .map(parseReviewTask)
      .filter((task) => task.respondentOid === oid)
      .map(({ file }) => file.key);
  for (const { key, question, failure } of respondent.files) {
    if (!hasFaults) assert.equal(failure, undefined);
    if (failure !== undefined || question.cid === "Q6") continue;
    const isDecided = textIn(survey, keys.decision(key)) !== undefined;
    const isChecked = textIn(survey, keys.fileCheck(key)) !== undefined;
    const count = (queue: string): number => waiting(queue).filter((each) => each === key).length;
    assert.equal(count(uploadFileCheckTaskQueue), isDecided ? 0 : 1, `${key} is not in review once`);
    assert.equal(count(fileCheckQueue) + (isChecked ? 1 : 0), 1, `${key} is not checked once`);
  }
}
