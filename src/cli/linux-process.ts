/** What Linux says of a process: whose it is, what it runs, which signals it takes, where it listens. */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";

/** SIGUSR1, which Node opens its inspector by; it ends a process that does not take it. */
const SIGUSR1_BIT = 1n << 9n;
const LISTENS = "0A";

/**
 * @throws {Error} with a sentence, unless it is a Node process of this user that takes SIGUSR1
 */
export function checkAttachable(pid: number): void {
  const cannot = `Cannot attach to process ${pid}`;
  if (process.platform !== "linux")
    throw new Error(
      `${cannot}: on ${process.platform} it cannot be told whether SIGUSR1 would end it, Linux is wanted`,
    );
  let uid: number;
  try {
    ({ uid } = statSync(`/proc/${pid}`));
  } catch {
    throw new Error(`${cannot}: there is no such process`);
  }
  if (uid !== process.getuid?.())
    throw new Error(`${cannot}: it is another user's, a process of this user is wanted`);
  const program = readProgram(pid);
  if (!/^node/.test(basename(program)))
    throw new Error(`${cannot}: it runs ${program === "" ? "what cannot be told" : program}, Node is wanted`);
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  if ((BigInt(`0x${caught}`) & SIGUSR1_BIT) === 0n)
    throw new Error(
      `${cannot}: it does not take SIGUSR1, which would end it (was it started just now, or with --disable-sigusr1?)`,
    );
}

function readProgram(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

/** The ports of TCP that a process listens on. */
export function portsOf(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // Closed meanwhile.
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) => {
    const lines = readTable(`/proc/${pid}/net/${table}`);
    return lines.flatMap((line) => {
      const cells = line.trim().split(/\s+/);
      const [, local = "", , state] = cells;
      if (state !== LISTENS || !inodes.has(cells[9] ?? "")) return [];
      return Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16);
    });
  });
}

function readTable(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(1);
  } catch {
    return [];
  }
}
