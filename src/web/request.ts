/** One request as a handler sees it: its head, parsed where asked for, and its body. */
import { type Arguments, parseUrlencoded } from "./arguments.ts";
import type { RequestBody } from "./body.ts";
import { parseCookies } from "./cookies.ts";
import type { Exchange, ResponseSink } from "./exchange.ts";
import { Form, type FormFile, formInMemory } from "./form.ts";
import type { HeaderMap } from "./header-map.ts";
import { HTTPError } from "./http-error.ts";

const NOTHING = Buffer.alloc(0);

/** Source: Tornado `httputil.HTTPServerRequest`. */
export class HttpRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  /** The part of the target before "?", undecoded. */
  readonly path: string;
  /** The part of the target behind "?", undecoded; "" without one. */
  readonly query: string;
  readonly version: "1.0" | "1.1";
  readonly headers: HeaderMap;
  readonly remoteAddress: string;
  /** When the head was there, on the loop's clock. */
  readonly startedAtMs: number;
  /** The body piece by piece: for handlers that stream it. */
  readonly stream: RequestBody;
  /** The whole body: empty in handlers that stream it. */
  body: Buffer = NOTHING;
  /** @internal Where the response goes. */ readonly _sink: ResponseSink;
  readonly #maxFields: number;
  #queryArguments: Arguments | undefined = undefined;
  #form: Form<Buffer> | undefined = undefined;
  #cookies: ReadonlyMap<string, string> | undefined = undefined;
  #json: { readonly value: unknown } | undefined = undefined;

  constructor(exchange: Exchange, stream: RequestBody, maxFields: number, startedAtMs: number) {
    this.method = exchange.method;
    this.target = exchange.target;
    [this.path, this.query] = splitTarget(exchange.target);
    this.version = exchange.version;
    this.headers = exchange.headers;
    this.remoteAddress = exchange.remoteAddress;
    this.stream = stream;
    this.startedAtMs = startedAtMs;
    this._sink = exchange.response;
    this.#maxFields = maxFields;
  }

  /** The `Host` header. */
  get host(): string {
    return this.headers.get("Host") ?? "";
  }

  /** The media type of the body in lower case, without parameters; "" when there is none. */
  get contentType(): string {
    const header = this.headers.get("Content-Type") ?? "";
    const end = header.indexOf(";");
    return (end < 0 ? header : header.slice(0, end)).trim().toLowerCase();
  }

  /** @throws {HTTPError} 400, for broken percent-encoding or too many fields */
  get queryArguments(): Arguments {
    this.#queryArguments ??= parseUrlencoded(this.query, this.#maxFields, "the query");
    return this.#queryArguments;
  }

  /**
   * The fields of a form that came as body, urlencoded or multipart; none when the body is no form.
   *
   * @throws {HTTPError} 400, for broken encoding or too many fields
   */
  get bodyArguments(): Arguments {
    return this.#parsedForm.fields;
  }

  /** The files of a multipart form, in memory; for large ones see `RequestHandler.streamBody`. @throws as `bodyArguments` */
  get files(): readonly FormFile<Buffer>[] {
    return this.#parsedForm.files;
  }

  /** Does the body hold a form, or nothing? */
  get hasForm(): boolean {
    return this.body.length === 0 || this.contentType === URLENCODED || this.contentType === MULTIPART;
  }

  /** What the client sent in `Cookie`, undecoded. */
  get cookies(): ReadonlyMap<string, string> {
    // Clients of HTTP/1.1 send one Cookie header; several are joined as if they were one.
    this.#cookies ??= parseCookies(this.headers.getAll("Cookie").join("; "));
    return this.#cookies;
  }

  /**
   * The body as JSON, parsed once.
   *
   * @throws {HTTPError} 400, when it is not declared as JSON or is none
   */
  json(): unknown {
    this.#json ??= { value: this.#parseJson() };
    return this.#json.value;
  }

  toString(): string {
    return `${this.method} ${this.target}`;
  }

  get #parsedForm(): Form<Buffer> {
    this.#form ??= this.#parseForm();
    return this.#form;
  }

  #parseForm(): Form<Buffer> {
    if (this.contentType === MULTIPART) {
      return formInMemory(this.headers.get("Content-Type") as string, this.body, this.#maxFields);
    }
    if (this.contentType !== URLENCODED) return new Form(new Map(), []);
    return new Form(parseUrlencoded(decodeText(this.body, "the form"), this.#maxFields, "the form"), []);
  }

  #parseJson(): unknown {
    const type = this.contentType;
    if (type !== "application/json" && !type.endsWith("+json")) {
      throw new HTTPError(
        400,
        `Cannot read the body as JSON: its Content-Type is "${type}", application/json is wanted`,
      );
    }
    const text = decodeText(this.body, "the body as JSON");
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new HTTPError(400, `Cannot read the body as JSON: ${(cause as Error).message}`, { cause });
    }
  }
}

const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";
const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeText(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new HTTPError(400, `Cannot read ${what}: the bytes are no UTF-8`, { cause });
  }
}

/** Path and query of a request's target. Never by `new URL`: a path that begins with "//" is a path here, and no host. */
export function splitTarget(target: string): [path: string, query: string] {
  const absolute = /^https?:\/\/[^/?]*/i.exec(target);
  const local = absolute === null ? target : target.slice(absolute[0].length);
  const mark = local.indexOf("?");
  const path = mark < 0 ? local : local.slice(0, mark);
  return [path === "" ? "/" : path, mark < 0 ? "" : local.slice(mark + 1)];
}
