import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { draw, readRecording } from "gyre/trace";
import { encodeParts } from "../handlers/multipart.ts";
import { makePng } from "../sample-files.ts";
import { urlOf, withFolder } from "./child-service.ts";
import { checkReadBack, getJson, submitPhoto, submitThree } from "./client.ts";

/** Begin an upload, and wait until the service asks for its body. */
async function beginUpload(
  base: string,
): Promise<{ sendHalf(): void; finish(): Promise<number | undefined> }> {
  const { type, body } = encodeParts([
    { name: "file", filename: "a.png", body: Buffer.alloc(500_000, makePng()) },
  ]);
  const sending = request(`${base}/api/uploads?survey=storm25&question=Q4`, {
    method: "POST",
    headers: { "Content-Type": type, "Content-Length": body.length, Expect: "100-continue" },
  });
  const responding = once(sending, "response");
  responding.catch(() => undefined); // the service may be killed
  sending.flushHeaders();
  await once(sending, "continue");
  return {
    sendHalf: () => void sending.write(body.subarray(0, 250_000)),
    async finish() {
      sending.end(body);
      const [response] = (await responding) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    },
  };
}

describe("the service as a process", () => {
  it("says where it listens, what to try, where data lies, and how to stop it", async () => {
    await withFolder(async (folder, start) => {
      const service = start("main", "--port", "0", "--legacy");
      const url = await urlOf(service);
      assert.ok(service.stdout.includes(`fill in a survey    ${url}/s/storm25\n`));
      assert.ok(service.stdout.includes(`${url}/legacy/s/storm25\n`));
      assert.ok(service.stdout.includes(`answers and files   ${folder}\n`));
      assert.match(service.stdout, /stop {16}Ctrl\+C/);
      assert.match(service.stdout, /watch it run {8}npm start -- --console\n/);
      assert.equal((await fetch(url)).status, 200);
    });
  });

  it("stores PNG, MP4 and PDF under new names, with a fresh cache and two entries in the queue", async () => {
    await withFolder(async (_, start) => {
      const base = await urlOf(start("main", "--port", "0"));
      const respondent = await submitThree(base);
      await checkReadBack(base, respondent);
      const { length } = await getJson<{ length: number }>(`${base}/api/queue/upload_file_check_task_queue`);
      assert.equal(length, 2);
    });
  });

  it("has everything after kill -9 right behind the answer, three times in a row", async () => {
    await withFolder(async (_, start) => {
      const respondents = [];
      for (let round = 0; round < 3; round++) {
        const service = start("main", "--port", "0");
        const base = await urlOf(service);
        for (const respondent of respondents) await checkReadBack(base, respondent);
        const respondent = await submitThree(base);
        assert.equal(await service.kill("SIGKILL"), "SIGKILL");
        respondents.push(respondent);
        assert.equal(respondent.seq, round + 1);
      }
      const base = await urlOf(start("main", "--port", "0"));
      for (const respondent of respondents) await checkReadBack(base, respondent);
    });
  });

  it("keeps nothing of an upload that kill -9 has cut", async () => {
    await withFolder(async (folder, start) => {
      const service = start("main", "--port", "0");
      const sending = await beginUpload(await urlOf(service));
      sending.sendHalf();
      const objects = join(folder, "objects");
      while ((await readdir(objects)).length === 0) await pause(5);
      await service.kill("SIGKILL");
      const base = await urlOf(start("main", "--port", "0"));
      assert.deepEqual(await readdir(objects), []);
      await checkReadBack(base, await submitThree(base));
    });
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`ends with 0 on ${signal}, after the requests that have come`, async () => {
      await withFolder(async (_, start) => {
        const service = start("main", "--port", "0");
        const sending = await beginUpload(await urlOf(service));
        const code = service.kill(signal);
        assert.equal(await sending.finish(), 201);
        assert.equal(await code, 0);
        assert.match(service.stdout, new RegExp(`Stopped after ${signal}`));
      });
    });
  }

  it("takes the next free port and says so when its own is taken", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const { port } = blocker.address() as { port: number };
    await withFolder(async (_, start) => {
      const service = start("main", "--port", String(port));
      const url = await urlOf(service);
      assert.notEqual(new URL(url).port, String(port));
      assert.match(
        service.stdout,
        new RegExp(`port ${port} is taken, ${new URL(url).port} is the next free one`),
      );
    });
    blocker.close();
  });

  it("says what is wrong with its command line, and ends with 2", async () => {
    await withFolder(async (_, start) => {
      const service = start("main", "--prot", "1");
      assert.equal(await service.ended, 2);
      assert.equal(service.stderr, "Cannot start: Unknown option '--prot', see --help\n");
    });
  });

  it("says what is wrong with its folder, and ends with 1", async () => {
    await withFolder(async (_, start) => {
      const service = start("main", "--port", "0", "--data", process.execPath);
      assert.equal(await service.ended, 1);
      assert.match(service.stderr, /^Cannot [^\n]*\n$/);
    });
  });

  it("shows help and ends with 0", async () => {
    await withFolder(async (_, start) => {
      for (const program of ["main", "worker"] as const) {
        const child = start(program, "--help");
        assert.equal(await child.ended, 0);
        assert.match(child.stdout, /^Usage: npm /);
      }
    });
  });

  for (const program of ["main", "start"] as const) {
    it(`serves the console to who has the token, and links it without, as ${program}`, async () => {
      await withFolder(async (_, start) => {
        const service = start(program, "--port", "0", "--console");
        const base = await urlOf(service);
        const [, address = ""] = await service.printed(/watch it run {8}(http:\S+)/);
        assert.match(await (await fetch(address)).text(), /<title>[^<]*gyre/);
        const url = new URL("/", address).href;
        assert.equal((await fetch(url)).status, 401);
        const page = await (await fetch(base)).text();
        assert.ok(page.includes(`href="${url}"`));
        assert.ok(!page.includes("token"));
        assert.equal(await service.kill("SIGTERM"), 0);
      });
    });
  }

  it("links no console to who reaches it by another name", async () => {
    await withFolder(async (_, start) => {
      const base = await urlOf(start("main", "--port", "0", "--console"));
      const asking = request(base, { headers: { Host: "survey.example" } }).end();
      const [response] = (await once(asking, "response")) as [IncomingMessage];
      let page = "";
      for await (const chunk of response) page += String(chunk);
      assert.match(page, /Neighbourhood damage report/);
      assert.doesNotMatch(page, /Watch this service/);
    });
  });

  it("leads from a line of the log to the drawing of the request", async () => {
    await withFolder(async (folder, start) => {
      const trace = join(folder, "run.trace");
      const service = start("main", "--port", "0", "--legacy", "--trace", trace);
      const base = await urlOf(service);
      for (const path of ["/legacy/s/storm25", "/s/storm25"]) await submitPhoto(base, path);
      const idOf = async (path: string): Promise<string> => {
        const line = new RegExp(`201 POST ${path} \\(127\\.0\\.0\\.1\\) \\[([0-9a-f]{12})\\] `);
        return (await service.printed(line))[1] as string;
      };
      const ids = [await idOf("/legacy/s/storm25"), await idOf("/s/storm25")];
      assert.equal(await service.kill("SIGTERM"), 0);
      const [legacy = "", mended = ""] = ids.map((id) => {
        return draw(readRecording(trace), { request: id, columns: 200 });
      });
      assert.match(legacy, /cache write, old names[\s\S]*<── renamed/);
      assert.match(mended, /<── renamed[\s\S]*cache write, new names/);
    });
  });

  it("writes its recording on SIGUSR2 too, and goes on", async () => {
    await withFolder(async (folder, start) => {
      const trace = join(folder, "run.trace");
      const service = start("main", "--port", "0", "--trace", trace);
      const base = await urlOf(service);
      const response = await fetch(base, { headers: { "X-Request-Id": "by-hand-7" } });
      assert.equal(response.headers.get("X-Request-Id"), "by-hand-7");
      assert.doesNotMatch(await readFile(trace, "utf8"), /by-hand-7/);
      service.process.kill("SIGUSR2");
      await service.printed(/the recording is in/);
      assert.match(draw(readRecording(trace), { request: "by-hand-7" }), /IndexHandler\.get/);
      assert.equal((await fetch(base)).status, 200);
    });
  });

  it("says what is wrong with the file of its recording, and ends with 2", async () => {
    await withFolder(async (folder, start) => {
      const service = start("main", "--port", "0", "--trace", join(folder, "none", "run.trace"));
      assert.equal(await service.ended, 2);
      assert.match(service.stderr, /^Cannot start: --trace is "[^\n]*there is no such folder[^\n]*\n$/);
    });
  });

  for (const program of ["main", "start"] as const) {
    it(`caches the old answer at /legacy, and logs who was orphaned and where, as ${program}`, async () => {
      await withFolder(async (_, start) => {
        const service = start(program, "--port", "0", "--legacy");
        const base = await urlOf(service);
        const { oid } = await submitThree(base, "/legacy/s/storm25");
        const [report] = await service.printed(
          /\S+Z warn {2}orphan: renameUploadFile #\d+[\s\S]*?detach\(future, reason\)/,
        );
        assert.match(report, /its owner LegacyAssessHandler\.post #\d+ ended/);
        assert.match(report, /waits at apps\/survey\/src\/service\/rename-upload-file\.ts:\d+:\d+/);
        assert.match(report, /started at apps\/survey\/src\/service\/upload-file-handle\.ts:\d+:\d+/);
        const isOld = (answer: unknown): boolean =>
          JSON.stringify(answer).includes("uploads/storm-damage-2025");
        const stored = async (): Promise<unknown> =>
          (await getJson<{ respondent: { answer: unknown } }>(`${base}/api/respondents/${oid}`)).respondent
            .answer;
        while (isOld(await stored())) await pause(10);
        const cached = await getJson<{ totalAnswer: unknown }>(
          `${base}/api/cache/assess_total_answer/${oid}`,
        );
        assert.ok(isOld(cached.totalAnswer));
      });
    });
  }
});

describe("the worker as a process", () => {
  it("looks into the files of a service that leaves it to it, and ends with 0 on a signal", async () => {
    await withFolder(async (_, start) => {
      const base = await urlOf(start("main", "--port", "0", "--no-worker"));
      await submitThree(base);
      const worker = start("worker");
      await worker.printed(/The review worker runs on/);
      for (;;) {
        const { pending } = await getJson<{ pending: { verdict?: { kind: string } }[] }>(`${base}/review`);
        assert.equal(pending.length, 2);
        const verdicts = pending.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict.kind]));
        if (verdicts.length === 2) {
          assert.deepEqual(verdicts, ["ok", "ok"]);
          break;
        }
        await pause(20);
      }
      assert.equal(await worker.kill("SIGTERM"), 0);
      assert.match(worker.stdout, /Stopped after SIGTERM/);
    });
  });
});
