import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CancelledError,
  type Coroutine,
  coroutine,
  detach,
  IOLoop,
  OrphanError,
  type OrphanPolicy,
  type Report,
  sleep,
} from "../../src/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import { simulated } from "../../src/testing/index.ts";

const events: string[] = [];

const child = coroutine(function* child(ms: number) {
  try {
    yield* sleep(ms);
    events.push("child done");
  } finally {
    yield* sleep(1);
    events.push("child cleaned");
  }
  return ms;
});

const failing = coroutine(function* failing(ms: number) {
  yield* sleep(ms);
  throw new Error("child failed");
});

/** A coroutine that starts a child, does not wait, and returns; under `orphans`. */
function careless(orphans: OrphanPolicy) {
  return coroutine(
    function* careless() {
      child(10);
      events.push("body over");
      return "result";
    },
    { orphans },
  );
}

/** Run on virtual time; the events and what was reported. */
function run(
  fn: () => unknown,
  orphans?: OrphanPolicy,
): { reports: Report[]; endMs: number; result: unknown } {
  events.length = 0;
  const loop = new IOLoop({ poller: new SimPoller(), ...(orphans && { orphans }) });
  const reports: Report[] = [];
  loop.onReport((report) => reports.push(report));
  let result: unknown;
  try {
    result = loop.runSync(fn);
  } catch (error) {
    result = error;
  }
  const endMs = loop.time();
  loop.start(); // what is left goes on to its end
  return { reports, endMs, result };
}

describe('orphans: "report"', () => {
  it("ends at once and reports, and the child goes on", () => {
    const { reports, endMs, result } = run(() => careless("report")());
    assert.deepEqual([result, endMs], ["result", 0]);
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ["orphan"],
    );
    assert.deepEqual(events, ["body over", "child done", "child cleaned"]);
  });
});

describe('orphans: "wait"', () => {
  it("ends when the last child has", () => {
    const { reports, endMs, result } = run(() => careless("wait")());
    assert.deepEqual([result, endMs, reports], ["result", 11, []]);
  });

  it("waits for a child that somebody else waits for, too", () => {
    const owner = coroutine(
      function* owner() {
        const work = child(10);
        work.addDoneCallback(() => events.push("heard"));
      },
      { orphans: "wait" },
    );
    const { endMs } = run(() => owner());
    assert.equal(endMs, 11);
  });

  it("reports the failure of a child that nobody took", () => {
    const owner = coroutine(
      function* owner() {
        failing(5);
        return "result";
      },
      { orphans: "wait" },
    );
    const { reports, result } = run(() => owner());
    assert.equal(result, "result");
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ["lost-error"],
    );
  });

  it("cancels the children when it is cancelled while it waits for them", () => {
    const { result } = run(function* () {
      const work = careless("wait")();
      yield* sleep(5);
      work.cancel("enough");
      yield work;
    });
    assert.ok(result instanceof CancelledError);
    assert.deepEqual(events, ["body over", "child cleaned"]);
  });

  it("waits no longer for a child that is detached meanwhile, nor cancels it", () => {
    const { reports, endMs, result } = run(function* () {
      const children: Coroutine<unknown>[] = [];
      const owner = coroutine(
        function* owner() {
          children.push(child(10), child(20), child(30));
          return "result";
        },
        { orphans: "wait" },
      );
      const work = owner();
      detach(children[2] as Coroutine<unknown>, "it may take its time");
      yield* sleep(15);
      const cancelled = owner();
      assert.equal(work.done(), false);
      detach(children[1] as Coroutine<unknown>, "it takes too long");
      const value: unknown = yield work;
      for (const each of children.slice(3)) detach(each, "it has to go on");
      cancelled.cancel("which comes too late");
      const other: unknown = yield cancelled;
      return [value, other, children.map((each) => each.done())];
    });
    assert.deepEqual(result, ["result", "result", [true, false, false, false, false, false]]);
    assert.deepEqual([endMs, reports], [15, []]);
    assert.equal(events.filter((event) => event === "child done").length, 6);
  });

  it("reports the failure of a child that was detached meanwhile", () => {
    const { reports } = run(function* () {
      const children: Coroutine<unknown>[] = [];
      const owner = coroutine(
        function* owner() {
          children.push(failing(5));
        },
        { orphans: "wait" },
      );
      const work = owner();
      detach(children[0] as Coroutine<unknown>, "it may take its time");
      yield work;
    });
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ["lost-error"],
    );
  });

  it("lets a failed body fail only when the children have ended", () => {
    const owner = coroutine(
      function* owner() {
        child(10);
        throw new Error("body failed");
      },
      { orphans: "wait" },
    );
    const { endMs, result } = run(() => owner());
    assert.equal(endMs, 11);
    assert.equal((result as Error).message, "body failed");
  });
});

describe('orphans: "cancel"', () => {
  it("cancels what nobody waits for, and ends when the clean-up has", () => {
    const { reports, endMs, result } = run(() => careless("cancel")());
    assert.deepEqual([result, endMs, reports], ["result", 1, []]);
    assert.deepEqual(events, ["body over", "child cleaned"]);
  });

  it("leaves alone what was detached", () => {
    const owner = coroutine(
      function* owner() {
        detach(child(10), "it may outlive the request");
      },
      { orphans: "cancel" },
    );
    const { endMs, reports } = run(() => owner());
    assert.deepEqual([endMs, reports], [0, []]);
    assert.deepEqual(events, ["child done", "child cleaned"]);
  });
});

describe('orphans: "throw"', () => {
  it("fails with an error that names the orphan and the line where it waits", () => {
    const { result } = run(() => careless("throw")());
    assert.ok(result instanceof OrphanError);
    assert.equal(result.code, "GYRE_ORPHAN");
    assert.match(result.message, /nobody waits for child #\d+ at .*orphans\.test\.ts:21:5/);
  });

  it("keeps an error of the body itself", () => {
    const owner = coroutine(
      function* owner() {
        child(10);
        throw new Error("body failed");
      },
      { orphans: "throw" },
    );
    assert.equal((run(() => owner()).result as Error).message, "body failed");
  });
});

describe("the policy of a loop", () => {
  it("holds for coroutines that do not say it themselves", () => {
    const owner = coroutine(function* owner() {
      child(10);
    });
    assert.equal(run(() => owner(), "wait").endMs, 11);
  });

  it("gives way to that of a coroutine", () => {
    assert.equal(run(() => careless("report")(), "wait").reports.length, 1);
  });
});

describe("coroutine()", () => {
  it("refuses a policy that does not exist", () => {
    assert.throws(() => coroutine(function* () {}, { orphans: "ignore" as never }), {
      name: "TypeError",
      message: /"ignore": one of report, wait, cancel, throw is wanted/,
    });
  });

  it(
    "leaves children alone that were waited for",
    simulated(function* () {
      yield* child(3);
    }),
  );
});
