/** Programs in processes of their own, which have a runtime folder that the test knows. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { root, run } from "../../tools/setup.mjs";

const programFile = fileURLToPath(new URL("./program.ts", import.meta.url));
/** Far above what anything here takes: it ends what hangs. */
const LIMIT_MS = 60_000;

export class Program {
  readonly child: ChildProcess;
  /** What it has written to standard output, and to standard error. */
  stdout = "";
  stderr = "";
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string = root) {
    this.child = spawn(process.execPath, [...args], { cwd, env, timeout: LIMIT_MS, killSignal: "SIGKILL" });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => resolve(signal ?? (code as number)));
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Wait until standard output, or error, matches. @throws {Error} when the program ends before */
  async until(pattern: RegExp, stream: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    let isOver = false;
    void this.ended.then(() => {
      isOver = true;
    });
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      if (isOver) throw new Error(`the program ended before ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** A test's body that starts programs; they are ended when it is over. */
export function withPrograms(body: (programs: Programs) => Promise<void>): () => Promise<void> {
  return async () => {
    const programs = new Programs();
    try {
      await body(programs);
    } finally {
      await programs.end();
    }
  };
}

/** Programs that share a runtime folder. */
export class Programs {
  readonly folder: string = mkdtempSync(join(tmpdir(), "gyre-console-"));
  readonly env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_RUNTIME_DIR: this.folder,
    // Sockets are looked for there too.
    TMPDIR: this.folder,
    NO_COLOR: "1",
  };
  readonly #all: Program[] = [];

  /** Start the program of this folder in `state`, and wait until it is about to be in it. */
  async start(state: string, options: object = {}, flags: readonly string[] = []): Promise<Program> {
    const program = this.spawn([...flags, ...sourceFlags, programFile, state, JSON.stringify(options)]);
    await program.until(/^ready /m);
    return program;
  }

  /** Start Node with `args`. */
  spawn(args: readonly string[], cwd?: string): Program {
    const program = new Program(args, this.env, cwd);
    this.#all.push(program);
    return program;
  }

  /** Run a command of `gyre` to its end. */
  gyre(...args: readonly string[]): ReturnType<typeof run> {
    const main = join(root, "src", "cli", "main.ts");
    return run(process.execPath, [...sourceFlags, main, ...args], { env: this.env, limitMs: LIMIT_MS });
  }

  /**
   * Run a command again and again, until what it says matches: a process needs a moment to be in its state.
   *
   * @returns what it said
   * @throws {Error} when the command fails, as it does when the process has come to its end, or never says it
   */
  async gyreUntil(pattern: RegExp, ...args: readonly string[]): Promise<string> {
    for (const endMs = performance.now() + LIMIT_MS; ; ) {
      const { code, stdout, output } = await this.gyre(...args);
      if (code !== 0 || performance.now() > endMs)
        throw new Error(`gyre ${args.join(" ")} failed before ${pattern}:\n${output}`);
      if (pattern.test(stdout)) return stdout;
    }
  }

  async end(): Promise<void> {
    for (const { child } of this.#all) child.kill("SIGKILL");
    await Promise.all(this.#all.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Where the program's source says `text`, as "FILE:LINE". */
export function lineOf(text: string, source: string): string {
  const at = source.split("\n").findIndex((line) => line.includes(text));
  return `test/console/program.ts:${at + 1}`;
}
