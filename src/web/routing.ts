/** From the path of a request to a handler class, and back by `reverse`. */
import { describe } from "../base/index.ts";
import { decodePercent } from "./arguments.ts";
import type { HandlerClass } from "./handler.ts";

/**
 * One row of the table: pattern, handler class, what its `initialize` is given, and a name for `reverseUrl`.
 *
 * A pattern is a path in which ":name" stands for one part between slashes and
 * "*name" for all the rest, or a regular expression for the whole path, whose
 * groups are the arguments. The first row that matches counts.
 */
export type RouteRow = readonly [
  pattern: string | RegExp,
  handler: HandlerClass,
  options?: object | undefined,
  name?: string | undefined,
];

/** A piece of a pattern: text as it is, or an argument. */
type Piece = string | { readonly rest: boolean };

export class Route {
  readonly handler: HandlerClass;
  /** What the handler's `initialize` is given. */
  readonly options: object;
  readonly name: string | undefined;
  /** The pattern as it was written. */
  readonly text: string;
  readonly #regexp: RegExp;
  /** Absent when the pattern can be matched, but not built. */
  readonly #pieces: readonly Piece[] | undefined;

  /** @throws {TypeError} when the pattern is none */
  constructor([pattern, handler, options, name]: RouteRow) {
    if (typeof handler !== "function") {
      throw new TypeError(
        `Cannot add the route ${describe(pattern)}: the handler is ${describe(handler)}, a class is wanted`,
      );
    }
    this.handler = handler;
    this.options = options ?? {};
    this.name = name;
    this.text = String(pattern);
    if (pattern instanceof RegExp) {
      this.#regexp = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ""));
      this.#pieces = piecesOfRegExp(pattern.source);
      return;
    }
    if (typeof pattern !== "string" || !pattern.startsWith("/")) {
      throw new TypeError(
        `Cannot add a route: the pattern is ${describe(pattern)}, a path that begins with "/" or a RegExp is wanted`,
      );
    }
    this.#pieces = piecesOfPath(pattern);
    const source = this.#pieces.map((piece) =>
      typeof piece === "string" ? escapeRegExp(piece) : piece.rest ? "(.*)" : "([^/]+)",
    );
    this.#regexp = new RegExp(`^${source.join("")}$`, "s");
  }

  /**
   * The arguments in `path`, decoded; `undefined` when the pattern does not match. A group that took no part gives "".
   *
   * @throws {HTTPError} 400, when it matches but its percent-encoding is broken
   */
  match(path: string): string[] | undefined {
    const found = this.#regexp.exec(path);
    if (found === null) return undefined;
    const decoded: string[] = [];
    for (let at = 1; at < found.length; at++) decoded.push(decodePercent(found[at] ?? "", "the path"));
    return decoded;
  }

  /**
   * The path that gives `args` when matched: the inverse of `match`.
   *
   * @throws {TypeError} when the number of arguments is wrong, one is empty where a part is wanted, or the
   *   regular expression is more than text and plain groups
   */
  reverse(args: readonly (string | number)[]): string {
    const pieces = this.#pieces;
    if (pieces === undefined) {
      throw new TypeError(
        `Cannot reverse the route ${this.text}: the pattern is more than text and groups that are not nested`,
      );
    }
    const wanted = pieces.filter((piece) => typeof piece !== "string").length;
    if (args.length !== wanted) {
      throw new TypeError(
        `Cannot reverse the route ${this.text}: came ${args.length} arguments, ${wanted} are wanted`,
      );
    }
    let next = 0;
    const path = pieces
      .map((piece) => {
        if (typeof piece === "string") return piece;
        const text = String(args[next++]);
        return piece.rest ? text.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(text);
      })
      .join("");
    if (this.#regexp.test(path)) return path;
    throw new TypeError(
      `Cannot reverse the route ${this.text}: the pattern does not match the result ${describe(path)}`,
    );
  }
}

function piecesOfPath(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of pattern.matchAll(/\/([:*])([A-Za-z_]\w*)/g)) {
    pieces.push(encodeURI(pattern.slice(end, match.index + 1)), { rest: match[1] === "*" });
    end = match.index + match[0].length;
    const after = pattern[end];
    if (after !== undefined && (match[1] === "*" || after !== "/")) {
      throw new TypeError(
        `Cannot add the route ${describe(pattern)}: "${match[0]}" is followed by "${after}", ${
          match[1] === "*" ? "nothing" : 'nothing or "/"'
        } is wanted`,
      );
    }
  }
  pieces.push(encodeURI(pattern.slice(end)));
  return pieces;
}

/** Text and plain groups; anything else of the language of regular expressions makes it irreversible. */
function piecesOfRegExp(source: string): Piece[] | undefined {
  const pieces: Piece[] = [];
  const inner = source.replace(/^\^/, "").replace(/\$$/, "");
  const token = /\((?:\?<\w+>|(?!\?))((?:[^()\\]|\\.)*)\)|\\([/.-])|([^\\()[\]{}.*+?^$|])/y;
  for (let at = 0; at < inner.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(inner);
    if (match === null) return undefined;
    const [, group, escaped, plain] = match;
    if (group !== undefined) pieces.push({ rest: group.includes(".") });
    else pieces.push((escaped ?? plain) as string);
  }
  return pieces;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
