/** Which process began something, and is it still there? Asked by processes on the same machine. */
import { readFileSync } from "node:fs";

/** The start of a process that has ended but whose parent has not asked how: it equals no other. */
const ENDED = "ended";

/**
 * What tells two processes apart that had the same number: when it started, as
 * the system counts. `undefined` where the system does not tell or there is no such process.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses and may hold anything. The state is the third, the start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? ENDED : fields[19];
  } catch {
    return undefined;
  }
}

/** A name for this process that no other process of this machine has, now or later. */
export const thisProcess: string = `${process.pid}:${startOf(process.pid) ?? Math.round(performance.timeOrigin)}`;

/** Does the process of this name still run? In doubt it does. */
export function isRunning(name: string): boolean {
  if (name === thisProcess) return true;
  const [number = "", start] = name.split(":");
  const pid = Number(number);
  // The number is ours, the start is not: a container that was restarted gives the same numbers again.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
  const itsStart = startOf(pid);
  return itsStart === undefined || itsStart === start;
}
