/**
 * Who may talk to the page's server: the one who has the token, from this machine, by the page itself.
 *
 * The address alone protects nothing: every web site that is open in a browser here can send requests to it. Hence
 * the token; `Host`, because a foreign name may be made to point here (DNS rebinding); `Origin` and `Sec-Fetch-Site`,
 * because a cookie is sent for every port of this host, so also by another server's page.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is not answered. */
export interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly advice: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sent with everything. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

export class Guard {
  readonly #token: string;
  readonly #port: number;

  constructor(token: string, port: number) {
    this.#token = token;
    this.#port = port;
  }

  /** The cookie that stands for the token from then on; ports share cookies, so its name has the port. */
  cookie(): string {
    return `gyre-${this.#port}=${this.#token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** @returns why `request` is refused; `undefined` when it is not */
  check(request: IncomingMessage, url: URL): Refusal | undefined {
    const refusal = this.#checkHost(request) ?? this.#checkOrigin(request, url);
    // The page's own files say nothing of the program, and whoever is refused shall see the reason as a page. What
    // ends like them below /api/ is drawn from the program.
    return (
      refusal ?? (/^\/[^/]+\.(css|svg)$/.test(url.pathname) ? undefined : this.#checkToken(request, url))
    );
  }

  /** Does the address itself have the token? */
  hasToken(url: URL): boolean {
    return url.pathname === "/" && this.#isToken(url.searchParams.get("token") ?? "");
  }

  #hosts(): string[] {
    return ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${this.#port}`);
  }

  #checkHost({ headers }: IncomingMessage): Refusal | undefined {
    if (this.#hosts().includes(headers.host?.toLowerCase() ?? "")) return undefined;
    return {
      status: 421,
      title: `"${(headers.host ?? "").slice(0, 100)}" is not the name of this server`,
      advice: `Open it by the address that the program printed, which begins with http://127.0.0.1:${this.#port}/`,
    };
  }

  #checkOrigin(request: IncomingMessage, url: URL): Refusal | undefined {
    const { headers, method } = request;
    const { origin } = headers;
    const isReading = method === "GET" || method === "HEAD";
    const site = headers["sec-fetch-site"];
    const isVisit = isReading && url.pathname === "/" && headers["sec-fetch-dest"] === "document";
    const isOurs =
      origin === undefined
        ? isReading && (site === undefined || site === "same-origin" || site === "none" || isVisit)
        : this.#hosts().some((host) => origin === `http://${host}`) && origin === `http://${headers.host}`;
    if (isOurs) return undefined;
    return {
      status: 403,
      title: `${origin === undefined ? "Another page" : `"${origin.slice(0, 100)}"`} may not ask this server`,
      advice: "Only its own page may. Open that by the address that the program printed",
    };
  }

  #checkToken({ headers }: IncomingMessage, url: URL): Refusal | undefined {
    const name = `gyre-${this.#port}=`;
    const cookies = (headers.cookie ?? "").split(/; */).filter((one) => one.startsWith(name));
    if (this.hasToken(url) || cookies.some((one) => this.#isToken(one.slice(name.length)))) return undefined;
    return {
      status: 401,
      title: url.searchParams.has("token") ? "The token is not right" : "The token is missing",
      advice:
        "Open the whole address that the program printed, with ?token=... in it. Each start of the program has a new one",
    };
  }

  #isToken(text: string): boolean {
    // Hashes have one length, and the comparison then takes one time, whatever came.
    const [given, wanted] = [text, this.#token].map((one) => createHash("sha256").update(one).digest());
    return timingSafeEqual(given as Buffer, wanted as Buffer);
  }
}
