/**
 * Files between upload and submission.
 *
 * A file lies under `uploads/SURVEY/CID/RANDOM`, and a record beside it says for
 * which question it came and what its owner calls it. A submission may use it
 * only with that record, and only one submission can: it claims the file first.
 *
 * The record is written before the file: what a crash leaves is a record
 * without a file, which the sweep finds, and never a file that nobody knows of.
 */
import { all, type Coroutine, type CoroutineGenerator, coroutine, type Future } from "gyre";
import {
  acceptsFile,
  type FileAnswer,
  fileNameProblem,
  type Respondent,
  type Survey,
  type UploadQuestion,
} from "../model/index.ts";
import type { KeyValueEntry, ObjectWriter } from "../stores/index.ts";
import { acquire } from "./acquire.ts";
import { contentTypeOf } from "./content-type.ts";
import { RefusedError } from "./refused-error.ts";
import type { Respondents } from "./respondents.ts";
import { keys, uploadClaimPrefix, uploadRecordPrefix, uploadsPrefix } from "./store-keys.ts";
import type { Tools } from "./tools.ts";

/** What is remembered of an upload. */
interface UploadRecord {
  readonly surveyId: string;
  readonly cid: string;
  readonly filename: string;
  readonly startedAtMs: number;
}

/** Where the bytes of a file come from. */
export interface ByteSource {
  /** The next piece, or `undefined` after the last. */
  read(): Future<Uint8Array | undefined>;
}

/** A file that is about to come. */
export interface ComingFile {
  readonly survey: Survey;
  readonly question: UploadQuestion;
  readonly filename: string;
}

export interface StoredUpload extends FileAnswer {
  readonly sizeBytes: number;
}

/** What keeps a file from being submitted, as a sentence for its owner; `undefined`: nothing does. */
type ClaimProblem = string | undefined;

const sweepPageSize = 500;
/** Whose a file is that the sweep removes; no object id. */
const sweepClaim = "sweep";

export class Uploads {
  readonly #tools: Tools;
  readonly #respondents: Respondents;
  /** Largest file, in bytes. */
  readonly maxFileBytes: number;

  constructor(tools: Tools, parts: { readonly respondents: Respondents; readonly maxFileBytes: number }) {
    this.#tools = tools;
    this.#respondents = parts.respondents;
    this.maxFileBytes = parts.maxFileBytes;
  }

  /**
   * Store what `source` gives, piece by piece, as a file for one question.
   *
   * When it fails, or is cancelled, nothing of it stays.
   *
   * @throws {RefusedError} when the file's name, type or size is not taken
   */
  receive(file: ComingFile, source: ByteSource): Coroutine<StoredUpload> {
    return this.#receive(file, source);
  }

  readonly #receive = coroutine(function* receiveUpload(
    this: Uploads,
    file: ComingFile,
    source: ByteSource,
  ): CoroutineGenerator<StoredUpload> {
    checkFile(file);
    const { survey, question, filename } = file;
    const { stores, now, randomHex } = this.#tools;
    const key = `${uploadsPrefix}${survey.id}/${question.cid}/${randomHex(16)}`;
    const record: UploadRecord = { surveyId: survey.id, cid: question.cid, filename, startedAtMs: now() };
    yield* stores.keyValue.set(keys.upload(key), JSON.stringify(record));
    let isStored = false;
    try {
      const creating = stores.objects.create(key, { contentType: contentTypeOf(filename) });
      const writer = yield* acquire(creating, (late) => late.abort());
      try {
        yield* this.#copy(file, source, writer);
        const { sizeBytes } = yield* writer.commit();
        isStored = true;
        return { key, filename, sizeBytes };
      } finally {
        if (!isStored) yield* writer.abort();
      }
    } finally {
      // The object too: a commit that was under way when the cancel came has succeeded by now.
      if (!isStored) yield* this.discard(key);
    }
  });

  *#copy(file: ComingFile, source: ByteSource, writer: ObjectWriter): CoroutineGenerator<void> {
    let sizeBytes = 0;
    for (;;) {
      const chunk = yield* source.read();
      if (chunk === undefined) break;
      sizeBytes += chunk.length;
      if (sizeBytes > this.maxFileBytes) throw this.#tooLarge(file);
      yield* writer.write(chunk);
    }
    if (sizeBytes > 0) return;
    throw new RefusedError("FILE_EMPTY", `Cannot accept file "${file.filename}": it is empty`, {
      field: file.question.cid,
    });
  }

  #tooLarge({ filename, question }: ComingFile): RefusedError {
    const limit = `${this.maxFileBytes / 1_000_000} MB`;
    return new RefusedError(
      "FILE_TOO_LARGE",
      `Cannot accept file "${filename}": it is too large, wanted at most ${limit}`,
      { field: question.cid },
    );
  }

  /**
   * Take an upload for the respondent `oid`, so that nobody else can.
   *
   * Once more for the same respondent does no harm.
   */
  readonly claim = coroutine(function* claimUpload(
    this: Uploads,
    {
      survey,
      question,
      file,
      oid,
    }: { survey: Survey; question: UploadQuestion; file: FileAnswer; oid: string },
  ): CoroutineGenerator<ClaimProblem> {
    const store = this.#tools.stores.keyValue;
    const gone = `Choose "${file.filename}" once more: it was not uploaded for this question, or too long ago`;
    const isOfForm = ({ surveyId, cid, filename }: UploadRecord): boolean =>
      surveyId === survey.id && cid === question.cid && filename === file.filename;
    const record = yield* this.#record(file.key);
    if (record === undefined || !isOfForm(record)) return gone;
    const key = keys.uploadClaim(file.key);
    const claim = formatClaim({ oid, atMs: this.#tools.now() });
    if (yield* store.setIfAbsent(key, claim)) {
      // Once more: another submission, or the sweep, may have been done with it in between.
      if ((yield* this.#record(file.key)) !== undefined) return undefined;
      yield* store.deleteIfEqual(key, claim);
      return gone;
    }
    const before = yield* store.get(key);
    // Renewed, or the sweep might take it away in this very moment.
    if (before !== undefined && parseClaim(before).oid === oid) {
      if (yield* store.setIfEqual(key, claim, { expected: before })) return undefined;
    }
    return `Choose "${file.filename}" once more: it has been sent already`;
  });

  *#record(key: string): CoroutineGenerator<UploadRecord | undefined> {
    const text = yield* this.#tools.stores.keyValue.get(keys.upload(key));
    return text === undefined ? undefined : (JSON.parse(text) as UploadRecord);
  }

  /** Is the upload there, and nobody's yet? */
  readonly isFree = coroutine(function* isFreeUpload(
    this: Uploads,
    key: string,
  ): CoroutineGenerator<boolean> {
    const store = this.#tools.stores.keyValue;
    const [record, claim] = yield* all([store.get(keys.upload(key)), store.get(keys.uploadClaim(key))]);
    return record !== undefined && claim === undefined;
  });

  /** Let go of an upload that `oid` has claimed, for another submission. */
  readonly release = coroutine(function* releaseUpload(
    this: Uploads,
    key: string,
    oid: string,
  ): CoroutineGenerator<void> {
    const store = this.#tools.stores.keyValue;
    const claim = yield* store.get(keys.uploadClaim(key));
    if (claim === undefined || parseClaim(claim).oid !== oid) return;
    yield* store.deleteIfEqual(keys.uploadClaim(key), claim);
  });

  /** Note where a file is about to be moved, so that a submission that is cut off finds it there. */
  noteDestination(key: string, destKey: string): Future<void> {
    return this.#tools.stores.keyValue.set(keys.uploadDestination(key), destKey);
  }

  /** Where a file was moved to before its submission was cut off; `undefined` when it was not. */
  readonly movedTo = coroutine(function* movedUpload(
    this: Uploads,
    key: string,
  ): CoroutineGenerator<string | undefined> {
    const { keyValue, objects } = this.#tools.stores;
    const destKey = yield* keyValue.get(keys.uploadDestination(key));
    return destKey === undefined ? undefined : (yield* objects.info(destKey))?.key;
  });

  /** Remove an upload that nobody will submit. */
  readonly discard = coroutine(function* discardUpload(this: Uploads, key: string): CoroutineGenerator<void> {
    yield* this.#tools.stores.objects.delete(key);
    yield* this.forget(key);
  });

  /** The upload has become a stored file: it needs no record any more. */
  readonly forget = coroutine(function* forgetUpload(this: Uploads, key: string): CoroutineGenerator<void> {
    const store = this.#tools.stores.keyValue;
    yield* all([store.delete(keys.upload(key)), store.delete(keys.uploadDestination(key))]);
    // Last: who gets the claim after that finds no record.
    yield* store.delete(keys.uploadClaim(key));
  });

  /**
   * Remove the uploads that are older than `ageMs` and were never submitted.
   *
   * One that was claimed as long ago, by a submission that died before it had a respondent, counts as such.
   *
   * @returns how many
   */
  readonly sweep = coroutine(function* sweepUploads(
    this: Uploads,
    ageMs: number,
  ): CoroutineGenerator<number> {
    const before = this.#tools.now() - ageMs;
    const count = yield* this.#sweepEach(uploadRecordPrefix, (entry) => this.#removeIfOld(entry, before));
    yield* this.#sweepEach(uploadClaimPrefix, (entry) => this.#forgetIfCut(entry, before));
    return count;
  });

  /** @returns of how many entries `sweepOne` says that it has removed an upload */
  *#sweepEach(
    prefix: string,
    sweepOne: (entry: KeyValueEntry) => CoroutineGenerator<boolean>,
  ): CoroutineGenerator<number> {
    let count = 0;
    for (let after: string | undefined; ; ) {
      const options = { limit: sweepPageSize, ...(after === undefined ? {} : { after }) };
      const page = yield* this.#tools.stores.keyValue.entries(prefix, options);
      for (const entry of page) if (yield* sweepOne(entry)) count++;
      if (page.length < sweepPageSize) return count;
      after = page.at(-1)?.key;
    }
  }

  *#removeIfOld(entry: KeyValueEntry, before: number): CoroutineGenerator<boolean> {
    if ((JSON.parse(entry.value) as UploadRecord).startedAtMs >= before) return false;
    const key = entry.key.slice(uploadRecordPrefix.length);
    if (!(yield* this.#claimForSweep(key, before))) return false;
    // It may have been submitted since the sweep has seen it: then there is nothing to remove but the claim.
    const isThere = (yield* this.#record(key)) !== undefined;
    yield* this.discard(key);
    return isThere;
  }

  /** A claim without a record: the upload is gone, and who was about to remove the claim was cut off. */
  *#forgetIfCut(entry: KeyValueEntry, before: number): CoroutineGenerator<boolean> {
    if (entry.value !== sweepClaim && parseClaim(entry.value).atMs >= before) return false;
    const key = entry.key.slice(uploadClaimPrefix.length);
    if ((yield* this.#record(key)) === undefined) yield* this.forget(key);
    return false;
  }

  /** Claimed for the sweep itself: a submission that comes right now finds it taken. */
  *#claimForSweep(upload: string, before: number): CoroutineGenerator<boolean> {
    const { keyValue } = this.#tools.stores;
    const key = keys.uploadClaim(upload);
    if (yield* keyValue.setIfAbsent(key, sweepClaim)) return true;
    const claim = yield* keyValue.get(key);
    if (claim === sweepClaim) return true;
    if (claim === undefined) return false;
    const { oid, atMs } = parseClaim(claim);
    if (atMs >= before) return false;
    const respondent = yield* this.#respondents.find(oid);
    if (respondent !== undefined && !isDoneWith(respondent, upload)) return false;
    return yield* keyValue.setIfEqual(key, sweepClaim, { expected: claim });
  }
}

/** Has the answer the file under its final name? Then a submission that was cut off has left only the records. */
function isDoneWith({ finishedAtMs, answer }: Respondent, key: string): boolean {
  const texts = Object.values(answer).flatMap((each) => Object.values(each));
  return finishedAtMs !== undefined && !texts.some((text) => text.includes(key));
}

/** Who has claimed an upload, and when. */
interface Claim {
  readonly oid: string;
  readonly atMs: number;
}

function formatClaim({ oid, atMs }: Claim): string {
  return `${oid} ${atMs}`;
}

function parseClaim(text: string): Claim {
  const [oid = "", atMs] = text.split(" ");
  return { oid, atMs: Number(atMs) };
}

/** @throws {RefusedError} when the name or the type of the file is not taken */
function checkFile({ filename, question }: ComingFile): void {
  const problem = fileNameProblem(filename);
  if (problem !== undefined) throw new RefusedError("FILE_NAME_REFUSED", problem, { field: question.cid });
  if (acceptsFile(question, filename)) return;
  throw new RefusedError(
    "FILE_TYPE_REFUSED",
    `Cannot accept file "${filename}": this question takes ${question.accept.join(", ")}`,
    { field: question.cid },
  );
}
