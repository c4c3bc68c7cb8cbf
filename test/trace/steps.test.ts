/** Where steps begin and end in a recording in which neither was written. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Future, READY_BUDGET_STEPS } from "../../src/future/index.ts";
import { coroutine, sleep, withoutOwner } from "../../src/gen/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { explore, SimPoller } from "../../src/sim/index.ts";
import { type Recording, record } from "../../src/trace/index.ts";
import { watch } from "../../src/trace/watchers.ts";
import { Play } from "../gen/properties/play.ts";
import { programs } from "../gen/properties/program.ts";
import { settings } from "../gen/properties/settings.ts";
import { simulation } from "../gen/simulation.ts";

/** What each coroutine does while `run` does, as it happens and as a recording has it. */
async function bothWays(
  run: () => unknown,
): Promise<{ readonly happened: string[]; readonly recorded: string[]; readonly recording: Recording }> {
  const happened: string[] = [];
  const say = (kind: string, id: number): number => happened.push(`${kind} ${id}`);
  const unwatch = watch({
    started: ({ id }) => say("start", id),
    suspended: ({ id }) => say("wait", id),
    woken: ({ id }) => say("wake", id),
    resumed: ({ id }) => say("step", id),
    ended: ({ id }) => say("end", id),
  });
  const recorder = record();
  try {
    await run();
  } finally {
    recorder.stop();
    unwatch();
  }
  const recording = recorder.recording();
  const recorded = recording.events.map(({ kind, id }) => `${kind} ${id}`);
  return { happened, recorded, recording };
}

/** What each coroutine does by itself. */
function eachOf(lines: readonly string[]): Map<string, string[]> {
  const each = new Map<string, string[]>();
  for (const line of lines) {
    const [kind = "", id = ""] = line.split(" ");
    each.set(id, [...(each.get(id) ?? []), kind]);
  }
  return each;
}

/** Is each of `some` in `all`, in this order? */
function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const line of all) if (line === some[found]) found++;
  return found === some.length;
}

const withoutSteps = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith("step"));

describe("the steps of a recording", () => {
  it("are those that were, for any program", async () => {
    let programsTried = 0;
    let inOtherOrder = 0;
    let plainWaits = 0;
    const property = fc.asyncProperty(programs, async (program) => {
      const { happened, recorded, recording } = await bothWays(() => new Play(program).run());
      assert.deepEqual(eachOf(withoutSteps(recorded)), eachOf(withoutSteps(happened)));
      // One whose body is over may be woken for what comes then: a step is shown, which is none of its body.
      const each = eachOf(recorded);
      for (const [id, lines] of eachOf(happened)) assert.ok(isPartOf(lines, each.get(id) ?? []));
      programsTried++;
      if (withoutSteps(recorded).join() !== withoutSteps(happened).join()) inOtherOrder++;
      plainWaits += recording.events.filter(({ kind, ...event }) => kind === "wait" && isPlain(event)).length;
    });
    await fc.assert(property, settings(200));
    assert.ok(plainWaits > programsTried / 10, `${plainWaits} waits were not written`);
    // What looks like the world may have been code on nobody's behalf, such as the close of a loop.
    assert.ok(inOtherOrder <= programsTried / 50, `${inOtherOrder} of ${programsTried} in another order`);
  });

  it("are those of a recording with each step, where they are many in one turn", (test) => {
    const shortOf = (isExact: boolean): string[] => {
      const sim = simulation(test);
      const recorder = record({ loop: sim.loop, exact: isExact });
      sim.loop.runSync(function* main() {
        yield* barrier();
      });
      recorder.stop();
      const { works, events } = recorder.recording();
      const first = works[0]?.id ?? 0;
      return events.map((event) => {
        const more = event.kind === "wait" ? event.on : event.kind === "wake" ? event.by : undefined;
        const about = typeof more === "number" ? more - first : String(more).replace(/#\d+/g, "#n");
        return `${event.atUs} ${event.kind} ${(event.id ?? first) - first} ${about}`;
      });
    };
    const [derived, written] = [shortOf(false), shortOf(true)];
    assert.ok(written.filter((line) => line.includes("wait")).length > 60);
    assert.deepEqual(derived, written);
  });

  it("go on where code on nobody's behalf looked like the world", async () => {
    const { happened, recorded } = await bothWays(async () => {
      const gate = new Future<void>();
      const other = coroutine(function* other() {
        yield* gate;
      });
      await coroutine(function* main() {
        const waits = other();
        withoutOwner(() => gate.setResult());
        // Only now is it known that its step was not over.
        yield* sleep(1);
        withoutOwner(() => other());
        yield* waits;
      })();
    });
    assert.deepEqual(eachOf(recorded), eachOf(happened));
  });

  it("are those that were beside a loop that turns inside of one of them", async () => {
    const { happened, recorded } = await bothWays(() =>
      coroutine(function* main() {
        const gate = new Future<void>();
        const after = new Future<void>();
        const other = coroutine(function* other() {
          yield* gate;
          after.setResult();
        })();
        gate.setResult();
        const inner = new IOLoop({ poller: new SimPoller() });
        inner.runSync(function* inside() {
          const opened = new Future<void>();
          inner.callLater(5, () => opened.setResult());
          yield* opened;
        });
        inner.close();
        yield* after;
        yield* other;
      })(),
    );
    assert.deepEqual(recorded, happened);
  });

  it("are those that were of a simulation inside of one of them, in whatever order things went on", async () => {
    const { happened, recorded } = await bothWays(() =>
      coroutine(function* main() {
        const gate = new Future<void>();
        const waits = coroutine(function* waits() {
          yield* gate;
        })();
        explore(
          function* world(sim) {
            const opened = new Future<void>();
            const all = [1, 2, 3].map((ms) =>
              coroutine(function* each() {
                yield* opened;
                yield* sim.io("step", () => {});
                yield* sleep(ms);
              })(),
            );
            opened.setResult();
            yield all;
          },
          { schedules: 5 },
        );
        gate.setResult();
        yield* waits;
      })(),
    );
    assert.deepEqual(eachOf(withoutSteps(recorded)), eachOf(withoutSteps(happened)));
  });

  it("are those that were where the loop has let others run before all that was ready had", async () => {
    const { happened, recorded } = await bothWays(async () => {
      const gate = new Future<void>();
      const later = new Future<void>();
      let opened = 0;
      const waits = coroutine(function* waits() {
        yield* gate;
        opened++;
        yield* later;
      });
      const all = Array.from({ length: 3 * READY_BUDGET_STEPS }, () => waits());
      await sleep(1);
      gate.setResult();
      // In the next pass, behind as many steps more as the budget allows, and before the others.
      IOLoop.current().addCallback(() => void waits().cancel());
      while (opened < all.length) await sleep(1);
      later.setResult();
      await Promise.allSettled(all);
    });
    const steps = withoutSteps(happened);
    const between = steps.findLastIndex((line) => line.startsWith("start"));
    const behind = steps.slice(between).filter((line) => line.startsWith("wait"));
    assert.ok(behind.length > READY_BUDGET_STEPS / 2, `${behind.length} waits behind the cut`);
    assert.deepEqual(withoutSteps(recorded), steps);
  });

  it("are known up to the one that asks", (test) => {
    const sim = simulation(test);
    const recorder = record({ loop: sim.loop });
    test.after(() => recorder.stop());
    let lines: string[] = [];
    const gate = new Future<void>();
    sim.loop.runSync(function* main() {
      const never = new Future<void>();
      const waits = coroutine(function* waits() {
        yield* gate;
        yield* never;
      })();
      const asks = coroutine(function* asks() {
        yield* gate;
        const { events, works } = recorder.recording();
        lines = events.map(({ kind, id }) => `${kind} ${works.find((work) => work.id === id)?.name}`);
      })();
      yield* sleep(1);
      gate.setResult();
      yield* asks;
      never.setResult();
      yield* waits;
    });
    assert.deepEqual(lines.slice(-6), [
      "wake waits",
      "wake asks",
      "wait main",
      "step waits",
      "wait waits",
      "step asks",
    ]);
  });
});

/** Is it a wait of which no more is known? */
function isPlain(event: object): boolean {
  return "on" in event && event.on === "a Future";
}

/** Three that wait for each other, and for what says nothing, time and again. */
const barrier = coroutine(function* barrier(): Generator<unknown, void, never> {
  let gates: Future<void>[] = [];
  const worker = coroutine(function* worker() {
    for (let round = 0; round < 20; round++) {
      const gate = new Future<void>();
      gates.push(gate);
      yield* gate;
    }
  });
  const workers = [worker(), worker(), worker()];
  for (let round = 0; round < 20; round++) {
    yield* sleep(1);
    const opened = gates;
    gates = [];
    for (const gate of opened) gate.setResult();
  }
  yield workers;
});
