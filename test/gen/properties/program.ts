/**
 * Programs of coroutines as data: made at random, made smaller when one fails, and printed to be read.
 *
 * What they mean is `play.ts`. A number that picks one of several (`at`) is taken
 * modulo how many there are then, so that each part of a program can be left out.
 */
import fc from "fast-check";
import type { OrphanPolicy } from "../../../src/loop/index.ts";

/** Futures that all coroutines of a program share. */
export const FUTURES = 3;

const several = ["all", "all or nothing", "race", "any", "settled", "first of an iterator"] as const;

/** Ways to wait for several at once. */
export type Several = (typeof several)[number];

/** Something that can be yielded. */
export type Wait =
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "moment" }
  | { readonly kind: "future"; readonly at: number }
  | { readonly kind: "promise"; readonly ms: number; readonly fails: boolean }
  | { readonly kind: "start"; readonly body: Body }
  | { readonly kind: "join"; readonly at: number }
  | { readonly kind: "task"; readonly ms: number }
  | { readonly kind: Several; readonly of: readonly Wait[] }
  | { readonly kind: "limit"; readonly ms: number; readonly of: Wait }
  | { readonly kind: "shield"; readonly of: Wait }
  | { readonly kind: "shield block"; readonly body: Body };

export type Step =
  | { readonly kind: "wait"; readonly on: Wait }
  | { readonly kind: "return"; readonly on: Wait }
  | { readonly kind: "throw" }
  | { readonly kind: "settle"; readonly at: number; readonly how: "result" | "error" | "cancel" }
  | { readonly kind: "watch"; readonly at: number }
  | { readonly kind: "go"; readonly body: Body; readonly how: "forget" | "detach" | "watch" | "then" }
  | { readonly kind: "cancel"; readonly at: number }
  | { readonly kind: "cancel myself" }
  | { readonly kind: "defer"; readonly body: Body }
  | {
      readonly kind: "lock" | "semaphore";
      readonly limitMs: number | undefined;
      readonly steps: readonly Step[];
    }
  | { readonly kind: "put" | "get"; readonly limitMs: number | undefined }
  | {
      readonly kind: "try";
      readonly steps: readonly Step[];
      readonly catches: boolean;
      readonly after: readonly Step[];
    };

/** What one coroutine does. */
export interface Body {
  readonly steps: readonly Step[];
  readonly orphans: OrphanPolicy | undefined;
}

/** What comes from outside of all coroutines. */
export interface Outside {
  readonly atMs: number;
  readonly does: Step & { readonly kind: "settle" | "cancel" | "go" };
}

/** A whole program: what begins at once, and what comes later. */
export class Program {
  readonly bodies: readonly Body[];
  readonly outside: readonly Outside[];

  constructor(bodies: readonly Body[], outside: readonly Outside[]) {
    this.bodies = bodies;
    this.outside = outside;
  }

  /** For the reader of a failure. */
  toString(): string {
    const later = this.outside.flatMap(({ atMs, does }) => [`after ${atMs} ms`, ...indent(stepLines(does))]);
    return ["", ...this.bodies.flatMap((body) => ["start", ...bodyLines(body)]), ...later, ""].join("\n");
  }
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function bodyLines({ steps, orphans }: Body): string[] {
  const policy = orphans === undefined ? [] : [`orphans: ${orphans}`];
  return indent([...policy, ...steps.flatMap(stepLines)]);
}

function waitLines(wait: Wait): string[] {
  switch (wait.kind) {
    case "sleep":
    case "task":
      return [`${wait.kind} ${wait.ms}`];
    case "moment":
      return ["moment"];
    case "future":
      return [`future ${wait.at}`];
    case "promise":
      return [`promise that ${wait.fails ? "rejects" : "resolves"} after ${wait.ms} ms`];
    case "join":
      return [`coroutine ${wait.at}`];
    case "start":
    case "shield block":
      return [wait.kind === "start" ? "a child" : "shield block", ...bodyLines(wait.body)];
    case "limit":
      return [`limit of ${wait.ms} ms`, ...indent(waitLines(wait.of))];
    case "shield":
      return ["shield", ...indent(waitLines(wait.of))];
    default:
      return [wait.kind, ...indent(wait.of.flatMap(waitLines))];
  }
}

function stepLines(step: Step): string[] {
  switch (step.kind) {
    case "wait":
    case "return": {
      const [first, ...others] = waitLines(step.on);
      return [`${step.kind === "wait" ? "wait for" : "return"} ${first}`, ...others];
    }
    case "settle":
      return [`settle future ${step.at}: ${step.how}`];
    case "watch":
      return [`watch future ${step.at}`];
    case "go":
      return [`start and ${step.how}`, ...bodyLines(step.body)];
    case "cancel":
      return [`cancel coroutine ${step.at}`];
    case "defer":
      return ["defer", ...bodyLines(step.body)];
    case "lock":
    case "semaphore":
      return [`hold the ${step.kind}${limit(step.limitMs)}`, ...indent(step.steps.flatMap(stepLines))];
    case "put":
    case "get":
      return [`${step.kind}${limit(step.limitMs)}`];
    case "try":
      return [
        "try",
        ...indent(step.steps.flatMap(stepLines)),
        ...(step.catches ? ["catch all"] : []),
        ...(step.after.length > 0 ? ["finally", ...indent(step.after.flatMap(stepLines))] : []),
      ];
    default:
      return [step.kind];
  }
}

function limit(ms: number | undefined): string {
  return ms === undefined ? "" : ` within ${ms} ms`;
}

const ms = fc.nat(4);
const someone = fc.nat(9);
const aFuture = fc.nat(FUTURES - 1);
const limitMs = fc.option(ms, { nil: undefined, freq: 2 });
const settle = fc.record({
  kind: fc.constant("settle" as const),
  at: aFuture,
  how: fc.constantFrom("result" as const, "error" as const, "cancel" as const),
});
const sleep = fc.record({ kind: fc.constantFrom("sleep" as const, "task" as const), ms });
const cancel = fc.record({ kind: fc.constant("cancel" as const), at: someone });

/** Smaller ones first: a failing program shrinks towards them. */
const parts = fc.letrec<{ wait: Wait; step: Step; steps: Step[]; body: Body; go: Step & { kind: "go" } }>(
  (tie) => ({
    wait: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      sleep,
      fc.record({ kind: fc.constant("moment" as const) }),
      fc.record({ kind: fc.constant("future" as const), at: aFuture }),
      fc.record({ kind: fc.constant("join" as const), at: someone }),
      fc.record({ kind: fc.constant("promise" as const), ms: fc.nat(2), fails: fc.boolean() }),
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("start" as const), body: tie("body") }) },
      fc.record({
        kind: fc.constantFrom(...several),
        of: fc.array(tie("wait"), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant("limit" as const), ms, of: tie("wait") }),
      fc.record({ kind: fc.constant("shield" as const), of: tie("wait") }),
      fc.record({ kind: fc.constant("shield block" as const), body: tie("body") }),
    ),
    step: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      // The first one is what deep parts of a program are made of.
      fc.record({ kind: fc.constant("wait" as const), on: sleep }),
      fc.record({ kind: fc.constant("throw" as const) }),
      settle,
      cancel,
      fc.record({ kind: fc.constant("cancel myself" as const) }),
      fc.record({ kind: fc.constant("watch" as const), at: aFuture }),
      fc.record({ kind: fc.constantFrom("put" as const, "get" as const), limitMs }),
      { weight: 6, arbitrary: fc.record({ kind: fc.constant("wait" as const), on: tie("wait") }) },
      fc.record({ kind: fc.constant("return" as const), on: tie("wait") }),
      { weight: 3, arbitrary: tie("go") },
      fc.record({ kind: fc.constant("defer" as const), body: tie("body") }),
      fc.record({
        kind: fc.constantFrom("lock" as const, "semaphore" as const),
        limitMs,
        steps: tie("steps"),
      }),
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("try" as const),
          steps: tie("steps"),
          catches: fc.boolean(),
          after: tie("steps"),
        }),
      },
    ),
    steps: fc.array(tie("step"), { maxLength: 5, size: "+1" }),
    body: fc.record({
      steps: tie("steps"),
      orphans: fc.option(
        fc.constantFrom("report" as const, "wait" as const, "cancel" as const, "throw" as const),
        { nil: undefined, freq: 2 },
      ),
    }),
    go: fc.record({
      kind: fc.constant("go" as const),
      body: tie("body"),
      how: fc.constantFrom("forget" as const, "detach" as const, "watch" as const, "then" as const),
    }),
  }),
);

const outside = fc.record({ atMs: fc.nat(12), does: fc.oneof(settle, cancel, parts.go) });

/** Any program. */
export const programs: fc.Arbitrary<Program> = fc
  .tuple(
    fc.array(parts.body, { minLength: 1, maxLength: 4, size: "+1" }),
    fc.array(outside, { maxLength: 6, size: "+1" }),
  )
  .map(([bodies, later]) => new Program(bodies, later));
