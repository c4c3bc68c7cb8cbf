import assert from "node:assert/strict";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type ServedPage, servePage } from "../../src/console/http.ts";
import { formatRecording } from "../../src/trace/index.ts";
import { makeRecording, makeRow, makeSnapshot, StillSource } from "./page/sources.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const here = fileURLToPath(import.meta.url);
const source = new StillSource(
  makeSnapshot([makeRow({ id: 1, name: "handle", at: "http.test.ts:3:1", file: here, line: 3 })]),
  makeRecording(),
);
let page: ServedPage;
let open: ServedPage;

before(async () => {
  page = await servePage(source);
  open = await servePage(source, { allowControl: true });
});

after(async () => {
  await page.close();
  await open.close();
});

interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** The page to ask; the one without control when left out. */
  readonly of?: ServedPage;
}

/** A request with nothing in it but what is said. */
function ask(path: string, { method = "GET", headers = {}, body, of = page }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = `127.0.0.1:${of.port}`;
    const request = httpRequest(
      { host: "127.0.0.1", port: of.port, path, method, headers: { host, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function tokenOf(of: ServedPage): string {
  return new URL(of.url).searchParams.get("token") ?? "";
}

/** What the page's own script sends. */
function own(of: ServedPage = page): Record<string, string> {
  return { cookie: `gyre-${of.port}=${tokenOf(of)}`, "sec-fetch-site": "same-origin" };
}

/** What the page's own script sends along with a command. */
function ownPost(of: ServedPage): Record<string, string> {
  return { ...own(of), origin: `http://127.0.0.1:${of.port}` };
}

function errorOf(answer: Answer): string {
  return (JSON.parse(answer.text) as { error: string }).error;
}

describe("servePage()", () => {
  it("gives the page and a cookie to who has the token", async () => {
    const answer = await ask(`/?token=${tokenOf(page)}`);
    assert.equal(answer.status, 200);
    assert.match(answer.text, /<script type="module" src="\/page.js">/);
    assert.deepEqual(answer.headers["set-cookie"], [
      `gyre-${page.port}=${tokenOf(page)}; Path=/; HttpOnly; SameSite=Strict`,
    ]);
  });

  it("has a new token of 192 bits at each start", () => {
    assert.notEqual(tokenOf(page), tokenOf(open));
    assert.equal(Buffer.from(tokenOf(page), "base64url").length, 24);
  });

  it("takes the cookie in the place of the token", async () => {
    const answer = await ask("/", { headers: own() });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["set-cookie"], undefined);
  });

  it("refuses who has no token, and says where it is", async () => {
    const answer = await ask("/");
    assert.equal(answer.status, 401);
    assert.match(answer.text, /The token is missing/);
    assert.match(answer.text, /the whole address that the program printed/);
  });

  it("gives its looks to everybody, as refusals need them, but to no other page", async () => {
    assert.equal((await ask("/page.css")).status, 200);
    assert.equal((await ask("/page.css", { headers: { host: "evil.example" } })).status, 421);
    assert.equal((await ask("/page.css", { headers: { "sec-fetch-site": "cross-site" } })).status, 403);
  });

  it("refuses a wrong token, as address and as cookie", async () => {
    assert.match((await ask("/?token=guess")).text, /The token is not right/);
    assert.equal((await ask("/api/state", { headers: { cookie: `gyre-${page.port}=guess` } })).status, 401);
    const ofOther = { cookie: `gyre-${open.port}=${tokenOf(open)}` };
    assert.equal((await ask("/api/state", { headers: ofOther })).status, 401);
  });

  it("gives no answer about the program to who has no token, whatever its address ends with", async () => {
    const questions = [
      "state",
      "stack",
      "history",
      "excerpt",
      "timeline",
      "requests",
      "drawing",
      "drawing.svg",
    ];
    for (const question of questions)
      assert.equal((await ask(`/api/${question}?request=1`)).status, 401, question);
  });

  it("takes the token at the page's own address only", async () => {
    assert.equal((await ask(`/api/state?token=${tokenOf(page)}`)).status, 401);
  });

  it("refuses a foreign Host, whatever else is right", async () => {
    for (const host of [
      "evil.example",
      `evil.example:${page.port}`,
      "127.0.0.1",
      `127.0.0.1.evil:${page.port}`,
    ]) {
      const answer = await ask("/api/state", { headers: { ...own(), host } });
      assert.equal(answer.status, 421, host);
      assert.match(errorOf(answer), /is not the name of this server/);
    }
  });

  it("takes its other names on this machine", async () => {
    for (const name of ["localhost", "[::1]"]) {
      const answer = await ask("/api/state", { headers: { ...own(), host: `${name}:${page.port}` } });
      assert.equal(answer.status, 200, name);
    }
  });

  it("refuses a foreign Origin, another port of this host and null included", async () => {
    for (const origin of [
      "http://evil.example",
      `http://127.0.0.1:${open.port}`,
      "null",
      "http://127.0.0.1",
    ]) {
      const answer = await ask("/api/state", { headers: { ...own(), origin } });
      assert.equal(answer.status, 403, origin);
      assert.match(errorOf(answer), /may not ask this server/);
    }
  });

  it("refuses what another page's script, picture or form asks for", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const headers = { ...own(), "sec-fetch-site": site };
      assert.equal((await ask("/api/state", { headers })).status, 403);
      assert.equal((await ask("/page.js", { headers })).status, 403);
    }
  });

  it("lets another page lead to it, but not into a frame", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    const path = `/?token=${tokenOf(page)}`;
    assert.equal((await ask(path, { headers: { ...headers, "sec-fetch-dest": "document" } })).status, 200);
    assert.equal((await ask(path, { headers: { ...headers, "sec-fetch-dest": "iframe" } })).status, 403);
  });

  it("does not upgrade a connection", async () => {
    const socket = connect(page.port, "127.0.0.1");
    const cookie = own().cookie;
    socket.write(
      `GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:${page.port}\r\nCookie: ${cookie}\r\nOrigin: http://evil.example\r\n` +
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    const [first] = (
      await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))))
    ).split("\r\n");
    socket.destroy();
    assert.equal(first, "HTTP/1.1 403 Forbidden");
  });

  it("sends everything with a policy, refusals too", async () => {
    const answers = [
      await ask("/", { headers: own() }),
      await ask("/api/state", { headers: own() }),
      await ask("/page.css", { headers: own() }),
      await ask("/"),
      await ask("/nothing", { headers: own() }),
    ];
    for (const { headers } of answers) {
      assert.match(String(headers["content-security-policy"]), /^default-src 'self'; /);
      assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe/);
      assert.match(String(headers["content-security-policy"]), /frame-ancestors 'none'/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.equal(headers["cross-origin-resource-policy"], "same-origin");
      assert.equal(headers["access-control-allow-origin"], undefined);
    }
  });

  it("listens on 127.0.0.1 only", () => {
    assert.match(page.url, /^http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  });

  it("says which methods there are", async () => {
    const answer = await ask("/", { method: "PUT", headers: ownPost(page) });
    assert.deepEqual([answer.status, answer.headers.allow], [405, "GET, HEAD, POST"]);
    const post = await ask("/api/state", { method: "POST", headers: ownPost(page) });
    assert.deepEqual([post.status, post.headers.allow], [405, "GET, HEAD"]);
    const get = await ask("/api/control", { headers: own() });
    assert.deepEqual([get.status, get.headers.allow], [405, "POST"]);
  });

  it("answers HEAD without a body", async () => {
    const answer = await ask("/page.js", { method: "HEAD", headers: own() });
    assert.deepEqual([answer.status, answer.text], [200, ""]);
  });

  it("serves no file but those of the page", async () => {
    for (const path of [
      "/../http.ts",
      "/%2e%2e/http.ts",
      "/..%2fhttp.ts",
      "/tsconfig.json",
      "//page.js",
      "/page.js/",
    ]) {
      assert.notEqual((await ask(path, { headers: own() })).status, 200, path);
    }
  });

  it("shows what stands in an address as text", async () => {
    const answer = await ask("/", { headers: { host: '<script>"' } });
    assert.equal(answer.status, 421);
    assert.doesNotMatch(answer.text, /<script>/);
  });

  it("ends its connections when it is closed", async () => {
    const other = await servePage(source);
    const socket = connect(other.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    await other.close();
    await ended;
  });
});

describe("control", () => {
  const command = JSON.stringify({ action: "cancel", id: 1 });

  it("is refused unless it was allowed", async () => {
    const answer = await ask("/api/control", { method: "POST", headers: ownPost(page), body: command });
    assert.equal(answer.status, 403);
    assert.match(errorOf(answer), /--allow-control/);
    assert.deepEqual(source.commands, []);
  });

  it("is refused without an Origin, as a request that is no page's own", async () => {
    const answer = await ask("/api/control", { method: "POST", headers: own(open), body: command, of: open });
    assert.equal(answer.status, 403);
    assert.deepEqual(source.commands, []);
  });

  it("is refused to the page of another port", async () => {
    const headers = { ...ownPost(open), origin: `http://127.0.0.1:${page.port}` };
    const answer = await ask("/api/control", { method: "POST", headers, body: command, of: open });
    assert.equal(answer.status, 403);
    assert.deepEqual(source.commands, []);
  });

  it("cancels what the page names", async () => {
    const headers = ownPost(open);
    const answer = await ask("/api/control", { method: "POST", headers, body: command, of: open });
    assert.deepEqual(JSON.parse(answer.text), { done: "It was done" });
    assert.deepEqual(source.commands.splice(0), [
      { action: "cancel", id: 1, reason: "cancelled from the console" },
    ]);
  });

  it("refuses what is no command", async () => {
    for (const body of ["", "{", "null", '{"action":"cancel","id":"1"}', '{"action":"exit"}']) {
      const answer = await ask("/api/control", { method: "POST", headers: ownPost(open), body, of: open });
      assert.equal(answer.status, 400, body);
    }
    const long = await ask("/api/control", {
      method: "POST",
      headers: ownPost(open),
      body: " ".repeat(20_000),
      of: open,
    });
    assert.equal(long.status, 413);
    assert.deepEqual(source.commands, []);
  });
});

describe("the answers", () => {
  /** An answer's JSON. */
  async function read<T>(path: string): Promise<T> {
    const answer = await ask(path, { headers: own() });
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text) as T;
  }

  it("pass on how many rows the page wants", async () => {
    source.asked.length = 0;
    await read("/api/state?limit=7&lines=no");
    await read("/api/state?limit=8&lines=1,5");
    assert.deepEqual(source.asked, [
      { limit: 7, lines: false },
      { limit: 8, lines: [1, 5] },
    ]);
  });

  it("refuse what is no number", async () => {
    for (const query of ["limit=x", "limit=-1", "limit=1e9"]) {
      const answer = await ask(`/api/state?${query}`, { headers: own() });
      assert.equal(answer.status, 400);
      assert.match(errorOf(answer), /^Cannot read "limit": it is /);
    }
  });

  it("show the source where a coroutine was seen to wait", async () => {
    await read("/api/state");
    const path = `/api/excerpt?line=3&file=${encodeURIComponent(here)}`;
    const { from, lines } = await read<{ from: number; lines: string[] }>(path);
    assert.deepEqual([from, lines[0]], [1, 'import assert from "node:assert/strict";']);
  });

  it("show no other file, though it is there", async () => {
    const other = fileURLToPath(new URL("./page/sources.ts", import.meta.url));
    const answer = await ask(`/api/excerpt?line=3&file=${encodeURIComponent(other)}`, { headers: own() });
    assert.equal(answer.status, 404);
    assert.match(errorOf(answer), /no coroutine was seen to wait/);
  });

  it("show no file that is no source, though a recording says that something waits there", async () => {
    const secret = { file: "/etc/passwd", line: 1, column: 1 };
    const recording = makeRecording({
      events: [
        { kind: "start", atUs: 0, id: 1 },
        { kind: "wait", atUs: 1, id: 1, on: "a promise", line: secret },
      ],
    });
    const headers = ownPost(page);
    const body = [...formatRecording(recording)].join("");
    const opened = await ask("/api/open?name=a", { method: "POST", headers, body });
    const { id } = JSON.parse(opened.text) as { id: string };
    const { snapshot } = await read<{ snapshot: { rows: { file: string }[] } }>(`/api/state?rec=${id}`);
    assert.equal(snapshot.rows[0]?.file, secret.file);
    const answer = await ask("/api/excerpt?line=1&file=/etc/passwd", { headers: own() });
    assert.equal(answer.status, 404);
  });

  it("say why a file is no recording", async () => {
    const headers = ownPost(page);
    const answer = await ask("/api/open?name=notes.txt", { method: "POST", headers, body: "shopping list" });
    assert.equal(answer.status, 400);
    assert.match(errorOf(answer), /^Cannot read the recording notes\.txt: /);
  });

  it("open a recording, which is then shown at any time", async () => {
    const body = [...formatRecording(makeRecording())].join("");
    const opened = await ask("/api/open?name=one.gyre", { method: "POST", headers: ownPost(page), body });
    const { id, durationUs } = JSON.parse(opened.text) as { id: string; durationUs: number };
    assert.equal(durationUs, 100_000);
    const state = await read<{ kind: string; snapshot: { rows: { name: string; state: string }[] } }>(
      `/api/state?rec=${id}&at=41200`,
    );
    assert.equal(state.kind, "recording");
    assert.deepEqual(
      state.snapshot.rows.map(({ name, state }) => [name, state]),
      [
        ["handle", "waiting"],
        ["fetchUser", "running"],
      ],
    );
  });

  it("draw a request as text and as a picture without any style or script of its own", async () => {
    const { text } = await read<{ text: string }>("/api/drawing?request=1");
    assert.equal((await read<{ text: string }>("/api/drawing?request=req-7")).text, text);
    assert.match(text, /handle #1 req-7 +fetchUser #2/);
    const picture = await ask("/api/drawing.svg?request=1", { headers: own() });
    assert.equal(picture.headers["content-type"], "image/svg+xml");
    assert.match(picture.text, /^<svg /);
    assert.doesNotMatch(picture.text, /<style|<script/);
  });

  it("say that a request is not there", async () => {
    const answer = await ask("/api/drawing?request=99", { headers: own() });
    assert.equal(answer.status, 404);
    assert.match(errorOf(answer), /it is not in the recording/);
  });

  it("say that nothing is recorded, in the words of the program", async () => {
    const silent = await servePage(new StillSource(makeSnapshot([])));
    try {
      const answer = await ask("/api/timeline", { headers: own(silent), of: silent });
      assert.equal(answer.status, 409);
      assert.equal(errorOf(answer), "Cannot give the recording: nothing is recorded");
    } finally {
      await silent.close();
    }
  });

  it("show a recording from the start where there is no program", async () => {
    const over = await servePage(new StillSource(makeSnapshot([]), makeRecording(), "recording"));
    try {
      const answer = await ask("/api/state?at=2000", { headers: own(over), of: over });
      const state = JSON.parse(answer.text) as { kind: string; snapshot: { total: number; at: string } };
      assert.deepEqual([state.kind, state.snapshot.total], ["recording", 2]);
      assert.equal(state.snapshot.at, "2026-01-02T03:04:05.002Z");
    } finally {
      await over.close();
    }
  });
});
