/** Recordings for tests: small ones by hand, and any that a program could have made. */
import fc from "fast-check";
import type { End, Recording, TraceEvent, Work } from "../../src/trace/index.ts";

export const program = {
  name: "app.ts",
  pid: 4711,
  node: "v20.20.0",
  startedAt: "2026-01-02T03:04:05.678Z",
};

/** A whole recording of `events`. */
export function recordingOf(
  works: readonly Partial<Work>[],
  events: readonly TraceEvent[],
  more: Partial<Recording> = {},
): Recording {
  const whole = works.map(
    ({ id = 1, name = "work", ownerId, labels = [] }): Work => ({ id, name, ownerId, labels }),
  );
  const endUs = events.at(-1)?.atUs ?? 0;
  return { version: 1, program, dropped: 0, endUs, cutOff: false, works: whole, events, ...more };
}

const names = fc.oneof(fc.string(), fc.constantFrom("fetchUser", "<b>&amp;", "\u0000\u001b[31m\n", "名前"));

interface Live {
  readonly id: number;
  readonly owner: Live | undefined;
  state: "running" | "waiting" | "ready" | "ended";
}

/**
 * What a program could have done: coroutines that start each other, wait, are woken, go on and end, in an order
 * that one thread can have. `lossy` ones have lost some of their events.
 */
export function anyRecording({ lossy = false } = {}): fc.Arbitrary<Recording> {
  const choices = fc.array(fc.record({ choice: fc.nat(5), which: fc.nat(), us: fc.nat(2000), name: names }), {
    maxLength: 80,
  });
  return fc.tuple(choices, fc.array(fc.boolean()), fc.nat(9)).map(([steps, losses, dropped]) => {
    const made = play(steps);
    const kept = made.events.filter((_, at) => !lossy || losses[at % Math.max(losses.length, 1)] !== false);
    return recordingOf(made.works, kept, { dropped: lossy ? made.events.length - kept.length + dropped : 0 });
  });
}

interface Step {
  readonly choice: number;
  readonly which: number;
  readonly us: number;
  readonly name: string;
}

function play(steps: readonly Step[]): { works: Work[]; events: TraceEvent[] } {
  const works: Work[] = [];
  const events: TraceEvent[] = [];
  const lives: Live[] = [];
  const stack: Live[] = [];
  let atUs = 0;
  const pick = (state: Live["state"], which: number): Live | undefined => {
    const found = lives.filter((live) => live.state === state);
    return found[which % Math.max(found.length, 1)];
  };
  for (const { choice, which, us, name } of steps) {
    // Half of the steps take no time, as in one turn.
    if (us % 2 === 1) atUs += us / 10;
    const running = stack.at(-1);
    if (choice === 0) {
      const live: Live = { id: lives.length + 1, owner: running, state: "running" };
      lives.push(live);
      works.push({ id: live.id, name, ownerId: running?.id, labels: which % 3 === 0 ? [name] : [] });
      events.push({ kind: "start", atUs, id: live.id });
      stack.push(live);
    } else if (choice === 1 && running !== undefined) {
      const other = lives[which % lives.length] as Live;
      const line = { file: `/app/${name}.ts`, line: 1 + (which % 99), column: 3 };
      const on = other === running || which % 2 === 0 ? name : other.id;
      const wait = { kind: "wait", atUs, id: running.id, on } as const;
      events.push(which % 3 === 0 ? { ...wait, line } : wait);
      running.state = "waiting";
      stack.pop();
    } else if (choice === 2 && running !== undefined) {
      const how = (["result", "error", "cancel"] as End[])[which % 3] as End;
      events.push({ kind: "end", atUs, id: running.id, how });
      running.state = "ended";
      stack.pop();
    } else if (choice === 3) {
      const woken = pick("waiting", which);
      if (woken === undefined) continue;
      events.push({ kind: "wake", atUs, id: woken.id, by: running?.id });
      woken.state = "ready";
    } else if (choice === 4 && running === undefined) {
      const next = pick("ready", which);
      if (next === undefined) continue;
      events.push({ kind: "step", atUs, id: next.id });
      next.state = "running";
      stack.push(next);
    } else if (choice === 5) events.push({ kind: "note", atUs, id: running?.id, text: name });
  }
  return { works, events };
}
