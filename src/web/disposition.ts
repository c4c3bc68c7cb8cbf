/** The `Content-Disposition` of a part: the name of its field, and of its file. Source: RFC 7578 (4.2), RFC 8187. */
import { MultipartError } from "./multipart-error.ts";

export interface Disposition {
  readonly name: string;
  /** The last part of the path that the client gave; "" when a file could be chosen and none was; `undefined` for a field. */
  readonly filename: string | undefined;
}

/** One parameter: each character is looked at once, whatever is in it. */
const PARAMETER = /[ \t]*;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/y;

/**
 * Read `form-data; name="a"; filename="b.txt"`.
 *
 * @throws {MultipartError} MALFORMED, when it is none or has no name
 */
export function parseDisposition(header: string | undefined): Disposition {
  const wrong = (what: string): MultipartError =>
    new MultipartError("GYRE_MULTIPART_MALFORMED", `a part ${what}`);
  if (header === undefined) throw wrong("has no Content-Disposition");
  if (!/^form-data(?![^\s;])/i.test(header)) throw wrong("is no form-data");
  const parameters = new Map<string, string>();
  let at = "form-data".length;
  while (at < header.length) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(header);
    if (match === null) {
      if (header.slice(at).trim() === "") break;
      throw wrong("has a Content-Disposition that is none");
    }
    const key = (match[1] as string).toLowerCase();
    if (parameters.has(key)) throw wrong(`has two parameters ${key}`);
    parameters.set(key, match[2] === undefined ? (match[3] as string) : unquote(match[2]));
    at = PARAMETER.lastIndex;
  }
  const name = parameters.get("name");
  if (name === undefined) throw wrong("has no name");
  const extended = parameters.get("filename*");
  const filename = extended === undefined ? parameters.get("filename") : decodeExtended(extended);
  return { name, filename: filename === undefined ? undefined : lastOfPath(filename) };
}

/** Browsers write a quote as `%22`, others as `\"`; a lone backslash is part of a path. */
function unquote(text: string): string {
  return text.replace(/\\(["\\])/g, "$1").replaceAll("%22", '"');
}

function decodeExtended(value: string): string {
  const match = /^utf-8'[^']*'(.*)$/i.exec(value);
  try {
    if (match !== null) return decodeURIComponent(match[1] as string);
  } catch {
    // Broken encoding is refused like a wrong character set.
  }
  throw new MultipartError("GYRE_MULTIPART_MALFORMED", "a part has a filename* that is not UTF-8");
}

function lastOfPath(filename: string): string {
  const last = filename.slice(Math.max(filename.lastIndexOf("/"), filename.lastIndexOf("\\")) + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  if (last === "." || last === ".." || /[\x00-\x1f\x7f]/.test(last)) {
    throw new MultipartError("GYRE_MULTIPART_MALFORMED", "a part has a filename that is none");
  }
  return last;
}
