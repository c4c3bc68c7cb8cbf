/**
 * Tornado, in a Python process of its own: `tornado-works.py`, asked for a piece of work by its name.
 *
 * It measures itself there. Its coroutines are `gen.coroutine` ones, which is
 * what gyre's come from; `async def` ones would be Python's own.
 */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Absent, Foreigner } from "./harness.ts";
import type { Answer, Player } from "./player.ts";

const NAME = "Tornado";
const script = fileURLToPath(new URL("./tornado-works.py", import.meta.url));

/** A Python that has it: the one on the PATH, or Debian's, which the package python3-tornado goes with. */
export function findPython(): { readonly program: string; readonly version: string } | undefined {
  for (const program of ["python3", "/usr/bin/python3"]) {
    const probe = spawnSync(program, ["-c", "import tornado; print(tornado.version)"], { encoding: "utf8" });
    if (probe.status === 0) return { program, version: probe.stdout.trim() };
  }
  return undefined;
}

/**
 * The contender that does the work `work` of `tornado-works.py`.
 *
 * @param options - handed on to that function
 */
export function tornado(work: string, options: { readonly [name: string]: number }): Foreigner | Absent {
  const python = findPython();
  if (python === undefined) return { name: NAME, isAbsent: true };
  const { program, version } = python;
  return { name: NAME, version, open: () => openPython(program, work, options) };
}

function openPython(program: string, work: string, options: { readonly [name: string]: number }): Player {
  const child = spawn(program, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async play(calls) {
      child.stdin.write(`${JSON.stringify({ work, calls, options })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`Cannot measure Tornado: the process that does ${work} has ended`);
      return JSON.parse(value) as Answer;
    },
    end() {
      child.kill();
    },
  };
}
