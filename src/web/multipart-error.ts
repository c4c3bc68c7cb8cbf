/** What can be wrong with a multipart body. */
import { HTTPError } from "./http-error.ts";

/** `TYPE`: not multipart/form-data. `BOUNDARY`: none declared, or none that can be. `LIMIT`: more than is allowed. */
export type MultipartCode =
  | "GYRE_MULTIPART_TYPE"
  | "GYRE_MULTIPART_BOUNDARY"
  | "GYRE_MULTIPART_MALFORMED"
  | "GYRE_MULTIPART_TRUNCATED"
  | "GYRE_MULTIPART_LIMIT"
  | "GYRE_MULTIPART_EMPTY_FILE";

/** A multipart body that cannot be read: a 400, or a 413 when something in it is too large. */
export class MultipartError extends HTTPError {
  /** The name of the part in question, where it is known. */
  readonly part: string | undefined;

  constructor(code: MultipartCode, message: string, options: { status?: number; part?: string } = {}) {
    super(options.status ?? 400, `Cannot read the multipart body: ${message}`, {
      code,
    });
    this.part = options.part;
  }
}
