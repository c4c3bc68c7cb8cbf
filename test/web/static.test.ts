import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  Application,
  type MemoryRequest,
  type MemoryResponse,
  StaticFileHandler,
} from "../../src/web/index.ts";
import { RecordingLog } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "gyre-static-"));
const root = join(folder, "static");
const mtime = new Date("2024-05-06T07:08:09.500Z");
const log = new RecordingLog();

const application = new Application(
  [
    ["/static/*path", StaticFileHandler, { root }],
    ["/pages/*path", StaticFileHandler, { root, defaultFilename: "index.html", maxAgeSeconds: 60 }],
    ["/follow/*path", StaticFileHandler, { root, followSymlinks: true }],
    ["/none/*path", StaticFileHandler, { root: join(folder, "none") }],
    ["/wrong/*path", StaticFileHandler, {}],
    ["/*path", StaticFileHandler, { root, defaultFilename: "index.html" }],
  ],
  { log },
);

const get = async (path: string, headers: MemoryRequest["headers"] = {}): Promise<MemoryResponse> =>
  await application.request({ path, headers });

before(() => {
  mkdirSync(join(root, "dir"), { recursive: true });
  mkdirSync(join(root, "evil.com"));
  writeFileSync(join(root, "ten.txt"), "0123456789");
  writeFileSync(join(root, "noext"), "x");
  writeFileSync(join(root, "js"), "x");
  writeFileSync(join(root, "big.bin"), Buffer.alloc(200_000, 7));
  writeFileSync(join(root, "a b é.css"), "b{}");
  writeFileSync(join(root, ".hidden"), "secret");
  writeFileSync(join(root, "a:b"), "stream");
  writeFileSync(join(root, "dir", "index.html"), "<p>index");
  writeFileSync(join(folder, "static_secret.txt"), "secret");
  symlinkSync(join(folder, "static_secret.txt"), join(root, "outside"));
  symlinkSync(join(root, "ten.txt"), join(root, "inside"));
  symlinkSync(join(root, ".hidden"), join(root, "to-hidden"));
  symlinkSync(folder, join(root, "up"));
  symlinkSync("loop", join(root, "loop"));
  utimesSync(join(root, "ten.txt"), mtime, mtime);
});

after(() => {
  rmSync(folder, { recursive: true });
  assert.deepEqual(log.takeErrors(), []);
});

describe("StaticFileHandler", () => {
  it("serves a file with its type, length and validators", async () => {
    const response = await get("/static/ten.txt");
    assert.equal(response.status, 200);
    assert.equal(response.text(), "0123456789");
    assert.equal(response.headers.get("Content-Type"), "text/plain; charset=utf-8");
    assert.equal(response.headers.get("Content-Length"), "10");
    assert.equal(response.headers.get("Last-Modified"), "Mon, 06 May 2024 07:08:09 GMT");
    assert.match(response.headers.get("ETag") ?? "", /^"[0-9a-z]+-a"$/);
    assert.equal(response.headers.get("Cache-Control"), "no-cache");
    assert.equal((await get("/pages/ten.txt")).headers.get("Cache-Control"), "public, max-age=60");
  });

  it("serves names with blanks, accents and no extension, and files of several pieces", async () => {
    assert.equal(
      (await get("/static/a%20b%20%C3%A9.css")).headers.get("Content-Type"),
      "text/css; charset=utf-8",
    );
    for (const name of ["noext", "js"]) {
      assert.equal((await get(`/static/${name}`)).headers.get("Content-Type"), "application/octet-stream");
    }
    assert.deepEqual((await get("/static/big.bin")).body, Buffer.alloc(200_000, 7));
  });

  it("answers HEAD without a body, and 405 to a POST", async () => {
    const head = await application.request({ method: "HEAD", path: "/static/ten.txt" });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("Content-Length"), "10");
    assert.equal(head.body.length, 0);
    assert.equal((await application.request({ method: "POST", path: "/static/ten.txt" })).status, 405);
  });

  it("answers 304 to who has the file", async () => {
    const etag = (await get("/static/ten.txt")).headers.get("ETag") as string;
    for (const headers of [
      { "If-None-Match": etag },
      { "If-None-Match": `"x", W/${etag}` },
      { "If-None-Match": "*" },
      { "If-Modified-Since": "Mon, 06 May 2024 07:08:09 GMT" },
    ]) {
      const response = await get("/static/ten.txt", headers);
      assert.equal(response.status, 304);
      assert.equal(response.body.length, 0);
      assert.equal(response.headers.get("ETag"), etag);
    }
    for (const headers of [
      { "If-None-Match": '"x"' },
      { "If-None-Match": '"x"', "If-Modified-Since": "Mon, 06 May 2024 07:08:09 GMT" },
      { "If-Modified-Since": "Mon, 06 May 2024 07:08:08 GMT" },
      { "If-Modified-Since": "yesterday" },
    ]) {
      assert.equal((await get("/static/ten.txt", headers)).status, 200);
    }
  });

  // WEB-013
  it("answers a range by 206, 416 or all", async () => {
    const range = async (value: string): Promise<unknown[]> => {
      const { status, headers, body } = await get("/static/ten.txt", { Range: value });
      return [status, headers.get("Content-Range"), status === 416 ? "" : body.toString()];
    };
    assert.deepEqual(await range("bytes=0-3"), [206, "bytes 0-3/10", "0123"]);
    assert.deepEqual(await range("bytes=-3"), [206, "bytes 7-9/10", "789"]);
    assert.deepEqual(await range("bytes=20-"), [416, "bytes */10", ""]);
    assert.deepEqual(await range("bytes=5-2"), [416, "bytes */10", ""]);
    assert.deepEqual(await range("bytes=-0"), [416, "bytes */10", ""]);
    assert.deepEqual(await range("bytes=0-1,3-4"), [200, undefined, "0123456789"]);
    assert.deepEqual(await range("junk"), [200, undefined, "0123456789"]);
  });

  it("gives a part only to who has the rest of the same file", async () => {
    const { headers } = await get("/static/ten.txt");
    const since = headers.get("Last-Modified") as string;
    const etag = headers.get("ETag") as string;
    for (const [condition, status] of [
      [etag, 206],
      [since, 206],
      ['"other"', 200],
      [`W/${etag}`, 200],
    ] as const) {
      const response = await get("/static/ten.txt", { Range: "bytes=0-3", "If-Range": condition });
      assert.equal(response.status, status);
    }
  });

  it("answers 404 to what is not there", async () => {
    for (const path of ["nothing", "dir/nothing", "ten.txt/x", "ten.txt/", "loop", "x".repeat(300)]) {
      assert.equal((await get(`/static/${path}`)).status, 404, path);
    }
    assert.equal((await get("/none/x")).status, 404);
  });

  // Security: Tornado 4.2.1, traversal and the prefix trick; NTFS streams; dotfiles.
  it("answers 403 to a path that could lead out, whether or not something is there", async () => {
    for (const path of [
      "../static_secret.txt",
      "../static_nothing.txt",
      "..%2fstatic_secret.txt",
      "%2e%2e/static_secret.txt",
      "dir/../ten.txt",
      "./ten.txt",
      "%2fetc/hostname",
      "/etc/hostname",
      "dir//index.html",
      "..\\static_secret.txt",
      "ten.txt%00",
      "ten.txt%0a",
      ".hidden",
      ".nothing",
      "dir/.git/config",
      "a:b",
      "ten.txt::$DATA",
    ]) {
      assert.equal((await get(`/static/${path}`)).status, 403, path);
      assert.equal((await get(`/follow/${path}`)).status, 403, path);
    }
  });

  // Security: Tornado 6.5.9, symbolic links out of the root.
  it("answers 403 to a symbolic link that leads out of the root or to a dotfile, unless told to follow", async () => {
    for (const path of ["outside", "up/static_secret.txt", "to-hidden"]) {
      assert.equal((await get(`/static/${path}`)).status, 403, path);
      assert.equal((await get(`/follow/${path}`)).text(), "secret", path);
    }
    assert.equal((await get("/static/inside")).text(), "0123456789");
  });

  it("answers 403 for a folder, or with its default file behind a slash", async () => {
    assert.equal((await get("/static/dir")).status, 403);
    assert.equal((await get("/static/dir/")).status, 403);
    assert.equal((await get("/static/")).status, 403);
    const page = await get("/pages/dir/");
    assert.equal(page.text(), "<p>index");
    assert.equal(page.headers.get("Content-Type"), "text/html; charset=utf-8");
    const redirect = await get("/pages/dir?a=b");
    assert.equal(redirect.status, 301);
    assert.equal(redirect.headers.get("Location"), "/pages/dir/?a=b");
    assert.equal((await get("/pages/evil.com/")).status, 404);
  });

  // Security: CVE-2023-28370, open redirect by the default file.
  it("never redirects to another site", async () => {
    for (const path of ["/evil.com", "//evil.com", "///evil.com", "/\\evil.com", "//evil.com/%2e%2e"]) {
      const { headers } = await get(path);
      const location = headers.get("Location");
      if (location !== undefined) assert.equal(new URL(location, "http://here").host, "here", path);
    }
    assert.equal((await get("/evil.com")).headers.get("Location"), "/evil.com/");
  });

  it("wants a root", async () => {
    assert.equal((await get("/wrong/x")).status, 500);
    assert.match(log.takeErrors().join(), /Cannot serve files: the root is undefined/);
  });

  it("leaves no file open, also when the client goes while it is opened or read", async () => {
    const openFiles = (): string[] => readdirSync("/proc/self/fd");
    await get("/static/ten.txt");
    const before = openFiles().length;
    class Cancelled extends StaticFileHandler {
      static override readonly cancelOnClose = true;
    }
    const leaving = new Application([["/*path", Cancelled, { root }]], { log });
    for (let turns = 0; turns < 12; turns++) {
      const response = leaving.request({ path: "/big.bin" });
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      response.cancel();
      while (leaving.statistics().requests > 0) await new Promise(setImmediate);
    }
    // One that was being opened when its request ended is closed behind that.
    for (let wait = 0; wait < 1000 && openFiles().length > before; wait++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(openFiles().length, before);
  });
});
