/**
 * Small programs whose whole order is specified, and the trace that the specification gives them.
 *
 * `expectedTrace` knows nothing of gyre. It is the words of `loop/turns.ts` and
 * of the ready queue, done by hand: what is ready runs in the order in which it
 * became ready, then the callbacks of the pass, then the timers that are due by
 * deadline and entry, and after each single one of them what it made ready.
 */
import fc from "fast-check";

export const FUTURES = 3;

export type Step =
  | { readonly kind: "moment" }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "wait" | "watch" | "settle" | "fail"; readonly at: number }
  | { readonly kind: "both"; readonly one: number; readonly other: number }
  | { readonly kind: "callback" | "later"; readonly ms: number; readonly at: number }
  | { readonly kind: "join" }
  | { readonly kind: "start"; readonly steps: readonly Step[]; readonly waits: boolean };

/** What runs first, each in a callback of its own. */
export class OrderProgram {
  readonly bodies: readonly (readonly Step[])[];

  constructor(bodies: readonly (readonly Step[])[]) {
    this.bodies = bodies;
  }

  toString(): string {
    return `\n${this.bodies.flatMap((steps) => ["start", ...linesOf(steps)]).join("\n")}\n`;
  }
}

function linesOf(steps: readonly Step[]): string[] {
  return steps.flatMap(lineOf).map((line) => `  ${line}`);
}

function lineOf(step: Step): string[] {
  switch (step.kind) {
    case "moment":
      return ["moment"];
    case "sleep":
      return [`sleep ${step.ms}`];
    case "both":
      return [`wait for futures ${step.one} and ${step.other}`];
    case "callback":
      return [`add a callback that settles future ${step.at}`];
    case "later":
      return [`after ${step.ms} ms settle future ${step.at}`];
    case "join":
      return ["wait for the last child"];
    case "start":
      return [step.waits ? "wait for a child" : "start a child", ...linesOf(step.steps)];
    default:
      return [`${step.kind} future ${step.at}`];
  }
}

const at = fc.nat(FUTURES - 1);
const ms = fc.nat(3);

const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  step: fc.oneof(
    { depthSize: "medium" },
    fc.record({ kind: fc.constant("moment" as const) }),
    fc.record({ kind: fc.constant("sleep" as const), ms }),
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom("wait" as const, "watch" as const, "settle" as const, "fail" as const),
        at,
      }),
    },
    fc.record({ kind: fc.constant("both" as const), one: at, other: at }),
    fc.record({ kind: fc.constantFrom("callback" as const, "later" as const), ms, at }),
    fc.record({ kind: fc.constant("join" as const) }),
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("start" as const), steps: tie("steps"), waits: fc.boolean() }),
    },
  ),
  steps: fc.array(tie("step"), { maxLength: 6, size: "+1" }),
}));

export const orderPrograms: fc.Arbitrary<OrderProgram> = fc
  .array(steps, { minLength: 1, maxLength: 4, size: "+1" })
  .map((bodies) => new OrderProgram(bodies));

/** Something that settles once, and tells who listens, in the order in which they came. */
class Cell {
  state: "pending" | "result" | "error" = "pending";
  readonly listeners: (() => void)[] = [];

  settle(state: "result" | "error"): void {
    this.state = state;
    for (const tell of this.listeners.splice(0)) tell();
  }

  listen(tell: () => void): void {
    if (this.state === "pending") this.listeners.push(tell);
    else tell();
  }
}

/** A coroutine of the model: its steps, how far it is, and the end that others wait for. */
interface Worker {
  readonly name: string;
  readonly steps: readonly Step[];
  next: number;
  readonly end: Cell;
  lastChild: Worker | undefined;
}

/** The model of the loop. */
class Model {
  readonly trace: string[] = [];
  readonly #futures = Array.from({ length: FUTURES }, () => new Cell());
  readonly #ready: (() => void)[] = [];
  #callbacks: (() => void)[] = [];
  #timers: { readonly atMs: number; readonly entry: number; readonly run: () => void }[] = [];
  #entries = 0;
  #nowMs = 0;
  #count = 0;
  readonly #workers: Worker[] = [];

  run({ bodies }: OrderProgram): void {
    for (const body of bodies) this.#callbacks.push(() => void this.#start(body));
    for (;;) {
      const due = this.#timers
        .filter(({ atMs }) => atMs <= this.#nowMs)
        .sort((a, b) => a.atMs - b.atMs || a.entry - b.entry);
      this.#timers = this.#timers.filter((timer) => !due.includes(timer));
      const callbacks = this.#callbacks;
      this.#callbacks = [];
      this.#drain();
      for (const run of [...callbacks, ...due.map((timer) => timer.run)]) {
        run();
        this.#drain();
      }
      if (this.#callbacks.length > 0) continue;
      if (this.#timers.length === 0) break;
      this.#nowMs = Math.max(this.#nowMs, Math.min(...this.#timers.map(({ atMs }) => atMs)));
    }
    const stuck = this.#workers.filter(({ end }) => end.state === "pending").map(({ name }) => name);
    this.trace.push(`waiting: ${stuck.join()}`);
  }

  #note(what: string): void {
    this.trace.push(`${this.#nowMs} ${what}`);
  }

  #drain(): void {
    for (let run = this.#ready.shift(); run !== undefined; run = this.#ready.shift()) run();
  }

  #after(ms: number, run: () => void): void {
    this.#timers.push({ atMs: this.#nowMs + ms, entry: this.#entries++, run });
  }

  #start(steps: readonly Step[]): Worker {
    const worker: Worker = {
      name: `c${this.#count++}`,
      steps,
      next: 0,
      end: new Cell(),
      lastChild: undefined,
    };
    this.#workers.push(worker);
    this.#note(`${worker.name} begins`);
    this.#goOn(worker);
    return worker;
  }

  /** From where it stands to its next wait for something pending, or to its end. */
  #goOn(worker: Worker): void {
    for (let step = worker.steps[worker.next++]; step !== undefined; step = worker.steps[worker.next++]) {
      const wait = this.#do(worker, step);
      if (wait === undefined) continue;
      const goOn = (): void => this.#note(`${worker.name} gets ${wait.state} of step ${worker.next - 1}`);
      if (wait.state === "pending") {
        wait.listen(() =>
          this.#ready.push(() => {
            goOn();
            this.#goOn(worker);
          }),
        );
        return;
      }
      goOn();
    }
    this.#note(`${worker.name} ends`);
    worker.end.settle("result");
  }

  /** @returns what `worker` waits for, if it does */
  #do(worker: Worker, step: Step): Cell | undefined {
    switch (step.kind) {
      case "moment": {
        const pass = new Cell();
        this.#callbacks.push(() => pass.settle("result"));
        return pass;
      }
      case "sleep": {
        const over = new Cell();
        this.#after(step.ms, () => over.settle("result"));
        return over;
      }
      case "wait":
        return this.#future(step.at);
      case "both":
        return all(this.#future(step.one), this.#future(step.other));
      case "watch": {
        const text = `${worker.name} has watched future ${step.at}`;
        this.#future(step.at).listen(() => this.#ready.push(() => this.#note(text)));
        return undefined;
      }
      case "settle":
      case "fail":
        this.#settle(step.at, step.kind === "settle" ? "result" : "error");
        return undefined;
      case "callback":
        this.#callbacks.push(() => this.#settle(step.at, "result"));
        return undefined;
      case "later":
        this.#after(step.ms, () => this.#settle(step.at, "result"));
        return undefined;
      case "join":
        return worker.lastChild?.end;
      case "start":
        worker.lastChild = this.#start(step.steps);
        return step.waits ? worker.lastChild.end : undefined;
    }
  }

  #future(index: number): Cell {
    return this.#futures[index] as Cell;
  }

  #settle(index: number, state: "result" | "error"): void {
    const future = this.#future(index);
    if (future.state !== "pending") return;
    this.#note(`future ${index} is settled`);
    future.settle(state);
  }
}

/** Settled inside the call that settles the last of its members; fails if one has. */
function all(...members: readonly Cell[]): Cell {
  const whole = new Cell();
  let missing = members.length;
  for (const member of members) {
    member.listen(() => {
      if (--missing > 0) return;
      whole.settle(members.some(({ state }) => state === "error") ? "error" : "result");
    });
  }
  return whole;
}

/** What `program` does, event by event. */
export function expectedTrace(program: OrderProgram): string[] {
  const model = new Model();
  model.run(program);
  return model.trace;
}
