/** Runs the service, or its worker, as a process of its own, on a folder of its own. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const sourceFlags = ["--import", "./tools/strip.mjs", "-C", "source"];

/** The sources of the service and of its worker, and what `npm start` runs. */
export type Program = "main" | "worker" | "start";

/** A program that runs. */
export class Child {
  readonly process: ChildProcess;
  /** What it has written so far. */
  stdout = "";
  stderr = "";
  /** Settled with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;

  constructor(program: Program, args: readonly string[]) {
    const { NODE_TEST_CONTEXT: _ofThisTest, ...env } = process.env;
    const words =
      program === "start" ? ["tools/start.mjs"] : [...sourceFlags, `apps/survey/src/${program}.ts`];
    this.process = spawn(process.execPath, [...words, ...args], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.process.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = once(this.process, "close").then(([code, signal]) => (code ?? signal) as number | string);
  }

  /** Wait until it has written something that matches. Fails when it ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const hasEnded = this.ended.then(() => true);
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) return match;
      const more = Promise.race([
        once(this.process.stdout as NodeJS.EventEmitter, "data"),
        once(this.process.stderr as NodeJS.EventEmitter, "data"),
      ]).then(() => false);
      if (await Promise.race([hasEnded, more])) {
        const last = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (last !== null) return last;
        assert.fail(`it ended without ${pattern}:\n${this.stdout}${this.stderr}`);
      }
    }
  }

  async kill(signal: NodeJS.Signals): Promise<number | string> {
    this.process.kill(signal);
    return await this.ended;
  }
}

/** Where a service listens, as it says itself. */
export async function urlOf(child: Child): Promise<string> {
  return (await child.printed(/open (http:\/\/\S+:\d+)\//))[1] as string;
}

/** A folder, and the children that were started for it: all gone at the end. */
export async function withFolder(
  use: (folder: string, start: (program: Program, ...args: string[]) => Child) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gyre-survey-"));
  const children: Child[] = [];
  try {
    await use(folder, (program, ...args) => {
      const child = new Child(program, ["--data", folder, ...args]);
      children.push(child);
      return child;
    });
  } finally {
    for (const child of children) await child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
}
