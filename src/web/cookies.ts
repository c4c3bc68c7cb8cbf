/** Cookies: what a client sends, and what it is told to keep. Source: RFC 6265bis. */
import { describe } from "../base/index.ts";
import { isToken } from "./header-map.ts";

export interface CookieOptions {
  /** The host and all below it; without one, only the very host that sets it. */
  readonly domain?: string;
  /** Default "/". */
  readonly path?: string;
  readonly expires?: Date;
  /** How long the client keeps it, in whole seconds, as the header has it; 0 or less removes it. */
  readonly maxAgeSeconds?: number;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: "Strict" | "Lax" | "None";
  readonly partitioned?: boolean;
}

const OPTIONS: ReadonlySet<string> = new Set([
  "domain",
  "path",
  "expires",
  "maxAgeSeconds",
  "httpOnly",
  "secure",
  "sameSite",
  "partitioned",
] satisfies (keyof CookieOptions)[]);
const NOT_IN_VALUE = /[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/;
const NOT_IN_ATTRIBUTE = /[^\x20-\x3a\x3c-\x7e]/;

/**
 * Read a `Cookie` header as browsers write it.
 *
 * Pairs are parted at ";" and nothing else, so a pair that is broken or quoted
 * neither hides nor makes others. Of two with one name the first counts: it is
 * the one with the longer path. Values are not decoded.
 */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    if (name === "" || cookies.has(name)) continue;
    let value = pair.slice(equals + 1).trim();
    if (value.length >= 2 && value.startsWith('"') && value.endsWith('"')) value = value.slice(1, -1);
    cookies.set(name, value);
  }
  return cookies;
}

/**
 * The value of a `Set-Cookie` header.
 *
 * @throws {TypeError} for a name, value or attribute that would break the header, or an option that is not known
 * @throws {RangeError} for a `maxAgeSeconds` that is no integer
 */
export function formatCookie(name: string, value: string, options: CookieOptions = {}): string {
  const refuse = (what: string, came: unknown, wanted: string): never => {
    throw new TypeError(
      `Cannot set the cookie ${describe(name)}: ${what} is ${describe(came)}, ${wanted} is wanted`,
    );
  };
  if (typeof name !== "string" || !isToken(name)) refuse("the name", name, "a token");
  if (typeof value !== "string" || NOT_IN_VALUE.test(value)) {
    refuse(
      "the value",
      value,
      'visible ASCII without quotes, commas, ";" and "\\" (encodeURIComponent helps)',
    );
  }
  for (const key of Object.keys(options)) {
    if (!OPTIONS.has(key)) refuse("an option", key, [...OPTIONS].join(", "));
  }
  const { domain, path = "/", expires, maxAgeSeconds, sameSite } = options;
  let cookie = `${name}=${value}`;
  if (domain !== undefined) cookie += `; Domain=${checkAttribute("the domain", domain, refuse)}`;
  cookie += `; Path=${checkAttribute("the path", path, refuse)}`;
  if (expires !== undefined) {
    if (!(expires instanceof Date) || Number.isNaN(expires.getTime()))
      refuse("the expiry", expires, "a valid Date");
    cookie += `; Expires=${expires.toUTCString()}`;
  }
  if (maxAgeSeconds !== undefined) {
    if (!Number.isSafeInteger(maxAgeSeconds)) {
      throw new RangeError(
        `Cannot set the cookie ${describe(name)}: the age is ${describe(maxAgeSeconds)}, an integer of seconds is wanted`,
      );
    }
    cookie += `; Max-Age=${maxAgeSeconds}`;
  }
  if (options.httpOnly === true) cookie += "; HttpOnly";
  if (options.secure === true) cookie += "; Secure";
  if (sameSite !== undefined) {
    if (!["Strict", "Lax", "None"].includes(sameSite)) refuse("sameSite", sameSite, "Strict, Lax or None");
    cookie += `; SameSite=${sameSite}`;
  }
  if (options.partitioned === true) cookie += "; Partitioned";
  return cookie;
}

function checkAttribute(
  what: string,
  text: string,
  refuse: (what: string, came: unknown, wanted: string) => never,
): string {
  if (typeof text !== "string" || NOT_IN_ATTRIBUTE.test(text))
    refuse(what, text, 'visible ASCII without ";"');
  return text;
}
