/** What a simulation finds, and what it cannot run. Each says what to do. */
import { describe, GyreError } from "../base/index.ts";

/** A coroutine waits for what only the real world brings: a promise. */
export class UncontrolledAwaitError extends GyreError {
  constructor(who: string, where: string) {
    super(
      "GYRE_SIM_UNCONTROLLED_AWAIT",
      `Cannot simulate ${who}: it waits for a promise${where}, a Future or coroutine is wanted (put sim.io in its place)`,
    );
  }
}

/** The program asked for the time or for a random number behind the simulation's back. */
export class UncontrolledReadError extends GyreError {
  /** What was called, such as "Math.random", each with the line that called it. */
  readonly reads: readonly string[];

  constructor(reads: readonly string[]) {
    super(
      "GYRE_SIM_UNCONTROLLED_READ",
      `Cannot simulate the program: it calls ${reads.join(", ")}, ${whatToUse(reads)}`,
    );
    this.reads = reads;
  }
}

/** What is wrong with calls such as "setTimeout at app.ts:12:5", and what stands for them in a simulation. */
function whatToUse(reads: readonly string[]): string {
  const calls = (pattern: RegExp): boolean => reads.some((read) => pattern.test(read));
  const waits = [
    ...(calls(/^set(?:Timeout|Interval|Immediate) /) ? ["sleep() of gyre for timers"] : []),
    ...(calls(/^fetch /) ? ["sim.io() for requests"] : []),
  ];
  if (!calls(/^(?!set|fetch)/)) return `which happens outside of the simulation (use ${waits.join(", ")})`;
  return `which gives another answer in each run (use ${["sim.time() and sim.choose()", ...waits].join(", ")})`;
}

/** The same decisions led to another run. */
export class NondeterminismError extends GyreError {
  /** What the program calls that may be why, such as "Math.random at app.ts:12:5". */
  readonly reads: readonly string[];

  constructor(first: string, second: string, reads: readonly string[]) {
    const why =
      reads.length > 0
        ? `it calls ${reads.join(", ")}`
        : differInNumbers(first, second)
          ? "a number in a label differs from run to run, as that of a coroutine does: leave it out"
          : "does state outlive a run, such as a variable outside of the program?";
    super(
      "GYRE_SIM_NONDETERMINISM",
      `Cannot trust the simulation: two runs with the same decisions differ (${first}, then ${second}), equal ones are wanted (${why})`,
    );
    this.reads = reads;
  }
}

/** Of two runs in words: are the labels of the steps that differ the same but for numbers? */
function differInNumbers(first: string, second: string): boolean {
  const labelOf = (text: string): string => / is ("(?:[^"\\]|\\.)*")/.exec(text)?.[1] ?? "";
  const [one, other] = [labelOf(first), labelOf(second)];
  return one !== other && one.replace(/\d+/g, "0") === other.replace(/\d+/g, "0");
}

/** Coroutines wait, and nothing is left that could wake them. */
export class SimDeadlockError extends GyreError {
  constructor(text: string) {
    super("GYRE_SIM_DEADLOCK", text);
  }
}

/** The run does not end, though everything gets its turn. */
export class LivelockError extends GyreError {
  constructor(steps: number, fairSteps: number) {
    super(
      "GYRE_SIM_LIVELOCK",
      `Cannot end the run: it has taken ${steps} steps, the last ${fairSteps} of them in fair order, and goes on (a program that needs so many: raise maxSteps)`,
    );
  }
}

/** What was to become true did not. */
export class LivenessError extends GyreError {
  constructor(name: string, limit: string) {
    super("GYRE_SIM_LIVENESS", `Cannot see "${name}" come true: it is false ${limit}`);
  }
}

/** What holds at all times did not. */
export class InvariantError extends GyreError {
  constructor(name: string, options?: ErrorOptions) {
    const { cause } = options ?? {};
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    super("GYRE_SIM_INVARIANT", `Cannot go on: the invariant "${name}" does not hold${why}`, options);
  }
}

/** The program left something behind: an orphan, a lost error, a timer. */
export class LeakError extends GyreError {
  /** Which sort. */
  readonly leak: Leak;

  constructor(leak: Leak, text: string) {
    super("GYRE_SIM_LEAK", text);
    this.leak = leak;
  }
}

/** What a program can leave behind. */
export type Leak = "orphan" | "lost-error" | "operation" | "timer";

/** The function of another node that serves requests failed. */
export class CallFailedError extends GyreError {
  /** The node that was called. */
  readonly to: string;

  constructor(to: string, problem: string) {
    super(
      "GYRE_SIM_CALL_FAILED",
      `Cannot call "${to}": it answers ${JSON.stringify(problem)}, a result is wanted`,
    );
    this.to = to;
  }
}

/** The program threw something that is no Error, so that nobody can say where it comes from. */
export class NonErrorThrownError extends GyreError {
  /** What it threw. */
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super(
      "GYRE_SIM_NON_ERROR",
      `Cannot say where the program failed: it threw ${describe(thrown)}, an Error is wanted (throw new Error(...))`,
    );
    this.thrown = thrown;
  }
}

/** More could happen next than a search can look at. */
export class TooManyAlternativesError extends GyreError {
  constructor(count: number, most: number) {
    super(
      "GYRE_SIM_TOO_MANY",
      `Cannot search the schedules: ${count} things could happen next, at most ${most} are wanted (start fewer at once, or raise maxAlternatives)`,
    );
  }
}

/** A token that cannot be read, or belongs to something else. */
export class TokenError extends GyreError {}

/** A token cannot be followed: the program is not the one that it was made of. */
export class ReplayDivergence extends GyreError {
  /** The decision at which it went another way, from 0; `undefined` when it was none, but what came of them. */
  readonly step: number | undefined;
  /** What the token says of it, such as "alternative 3". */
  readonly expected: string;
  /** What could have happened there. */
  readonly enabled: readonly string[];

  constructor(step: number | undefined, expected: string, enabled: readonly string[]) {
    const could = enabled.length === 0 ? "nothing is to be decided" : `possible are ${enabled.join(", ")}`;
    const what =
      step === undefined
        ? `all its decisions were taken, and other steps came of them than ${expected}`
        : `at decision ${step} ${expected} is expected, and ${could}`;
    super(
      "GYRE_SIM_REPLAY_DIVERGENCE",
      `Cannot replay the token: ${what} (has the program changed? the mode "continue" goes on in plain order)`,
    );
    this.step = step;
    this.expected = expected;
    this.enabled = enabled;
  }
}
