import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import {
  type Blocked,
  connectAll,
  connectProcess,
  type Overview,
  type ProcessClient,
  type SlowTurn,
  type Stack,
  startConsole,
} from "../../src/console/index.ts";
import type { Recording, Snapshot } from "../../src/trace/index.ts";
import { lineOf, type Program, type Programs, withPrograms } from "./child.ts";

const source = readFileSync(new URL("./program.ts", import.meta.url), "utf8");

const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";

/** Connect to a program of `programs`, whose folder this process would not look into. */
async function connect(programs: Programs, { pid }: { readonly pid: number }): Promise<ProcessClient> {
  return await inFolder(programs, () => connectProcess(pid));
}

/** Whoever looks into a folder now: there is one environment, so one after the other. */
let looking: Promise<unknown> = Promise.resolve();

function inFolder<T>(programs: Programs, fn: () => Promise<T>): Promise<T> {
  const mine = looking.then(async () => {
    // Sockets are looked for in both.
    const { XDG_RUNTIME_DIR, TMPDIR } = process.env;
    Object.assign(process.env, { XDG_RUNTIME_DIR: programs.folder, TMPDIR: programs.folder });
    try {
      return await fn();
    } finally {
      for (const [name, before] of Object.entries({ XDG_RUNTIME_DIR, TMPDIR })) {
        if (before === undefined) delete process.env[name];
        else process.env[name] = before;
      }
    }
  });
  looking = mine.catch(() => {});
  return mine;
}

/** What a reader of the program's page does to have a coroutine cancelled; the answer. */
async function cancel({ stdout }: Program, id: number): Promise<string> {
  const { address } = JSON.parse(stdout.split("\n")[0] as string);
  const { origin, port, searchParams } = new URL(address);
  const answer = await fetch(`${origin}/api/control`, {
    method: "POST",
    headers: {
      Cookie: `gyre-${port}=${searchParams.get("token")}`,
      Origin: origin,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ action: "cancel", id }),
  });
  return await answer.text();
}

/** Ask until it is blocked and its stack is known. */
async function untilBlocked(client: ProcessClient): Promise<Blocked> {
  for (;;) {
    const blocked = await client.ask<Blocked | null>("blocked");
    if (blocked !== null && (blocked.frames.length > 0 || blocked.unreadable !== undefined)) return blocked;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("startConsole()", () => {
  it(
    "tells what waits, with lines and labels, while the program waits",
    withPrograms(async (programs) => {
      const client = await connect(programs, await programs.start("waits"));
      const { rows, total } = await client.ask<Snapshot>("snapshot", {});
      assert.deepEqual(
        rows.map(({ name, state, at, labels }) => [name, state, at?.replace(/:\d+$/, ""), labels.join()]),
        [
          ["handle", "waiting", lineOf("// handle waits here", source), ""],
          ["fetchUser", "waiting", lineOf("// fetchUser waits here", source), "user-7"],
        ],
      );
      assert.equal(total, 2);
      // On a busy machine the start of the program itself may block for a moment.
      while ((await client.ask("blocked")) !== null);
      while ((await client.ask<Stack>("stack")).frames.length > 0);
      client.close();
    }),
  );

  for (const state of ["hangs", "starves"]) {
    it(
      `tells the same while the program ${state}, and what blocks it`,
      withPrograms(async (programs) => {
        const client = await connect(programs, await programs.start(state));
        const { frames } = await untilBlocked(client);
        if (state === "hangs")
          assert.match(frames[0] ?? "", new RegExp(`^at spin \\(${lineOf("// spin blocks", source)}:`));
        else assert.match(frames.join("\n"), /at again \(/);
        const { rows } = await client.ask<Snapshot>("snapshot", {});
        const waiting = rows.filter((row) => row.state === "waiting");
        assert.deepEqual(
          waiting.map(({ name, at }) => [name, at?.replace(/:\d+$/, "")]),
          [
            ["handle", lineOf("// handle waits here", source)],
            ["fetchUser", lineOf("// fetchUser waits here", source)],
          ],
        );
        const stack = await client.ask<Stack>("stack");
        assert.match(stack.frames.join("\n"), state === "hangs" ? /at spin / : /at again /);
        client.close();
      }),
    );
  }

  it(
    "says so when the main thread is in a call of the system",
    withPrograms(async (programs) => {
      const client = await connect(programs, await programs.start("sleeps"));
      const { unreadable } = await untilBlocked(client);
      assert.match(unreadable ?? "", /its main thread is in a call of the system/);
      await assert.rejects(
        client.ask("snapshot"),
        /^Error: Cannot ask the process: its main thread is in a call/,
      );
      client.close();
    }),
  );

  it(
    "counts all coroutines, and gives as many rows as are asked for",
    withPrograms(async (programs) => {
      const client = await connect(programs, await programs.start("many"));
      const few = await client.ask<Snapshot>("snapshot", { limit: 3 });
      assert.deepEqual([few.total, few.rows.length], [2000, 3]);
      const all = await client.ask<Snapshot>("snapshot", { limit: 5000, lines: false });
      assert.equal(all.rows.length, 2000);
      client.close();
    }),
  );

  it(
    "answers questions that are asked at once, each its own",
    withPrograms(async (programs) => {
      const client = await connect(programs, await programs.start("waits"));
      const [snapshot, stack, overview, wrong] = await Promise.all([
        client.ask<Snapshot>("snapshot"),
        client.ask<Stack>("stack"),
        client.ask<Overview>("overview"),
        client.ask("secrets").catch((error: Error) => error.message),
      ]);
      assert.equal(snapshot.total, 2);
      assert.ok(Array.isArray(stack.frames));
      assert.equal(overview.blockedAfterMs, 200);
      assert.ok(overview.heapUsedBytes > 0);
      assert.match(String(wrong), /^Cannot answer "secrets": this process knows snapshot, /);
      client.close();
    }),
  );

  it(
    "tells of turns that were slow, with their stacks",
    withPrograms(async (programs) => {
      const client = await connect(programs, await programs.start("blocks", { blockedAfterMs: 20 }));
      const isBlock = (turn: SlowTurn): boolean => turn.frames.some((frame) => /\bblock /.test(frame));
      let overview = await client.ask<Overview>("overview");
      while (!overview.slowTurns.some(isBlock)) overview = await client.ask<Overview>("overview");
      const { tookMs } = overview.slowTurns.find(isBlock) as SlowTurn;
      assert.ok(tookMs >= overview.blockedAfterMs);
      client.close();
    }),
  );

  it(
    "records for a while, and gives the recording",
    withPrograms(async (programs) => {
      const client = await connect(programs, await programs.start("waits"));
      await assert.rejects(client.ask("recording"), /Cannot give the recording: nothing is recorded/);
      const recording = await client.ask<Recording>("trace", { durationMs: 10 });
      assert.equal(recording.version, 1);
      await assert.rejects(client.ask("recording"), /nothing is recorded/);
      await assert.rejects(client.ask("trace", { durationMs: -1 }), /Cannot record for -1 ms/);
      client.close();
    }),
  );

  it(
    "records for each of two readers as long as that one wants",
    withPrograms(async (programs) => {
      const client = await connect(programs, await programs.start("waits"));
      const traces = [10, 100].map((durationMs) => client.ask<Recording>("trace", { durationMs }));
      for (const { version } of await Promise.all(traces)) assert.equal(version, 1);
      await assert.rejects(client.ask("recording"), /nothing is recorded/);
      client.close();
    }),
  );

  it(
    "cancels what a reader of the page wants to be cancelled, where that is allowed",
    withPrograms(async (programs) => {
      const program = await programs.start("waits", { http: {}, allowControl: true });
      assert.equal(await cancel(program, 2), '{"done":"fetchUser #2 was cancelled"}');
      assert.match(await cancel(program, 2), /Cannot cancel #2: no coroutine with this number runs/);
      const client = await connect(programs, program);
      let { total } = await client.ask<Snapshot>("snapshot");
      while (total > 0) ({ total } = await client.ask<Snapshot>("snapshot"));
      client.close();
    }),
  );

  it(
    "changes nothing in the midst of a step",
    withPrograms(async (programs) => {
      const program = await programs.start("hangs", { http: {}, allowControl: true });
      const client = await connect(programs, program);
      await untilBlocked(client);
      client.close();
      assert.match(await cancel(program, 2), /its main thread is busy, and this is done between turns only/);
    }),
  );

  it(
    "writes what waits to standard error on SIGUSR2",
    withPrograms(async (programs) => {
      const program = await programs.start("waits");
      program.child.kill("SIGUSR2");
      await program.until(/fetchUser #2 \[user-7\] waits for sleep.* ms left at /, "stderr");
      assert.match(
        program.stderr,
        /^gyre: what runs now: 2 coroutines: 2 waiting, 0 ready, 0 running\nhandle #1 waits/,
      );
    }),
  );

  it(
    "writes it also while the main thread hangs, with the stack that does not return",
    withPrograms(async (programs) => {
      const program = await programs.start("hangs");
      await untilBlocked(await connect(programs, program));
      program.child.kill("SIGUSR2");
      await program.until(/^spin #3 runs/m, "stderr");
      const spins = lineOf("// spin blocks here", source);
      assert.match(
        program.stderr,
        new RegExp(`^gyre: what runs now: blocked for .*, by\n {2}at spin \\(${spins}:\\d+\\)\n3 coroutines`),
      );
    }),
  );

  it(
    "says that it cannot tell while the system is at work, which cannot be interrupted",
    withPrograms(async (programs) => {
      const program = await programs.start("sleeps");
      await untilBlocked(await connect(programs, program));
      program.child.kill("SIGUSR2");
      await program.until(
        /^gyre: what runs now: blocked for .*in a call of the system.*\ngyre: .*\n/m,
        "stderr",
      );
    }),
  );

  it(
    "writes circles of locks too",
    withPrograms(async (programs) => {
      const program = await programs.start("deadlocks");
      const client = await connect(programs, program);
      let { deadlocks } = await client.ask<Snapshot>("snapshot");
      while (deadlocks.length === 0) ({ deadlocks } = await client.ask<Snapshot>("snapshot"));
      assert.equal(deadlocks.length, 1);
      client.close();
    }),
  );

  for (const [state, end] of [
    ["ends", 0],
    ["throws", 1],
    ["exits", 3],
  ] as const) {
    it(
      `keeps nothing alive and leaves nothing behind when the program ${state}`,
      withPrograms(async (programs) => {
        const program = await programs.start(state);
        assert.equal(await program.ended, end, program.stderr);
        assert.deepEqual(readdirSync(join(programs.folder, "gyre")), []);
        assert.match(program.stderr, state === "throws" ? /thrown on purpose/ : /^$/);
      }),
    );
  }

  it(
    "lets the program end in the midst of questions",
    withPrograms(async (programs) => {
      const program = await programs.start("waits");
      const clients = await Promise.all(Array.from({ length: 4 }, () => connect(programs, program)));
      const asking = clients.map(async (client) => {
        for (;;) await client.ask("snapshot");
      });
      const ended = Promise.allSettled(asking);
      await clients[0]?.ask("stack");
      program.child.kill("SIGTERM");
      assert.equal(await program.ended, "SIGTERM");
      for (const { status, reason } of (await ended) as PromiseRejectedResult[]) {
        assert.equal(status, "rejected");
        assert.match(String(reason), /it ended before it answered|EPIPE|ECONNRESET/);
      }
      assert.equal(program.stderr, "");
    }),
  );

  it(
    "opens its socket for this user only, in a folder of this user's",
    withPrograms(async (programs) => {
      const { pid } = await programs.start("waits");
      const folder = join(programs.folder, "gyre");
      assert.equal(lstatSync(folder).mode & 0o777, 0o700);
      assert.equal(lstatSync(join(folder, `${pid}.sock`)).mode & 0o777, 0o600);
    }),
  );

  it(
    "drops a client that sends what is no question, and goes on",
    withPrograms(async (programs) => {
      const program = await programs.start("waits");
      const path = join(programs.folder, "gyre", `${program.pid}.sock`);
      for (const text of ["nonsense\n", "null\n", '{"id":"x"}\n', "x".repeat(1_500_000)]) {
        const { createConnection } = await import("node:net");
        const socket = createConnection(path);
        socket.on("error", () => {});
        socket.write(text);
        await new Promise((resolve) => socket.on("close", resolve).resume());
      }
      const client = await connect(programs, program);
      assert.equal((await client.ask<Snapshot>("snapshot")).total, 2);
      client.close();
      assert.equal(program.stderr, "");
    }),
  );

  it(
    "answers by messages where the permission model refuses the inspector, and says so of a blocked thread",
    withPrograms(async (programs) => {
      const flags = [
        permission,
        "--allow-worker",
        "--allow-fs-read=*",
        "--allow-fs-write=*",
        "--allow-child-process",
      ];
      const waiting = await connect(programs, await programs.start("waits", {}, flags));
      assert.equal((await waiting.ask<Snapshot>("snapshot")).total, 2);
      waiting.close();
      const hanging = await connect(programs, await programs.start("hangs", {}, flags));
      const { unreadable } = await untilBlocked(hanging);
      assert.match(
        unreadable ?? "",
        /cannot be interrupted because the permission model refuses the inspector/,
      );
      hanging.close();
    }),
  );
});

// One after the other: a process has one.
describe("startConsole() in this process", () => {
  it("is refused in a worker thread, a second time in a process, and without a duration", async () => {
    const worker = new Worker(new URL("./console-in-worker.ts", import.meta.url));
    const [text] = await new Promise<unknown[]>((resolve) =>
      worker.on("message", (...args) => resolve(args)),
    );
    assert.match(String(text), /this is a worker thread, the main thread is wanted/);
    await worker.terminate();
    await assert.rejects(startConsole({ blockedAfterMs: 0 }), RangeError);
    await assert.rejects(startConsole({ blockedAfterMs: "1" as never }), TypeError);
    const started = await startConsole({ socket: false });
    await assert.rejects(startConsole(), /this process has one already, stop that first/);
    await started.stop();
  });

  it("can be started and stopped 20 times", async () => {
    for (let cycle = 0; cycle < 20; cycle++) {
      const started = await startConsole({ socket: false, blockedAfterMs: 5 });
      assert.deepEqual(started.problems, []);
      await started.stop();
      await started.stop();
    }
  });
});

describe("connectProcess()", () => {
  it(
    "names a process that is gone",
    withPrograms(async (programs) => {
      const program = await programs.start("ends");
      await program.ended;
      await assert.rejects(connect(programs, program), {
        name: "UnreachableError",
        message: `Cannot ask process ${program.pid}: there is no such process`,
      });
    }),
  );

  it(
    "names a process without a console",
    withPrograms(async (programs) => {
      await assert.rejects(connect(programs, process), /it has no console, one is wanted/);
    }),
  );

  it(
    "removes the file that a killed process left",
    withPrograms(async (programs) => {
      const program = await programs.start("waits");
      const path = join(programs.folder, "gyre", `${program.pid}.sock`);
      program.child.kill("SIGKILL");
      await program.ended;
      assert.ok(existsSync(path));
      await assert.rejects(connect(programs, program), /there is no such process/);
      assert.ok(!existsSync(path));
    }),
  );

  for (const [what, line, message] of [
    ["is of another version", '{"gyre":99}', /its console speaks version 99, this command version 1/],
    ["is none of gyre's", "220 ready", /what answers at its socket is no console of gyre's/],
  ] as const) {
    it(
      `refuses what ${what}`,
      withPrograms(async (programs) => {
        mkdirSync(join(programs.folder, "gyre"));
        const server = createServer((socket) => socket.end(`${line}\n`));
        await new Promise<void>((resolve) =>
          server.listen(join(programs.folder, "gyre", `${process.pid}.sock`), resolve),
        );
        await assert.rejects(connect(programs, process), message);
        await new Promise((resolve) => server.close(resolve));
      }),
    );
  }
});

describe("connectAll()", () => {
  it(
    "finds the living, sweeps away what the dead have left, and passes over what is neither",
    withPrograms(async (programs) => {
      const [first, second, third] = (await Promise.all([
        programs.start("waits"),
        programs.start("hangs"),
        programs.start("waits"),
      ])) as [Program, Program, Program];
      second.child.kill("SIGKILL");
      await second.ended;
      const folder = join(programs.folder, "gyre");
      writeFileSync(join(folder, "notes.txt"), "not a socket");
      const clients = await inFolder(programs, connectAll);
      assert.deepEqual(clients.map(({ hello }) => hello.pid).sort(), [first.pid, third.pid].sort());
      for (const client of clients) client.close();
      assert.deepEqual(
        readdirSync(folder).sort(),
        [`${first.pid}.sock`, `${third.pid}.sock`, "notes.txt"].sort(),
      );
    }),
  );
});
