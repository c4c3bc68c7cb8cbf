/**
 * Cuts a multipart body into parts, as its bytes come.
 *
 * Synchronous, without streams: it is asked for the next event, and says when it
 * needs more bytes. So it runs over a socket and on a simulated loop alike.
 * `multipart.ts` makes parts with readers of it.
 *
 * Source: RFC 2046 (5.1), RFC 7578.
 */
import { HeaderMap, isToken } from "./header-map.ts";
import { MultipartError } from "./multipart-error.ts";

/** What comes next; "more" asks for a `push` or an `end`. */
export type ScanEvent =
  | "more"
  | "end"
  | { readonly kind: "part"; readonly headers: HeaderMap }
  | { readonly kind: "data"; readonly chunk: Uint8Array }
  | { readonly kind: "partEnd" };

const CR = 13;
const LINE_END = Buffer.from("\r\n");
const HEADERS_END = Buffer.from("\r\n\r\n");
const PART_END: ScanEvent = { kind: "partEnd" };
/** Blanks that may stand behind a boundary; nobody sends more than none. */
const MAX_PADDING = 16;

type State = "preamble" | "delimiter" | "headers" | "data" | "end";

/**
 * Invariant: what is kept between two pushes is shorter than a boundary, or
 * than the limit of a part's head. So the cost of a byte is bounded, however the
 * body is cut into pieces.
 */
export class MultipartScanner {
  readonly #delimiter: Buffer;
  readonly #maxHeaderBytes: number;
  /** The first boundary may stand at the very start; this line end makes it one like the others. */
  #input: Buffer = LINE_END;
  #at = 0;
  #state: State = "preamble";
  #preambleBytes = 0;

  /** @param maxHeaderBytes - of the head of one part */
  constructor(boundary: string, maxHeaderBytes: number) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    this.#maxHeaderBytes = maxHeaderBytes;
  }

  /** Give it more bytes, when it asked for more. They are not copied. */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#input =
      this.#at === this.#input.length ? bytes : Buffer.concat([this.#input.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  /** Tell it that no bytes are left. @throws {MultipartError} TRUNCATED, before the last boundary */
  end(): void {
    if (this.#state === "end") return;
    throw new MultipartError("GYRE_MULTIPART_TRUNCATED", "it ends before its last boundary");
  }

  /** @throws {MultipartError} MALFORMED or LIMIT */
  next(): ScanEvent {
    for (;;) {
      const event = this.#step();
      if (event !== undefined) return event;
    }
  }

  /** The next event, or `undefined` after a step that gave none. */
  #step(): ScanEvent | undefined {
    switch (this.#state) {
      case "preamble":
        return this.#preamble();
      case "delimiter":
        return this.#afterDelimiter();
      case "headers":
        return this.#headers();
      case "data":
        return this.#data();
      case "end":
        return "end";
    }
  }

  #preamble(): ScanEvent | undefined {
    const found = this.#input.indexOf(this.#delimiter, this.#at);
    const end = found < 0 ? this.#safeEnd() : found;
    this.#preambleBytes += end - this.#at;
    if (this.#preambleBytes > this.#maxHeaderBytes) {
      throw new MultipartError("GYRE_MULTIPART_MALFORMED", "it does not begin with its boundary");
    }
    this.#at = end;
    if (found < 0) return "more";
    this.#at += this.#delimiter.length;
    this.#state = "delimiter";
    return undefined;
  }

  /** Behind a boundary stands a line end before a part, or "--" behind the last one. */
  #afterDelimiter(): ScanEvent | undefined {
    const input = this.#input;
    let at = this.#at;
    while (input[at] === 32 || input[at] === 9) at++;
    if (at - this.#at > MAX_PADDING)
      throw new MultipartError("GYRE_MULTIPART_MALFORMED", "a boundary is followed by blanks");
    const two = input.toString("latin1", at, at + 2);
    if (two.length < 2) return "more";
    if (two === "\r\n") this.#state = "headers";
    else if (two === "--" && at === this.#at) this.#state = "end";
    else
      throw new MultipartError(
        "GYRE_MULTIPART_MALFORMED",
        "a boundary is followed by something else than a line end",
      );
    this.#at = at + 2;
    return undefined;
  }

  #headers(): ScanEvent | undefined {
    const input = this.#input;
    const end = input.indexOf(HEADERS_END, this.#at);
    if ((end < 0 ? input.length : end) - this.#at > this.#maxHeaderBytes) {
      throw new MultipartError(
        "GYRE_MULTIPART_LIMIT",
        `the head of a part is above ${this.#maxHeaderBytes} bytes`,
      );
    }
    if (end < 0) return "more";
    const headers = parsePartHeaders(input.toString("utf8", this.#at, end));
    this.#at = end + HEADERS_END.length;
    this.#state = "data";
    return { kind: "part", headers };
  }

  #data(): ScanEvent | undefined {
    const found = this.#input.indexOf(this.#delimiter, this.#at);
    if (found === this.#at) {
      this.#at += this.#delimiter.length;
      this.#state = "delimiter";
      return PART_END;
    }
    const end = found < 0 ? this.#safeEnd() : found;
    if (end === this.#at) return "more";
    const chunk = this.#input.subarray(this.#at, end);
    this.#at = end;
    return { kind: "data", chunk };
  }

  /** Up to where the input cannot be the beginning of a boundary that is yet to come. */
  #safeEnd(): number {
    const input = this.#input;
    // A boundary has one CR only, at its start: so the last CR is the only one that may begin it.
    const from = input.lastIndexOf(CR);
    if (from < this.#at || input.length - from >= this.#delimiter.length) return input.length;
    const tail = input.subarray(from);
    return tail.equals(this.#delimiter.subarray(0, tail.length)) ? from : input.length;
  }
}

function parsePartHeaders(text: string): HeaderMap {
  const raw: string[] = [];
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1).trim();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
    if (!isToken(name) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
      throw new MultipartError(
        "GYRE_MULTIPART_MALFORMED",
        "the head of a part holds a line that is no header",
      );
    }
    raw.push(name, value);
  }
  return HeaderMap.fromRaw(raw);
}
