/**
 * The server of the page: static files, and answers in JSON.
 *
 * It runs in the console's thread, so it answers also while the main thread hangs. Off unless asked for, on this
 * machine only; `page/guard.ts` says who may ask, `page/answers.ts` what there is to be answered.
 */
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { AnswerError, PageAnswers } from "./page/answers.ts";
import { Guard, type Refusal, safeHeaders } from "./page/guard.ts";
import type { Drawing } from "./page/wire.ts";
import type { ConsoleSource } from "./source.ts";

export interface PageOptions {
  /** Of 127.0.0.1. Default 0: any that is free. */
  readonly port?: number;
  /** May readers cancel coroutines and switch the recorder? Default false. */
  readonly allowControl?: boolean;
}

/** A server that listens. */
export interface ServedPage {
  /** The address with its token; who has it may see all that the page shows. */
  readonly url: string;
  readonly port: number;
  /** Stop listening, and end the connections there are. */
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Commands are small; recordings are read as a whole. */
const MOST_COMMAND_BYTES = 10_000;
const MOST_RECORDING_BYTES = 256 * 1024 * 1024;

/**
 * Serve the page of `source` on 127.0.0.1.
 *
 * @throws {Error} Node's own, when the port cannot be had
 */
export async function servePage(source: ConsoleSource, options: PageOptions = {}): Promise<ServedPage> {
  const { port: wanted = 0, allowControl = false } = options;
  const files = await readStatic(new URL("./page/static/", import.meta.url));
  const token = randomBytes(24).toString("base64url");
  const answers = new PageAnswers(source, allowControl);
  const server = createServer();
  await listen(server, wanted);
  const { port } = server.address() as AddressInfo;
  const site = new Site({ files, answers, guard: new Guard(token, port), allowControl });
  server.on("request", (request, response) => void site.serve(request, response));
  return {
    url: `http://127.0.0.1:${port}/?token=${token}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** All of a folder, by path: what is not there at the start is never served. */
async function readStatic(folder: URL): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  for (const name of await readdir(folder)) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    files.set(name === "index.html" ? "/" : `/${name}`, {
      type,
      bytes: await readFile(new URL(name, folder)),
    });
  }
  return files;
}

interface Parts {
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly answers: PageAnswers;
  readonly guard: Guard;
  readonly allowControl: boolean;
}

class Site {
  readonly #files: ReadonlyMap<string, StaticFile>;
  readonly #answers: PageAnswers;
  readonly #guard: Guard;
  readonly #allowControl: boolean;

  constructor({ files, answers, guard, allowControl }: Parts) {
    this.#files = files;
    this.#answers = answers;
    this.#guard = guard;
    this.#allowControl = allowControl;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = parseUrl(request.url);
      const refusal = url === undefined ? unreadable : this.#guard.check(request, url);
      if (refusal !== undefined || url === undefined) refuse(request, response, refusal ?? unreadable);
      else await this.#answer(request, response, url);
    } catch (error) {
      const known = error instanceof AnswerError;
      const message = error instanceof Error ? error.message : String(error);
      if (response.headersSent || response.destroyed) response.destroy();
      else sendJson(request, response, known ? error.status : 500, { error: message });
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname;
    const isPost = request.method === "POST";
    if (!isPost && request.method !== "GET" && request.method !== "HEAD") {
      refuse(request, response, refusedMethod(request, "GET, HEAD, POST"));
      return;
    }
    const action = isPost ? this.#action(path) : undefined;
    const question = isPost ? undefined : this.#question(path);
    const file = isPost ? undefined : this.#files.get(path);
    if (file !== undefined) {
      const cookie = this.#guard.hasToken(url) ? { "Set-Cookie": this.#guard.cookie() } : {};
      send(request, response, 200, file.type, file.bytes, cookie);
    } else if (question !== undefined) {
      const answer = await question(url.searchParams);
      if (answer instanceof Picture)
        send(request, response, 200, types[".svg"] as string, Buffer.from(answer.svg));
      else sendJson(request, response, 200, answer);
    } else if (action !== undefined) {
      sendJson(request, response, 200, await action(request, url.searchParams));
    } else if (this.#action(path) !== undefined) {
      refuse(request, response, refusedMethod(request, "POST"));
    } else if (this.#question(path) !== undefined || this.#files.has(path)) {
      refuse(request, response, refusedMethod(request, "GET, HEAD"));
    } else {
      refuse(request, response, {
        status: 404,
        title: "There is no such page",
        advice: "The page itself is at /",
      });
    }
  }

  #question(path: string): ((query: URLSearchParams) => Promise<unknown>) | undefined {
    const answers = this.#answers;
    switch (path) {
      case "/api/state":
        return (query) => answers.state(query);
      case "/api/stack":
        return () => answers.stack();
      case "/api/history":
        return (query) => answers.history(query);
      case "/api/excerpt":
        return (query) => answers.excerpt(query);
      case "/api/timeline":
        return (query) => answers.timeline(query);
      case "/api/requests":
        return (query) => answers.requests(query);
      case "/api/drawing":
        return async (query) => ({ text: await answers.drawing(query, "text") }) satisfies Drawing;
      case "/api/drawing.svg":
        return async (query) => new Picture(await answers.drawing(query, "svg"));
      default:
        return undefined;
    }
  }

  /** What changes something: in the program only where that is allowed, else only in what the page itself keeps. */
  #action(
    path: string,
  ): ((request: IncomingMessage, query: URLSearchParams) => Promise<unknown>) | undefined {
    const answers = this.#answers;
    switch (path) {
      case "/api/open":
        return async (request, query) =>
          answers.open(query.get("name") ?? "a recording", await readBody(request, MOST_RECORDING_BYTES));
      case "/api/keep":
        return () => answers.keep();
      case "/api/control":
        return async (request) => {
          if (!this.#allowControl)
            throw new AnswerError(403, "Cannot control the program: it was not started with --allow-control");
          return answers.control(parseJson(await readBody(request, MOST_COMMAND_BYTES)));
        };
      default:
        return undefined;
    }
  }
}

/** An answer that is not JSON. */
class Picture {
  readonly svg: string;

  constructor(svg: string) {
    this.svg = svg;
  }
}

const unreadable: Refusal = {
  status: 400,
  title: "The address cannot be read",
  advice: "Open the one that the program printed",
};

function refusedMethod({ method = "" }: IncomingMessage, allowed: string): Refusal {
  return {
    status: 405,
    title: `${method} is not for this address`,
    advice: `It takes ${allowed}`,
    headers: { Allow: allowed },
  };
}

/** The path and query of a request; a whole address or another host's in it is none of ours. */
function parseUrl(target = "/"): URL | undefined {
  if (!target.startsWith("/") || target.startsWith("//")) return undefined;
  return URL.canParse(target, "http://127.0.0.1") ? new URL(target, "http://127.0.0.1") : undefined;
}

async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes)
      throw new AnswerError(413, `Cannot read what was sent: it has more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new AnswerError(400, "Cannot read the command: it is no JSON");
  }
}

/** A page for a person, JSON for the page's own questions. */
function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const { status, title, advice, headers = {} } = refusal;
  if (request.url?.startsWith("/api/") === true) {
    sendJson(request, response, status, { error: `${title}. ${advice}` }, headers);
    return;
  }
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>gyre: ${escapeText(title)}</title>
<link rel="stylesheet" href="/page.css">
<body class="refused">
<img src="/gyre.svg" alt="gyre" width="40" height="40">
<h1>${escapeText(title)}</h1>
<p>${escapeText(advice)}.</p>
</html>
`;
  send(request, response, status, types[".html"] as string, Buffer.from(page), headers);
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(value));
  send(request, response, status, "application/json; charset=utf-8", bytes, headers);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  bytes: Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  // What is left of a body that nobody reads would be taken for the next request.
  if (!request.complete && request.method === "POST") response.setHeader("Connection", "close");
  response.writeHead(status, {
    ...safeHeaders,
    ...headers,
    "Content-Type": type,
    "Content-Length": bytes.length,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
