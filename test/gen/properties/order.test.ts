/** The order in which things happen is the specified one, event by event, in any program of a small language. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Future } from "../../../src/future/index.ts";
import { type Coroutine, coroutine, moment, sleep } from "../../../src/gen/index.ts";
import { IOLoop } from "../../../src/loop/index.ts";
import { SimPoller } from "../../../src/sim/index.ts";
import { expectedTrace, FUTURES, type OrderProgram, orderPrograms, type Step } from "./order.ts";
import { settings } from "./settings.ts";

/** How many programs are tried. */
const RUNS = 400;

/** What gyre does with `program`, event by event. */
function actualTrace(program: OrderProgram): string[] {
  const trace: string[] = [];
  const quiet = { warn: () => {}, error: () => {} };
  const loop = new IOLoop({ poller: new SimPoller(), log: quiet });
  // Reports are not what this is about.
  loop.onReport(() => {});
  const note = (what: string): number => trace.push(`${loop.time()} ${what}`);
  const futures = Array.from({ length: FUTURES }, () => new Future<void>());
  const works: { readonly name: string; readonly work: Coroutine<void> }[] = [];
  let count = 0;

  const settle = (at: number, fails: boolean): void => {
    const future = futures[at] as Future<void>;
    if (future.done()) return;
    note(`future ${at} is settled`);
    if (fails) future.setError(new Error("as the program says"));
    else future.setResult();
  };

  const start = (steps: readonly Step[]): Coroutine<void> => {
    const name = `c${count++}`;
    const place = works.length;
    const work = body(name, steps);
    works.splice(place, 0, { name, work });
    return work;
  };

  const body = coroutine(function* (name: string, steps: readonly Step[]): Generator<unknown, void, unknown> {
    note(`${name} begins`);
    let lastChild: Coroutine<void> | undefined;
    for (const [at, step] of steps.entries()) {
      let wait: unknown;
      switch (step.kind) {
        case "moment":
          wait = moment;
          break;
        case "sleep":
          wait = sleep(step.ms);
          break;
        case "wait":
          wait = futures[step.at];
          break;
        case "both":
          wait = [futures[step.one], futures[step.other]];
          break;
        case "watch":
          futures[step.at]?.addDoneCallback(() => note(`${name} has watched future ${step.at}`));
          continue;
        case "settle":
        case "fail":
          settle(step.at, step.kind === "fail");
          continue;
        case "callback":
          loop.addCallback(settle, step.at, false);
          continue;
        case "later":
          loop.callLater(step.ms, settle, step.at, false);
          continue;
        case "join":
          if (lastChild === undefined) continue;
          wait = lastChild;
          break;
        case "start":
          lastChild = start(step.steps);
          if (!step.waits) continue;
          wait = lastChild;
      }
      try {
        yield wait;
        note(`${name} gets result of step ${at}`);
      } catch {
        note(`${name} gets error of step ${at}`);
      }
    }
    note(`${name} ends`);
  });

  for (const steps of program.bodies) loop.addCallback(() => void start(steps));
  loop.start();
  const stuck = works.filter(({ work }) => !work.done()).map(({ name }) => name);
  trace.push(`waiting: ${stuck.join()}`);
  loop.close();
  // What closing brings is not what this is about.
  return trace.slice(0, trace.findIndex((line) => line.startsWith("waiting:")) + 1);
}

describe("the order of what happens", () => {
  // LOOP-002, LOOP-007
  it("is the specified one in any program", () => {
    let longest = 0;
    const property = fc.property(orderPrograms, (program) => {
      const expected = expectedTrace(program);
      assert.deepEqual(actualTrace(program), expected);
      longest = Math.max(longest, expected.length);
    });
    fc.assert(property, settings(RUNS));
    assert.ok(longest > 50, "the programs do something");
  });
});
