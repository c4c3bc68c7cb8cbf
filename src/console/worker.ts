/**
 * The console's thread: looks whether the main thread still moves, and answers
 * whoever asks, also while the program does not.
 */
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { Standstill } from "../base/index.ts";
import { BlockWatch } from "./block-watch.ts";
import type { ServedPage } from "./http.ts";
import { LiveSource } from "./live-source.ts";
import { MainThread } from "./main-thread.ts";
import { type Hello, PROTOCOL } from "./protocol.ts";
import { BEAT, type ConsoleData, type FromConsole, type ToConsole, WATCHING } from "./shared.ts";
import { SocketServer } from "./socket.ts";
import type { Stack } from "./source.ts";
import { UnheardSignals } from "./unheard.ts";

/** The longest that a program may be recorded in one go. */
const LONGEST_TRACE_MS = 600_000;
/** How often a full pipe is tried again, and how many milliseconds later. */
const MOST_TRIES = 100;
const TRY_MS = 10;

const data = workerData as ConsoleData;
const { state, blockedAfterMs } = data;
const main = new MainThread(state, data.cannot, say);
const watch = new BlockWatch(new Standstill(blockedAfterMs, Atomics.load(state, BEAT), performance.now()));
const source = new LiveSource(main, watch, blockedAfterMs, data.allowControl);
let socket: SocketServer | undefined;
let page: ServedPage | undefined;
let isCapturing = false;

await main.open();
const signals = new UnheardSignals({ state, main, say, write: writeError, blocked: () => watch.blocked() });
if (data.cannot === undefined) signals.open(data.dumpSignal, data.isRecorded);
let ticks = setTimeout(tick, watch.nextLookMs);
const opened = open();
parentPort?.on("message", (message: ToConsole) => {
  if (message.kind === "answer") main.answered(message.id, message.json);
  else if (message.kind === "heard") signals.heard(message.id);
  else if (message.kind === "release") signals.release();
  else if (message.kind === "stop") void stop();
  else parentPort?.close();
});

function tick(): void {
  const beat = Atomics.load(state, BEAT);
  if (watch.look(beat, performance.now(), new Date()) && !isCapturing) void capture(beat);
  ticks = setTimeout(tick, watch.nextLookMs);
}

async function capture(beat: number): Promise<void> {
  isCapturing = true;
  try {
    const { telling } = await main.ask<Stack>("stack");
    watch.capture(beat, telling);
  } catch (error) {
    watch.capture(beat, [], (error as Error).message);
  } finally {
    isCapturing = false;
  }
}

async function open(): Promise<void> {
  const problems: string[] = [];
  let address: string | undefined;
  const { socketPath, httpPort, allowControl } = data;
  if (socketPath !== undefined) {
    const server = new SocketServer(hello(), answer);
    try {
      await server.listen(socketPath);
      socket = server;
    } catch (error) {
      problems.push(`Cannot open the console's socket: ${(error as Error).message}`);
    }
  }
  if (httpPort !== undefined) {
    try {
      const { servePage } = await import("./http.ts");
      page = await servePage(source, { port: httpPort, allowControl });
      address = page.url;
    } catch (error) {
      problems.push(`Cannot serve the console's page: ${(error as Error).message}`);
    }
  }
  const listens = socket === undefined ? undefined : socketPath;
  say({ kind: "ready", address, socketPath: listens, problems });
}

function hello(): Hello {
  const { program, startedAt } = data;
  return { gyre: PROTOCOL, pid: process.pid, program, node: process.version, startedAt };
}

function answer(ask: string, options: unknown): Promise<unknown> {
  switch (ask) {
    case "snapshot":
      return source.snapshot((options ?? {}) as object);
    case "overview":
      return source.overview();
    case "blocked":
      return source.blocked();
    case "stack":
      return source.stack();
    case "recording":
      return source.recording();
    default:
      return trace(options);
  }
}

async function trace(options: unknown): Promise<unknown> {
  const durationMs = (options as { durationMs?: unknown } | undefined)?.durationMs;
  if (typeof durationMs !== "number" || !(durationMs >= 0 && durationMs <= LONGEST_TRACE_MS))
    throw new RangeError(
      `Cannot record for ${durationMs} ms: a number of 0 to ${LONGEST_TRACE_MS} is wanted`,
    );
  return await source.trace(durationMs);
}

/** The main thread ends us when it knows that nothing is asked: after a session, that must not be in one go. */
async function stop(): Promise<void> {
  clearTimeout(ticks);
  signals.close();
  await opened;
  await Promise.all([socket?.close(), page?.close()]);
  await main.idle();
  say({ kind: "stopped" });
}

/** Not by the stream of this thread, which has the main one write. */
function writeError(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0, tries = 0; at < bytes.length && tries < MOST_TRIES; ) {
    try {
      at += writeSync(2, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      // Its reader is slow.
      tries++;
      Atomics.wait(state, WATCHING, Atomics.load(state, WATCHING), TRY_MS);
    }
  }
}

function say(message: FromConsole): void {
  parentPort?.postMessage(message);
}
