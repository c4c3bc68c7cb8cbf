/** Requests that are refused for a reason that the sender may know, and can do something about. */
import type { Problem } from "../model/index.ts";

/** Stable words for programs; the message is for people. */
export type RefusalCode =
  | "BAD_REQUEST"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "CONFLICT"
  | "SUBMISSION_RUNNING"
  | "FILE_TOO_LARGE"
  | "FILE_TYPE_REFUSED"
  | "FILE_EMPTY"
  | "FILE_NAME_REFUSED"
  | "FILE_MISSING"
  | "UPLOAD_BROKEN"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "ANSWERS_REFUSED";

const statuses: Readonly<Record<RefusalCode, number>> = {
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  SUBMISSION_RUNNING: 409,
  FILE_TOO_LARGE: 413,
  FILE_TYPE_REFUSED: 415,
  FILE_EMPTY: 400,
  FILE_NAME_REFUSED: 400,
  FILE_MISSING: 400,
  UPLOAD_BROKEN: 400,
  UNSUPPORTED_MEDIA_TYPE: 415,
  ANSWERS_REFUSED: 422,
};

export class RefusedError extends Error {
  readonly code: RefusalCode;
  /** The form field, query field or header that is to blame, where there is one. */
  readonly field: string | undefined;

  /** @param message - one sentence for the sender */
  constructor(code: RefusalCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.field = options.field;
  }

  /** The HTTP status that says the same. */
  get status(): number {
    return statuses[this.code];
  }
}

/** Answers with mistakes in them: the form can be shown again with what is wrong. */
export class AnswersRefusedError extends RefusedError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super("ANSWERS_REFUSED", problems.map(({ cid, message }) => `${cid}: ${message}`).join("; "));
    this.problems = problems;
  }
}
