/**
 * Recordings written by hand, a line an event:
 *
 * ```
 * 0.0  start handle #1
 * 0.0  start fetchUser #2 of #1 [a label]
 * 0.2  #2 note > http GET /u/7
 * 0.2  #2 wait a promise @app.ts:13
 * 0.2  #1 wait #2
 * 41.0 #2 wake
 * 41.0 #2 step
 * 41.3 #2 end result
 * 41.3 #1 wake by #2
 * ```
 *
 * Times are in milliseconds.
 */
import type { End, Recording, TraceEvent, Work } from "../../../src/trace/recording.ts";

interface Options {
  readonly dropped?: number;
  readonly cutOff?: boolean;
  /** Default: when the last event was. */
  readonly endUs?: number;
}

/** The recording that `script` tells. */
export function recordingOf(script: string, options: Options = {}): Recording {
  const works: Work[] = [];
  const events: TraceEvent[] = [];
  for (const line of script.split("\n")) {
    if (line.trim() === "") continue;
    const [, time = "", rest = ""] = /^\s*([\d.]+)\s+(.*\S)\s*$/.exec(line) ?? refuse(line);
    const atUs = Math.round(Number(time) * 1_000);
    const started = /^start (.+?) #(\d+)(?: of #(\d+))?(?: \[(.*)\])?$/.exec(rest);
    if (started !== null) {
      const [, name = "", id, owner, label] = started;
      const labels = label === undefined ? [] : [label];
      const ownerId = owner === undefined ? undefined : Number(owner);
      works.push({ id: Number(id), name, ownerId, labels });
      events.push({ kind: "start", atUs, id: Number(id) });
    } else {
      events.push(eventOf(atUs, rest));
    }
  }
  return recordingWith(works, events, options);
}

/** A recording of these. */
export function recordingWith(
  works: readonly Work[],
  events: readonly TraceEvent[],
  { dropped = 0, cutOff = false, endUs }: Options = {},
): Recording {
  const program = { name: "app.ts", pid: 4711, node: "v20.20.0", startedAt: "2026-01-02T03:04:05.678Z" };
  return { version: 1, program, dropped, endUs: endUs ?? events.at(-1)?.atUs ?? 0, cutOff, works, events };
}

function eventOf(atUs: number, text: string): TraceEvent {
  const [, number, kind, rest = ""] =
    /^(?:#(\d+) )?(note|wait|wake|step|end)(?: (.*))?$/.exec(text) ?? refuse(text);
  const id = Number(number);
  switch (kind) {
    case "note":
      return { kind, atUs, id: number === undefined ? undefined : id, text: rest };
    case "wait": {
      const [, what = "", file, line] = /^(.*?)(?: @(\S+):(\d+))?$/.exec(rest) ?? refuse(text);
      const on = /^#\d+$/.test(what) ? Number(what.slice(1)) : what;
      if (file === undefined) return { kind, atUs, id, on };
      return { kind, atUs, id, on, line: { file: `/srv/${file}`, line: Number(line), column: 5 } };
    }
    case "wake":
      return { kind, atUs, id, by: rest === "" ? undefined : Number(/^by #(\d+)$/.exec(rest)?.[1]) };
    case "step":
      return { kind, atUs, id };
    default:
      return { kind: "end", atUs, id, how: rest as End };
  }
}

function refuse(line: string): never {
  throw new SyntaxError(`Cannot read an event: "${line}" is there, "1.0 #2 wait #3" or the like is wanted`);
}
