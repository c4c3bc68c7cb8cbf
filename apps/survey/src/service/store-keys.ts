/**
 * The names under which the service keeps its data: one place, so that no two kinds share a prefix.
 *
 * `assess_total_answer:RID` and `upload_file_check_task_queue` are the seed's own.
 */

/** The photos and videos that wait for a person, as `project||question||respondent||answer`. */
export const uploadFileCheckTaskQueue = "upload_file_check_task_queue";

/** The same entries once more, for the worker that looks into the files: it takes its own, and leaves the person's. */
export const fileCheckQueue = "file_check_queue";

/** Where uploads lie until they are submitted. */
export const uploadsPrefix = "uploads/";

export const keys = {
  totalAnswer: (rid: string) => `assess_total_answer:${rid}`,
  upload: (key: string) => `upload:${key}`,
  uploadClaim: (key: string) => `upload_claim:${key}`,
  uploadDestination: (key: string) => `upload_destination:${key}`,
  seq: (surveyId: string) => `respondent_seq:${surveyId}`,
  /** Padded, so that the order of keys is that of numbers. */
  respondent: (surveyId: string, seq: number) => `respondent:${surveyId}:${String(seq).padStart(16, "0")}`,
  respondents: (surveyId: string) => `respondent:${surveyId}:`,
  unfinished: (oid: string) => `unfinished:${oid}`,
  respondentByOid: (oid: string) => `respondent_oid:${oid}`,
  finished: (surveyId: string, seq: number) => `finished:${surveyId}:${String(seq).padStart(16, "0")}`,
  finishedOnes: (surveyId: string) => `finished:${surveyId}:`,
  submission: (surveyId: string, token: string) => `submission:${surveyId}:${token}`,
  submissionLease: (surveyId: string, token: string) => `submission_lease:${surveyId}:${token}`,
  fileCheck: (key: string) => `file_check:${key}`,
  decision: (key: string) => `decision:${key}`,
  /** Latest first: the order of keys is the other way round than that of time. */
  decided: (atMs: number, key: string) =>
    `decided:${String(1e15 - Math.floor(atMs)).padStart(16, "0")}:${key}`,
} as const;

export const unfinishedPrefix = "unfinished:";
export const uploadRecordPrefix = "upload:";
export const uploadClaimPrefix = "upload_claim:";
export const decidedPrefix = "decided:";
