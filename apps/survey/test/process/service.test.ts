import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { encodeParts } from "../handlers/multipart.ts";
import { makePng } from "../sample-files.ts";
import { urlOf, withFolder } from "./child-service.ts";
import { checkReadBack, getJson, submitThree } from "./client.ts";

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
