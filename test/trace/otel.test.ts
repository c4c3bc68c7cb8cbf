import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { coroutine, run as goOn, sleep } from "../../src/gen/index.ts";
import { hooks } from "../../src/loop/index.ts";
import { exportSpans, label, note, record, type SpanTracer, traceSpans } from "../../src/trace/index.ts";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { root, run } from "../../tools/setup.mjs";
import { simulation } from "../gen/simulation.ts";
import { recordingOf } from "./recordings.ts";

/** A tracer, and the spans that it has ended. */
function memory(): { tracer: SpanTracer; spans: () => ReadableSpan[] } {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { tracer: provider.getTracer("test"), spans: () => exporter.getFinishedSpans() };
}

function byName(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.find((span) => span.name === name);
  assert.ok(found !== undefined, `there is a span ${name}`);
  return found;
}

const nap = coroutine(function* nap() {
  note("asleep");
  yield* sleep(1);
});

/** A program with an owner, its child, another one that waits for that, an error and a cancel. */
function runProgram(test: TestContext): void {
  simulation(test).loop.runSync(function* main() {
    label("r-7");
    const shared = nap();
    const waiter = coroutine(function* waiter() {
      yield* shared;
    })();
    const failing = coroutine(function* failing() {
      yield* sleep(1);
      throw new RangeError("on purpose");
    })();
    const cancelled = coroutine(function* cancelled() {
      yield* sleep(9);
    })();
    cancelled.cancel();
    yield [shared, waiter];
    for (const each of [failing, cancelled]) {
      try {
        yield* each;
      } catch {
        // Its span is what the test looks at.
      }
    }
  });
}

function checkProgram(spans: readonly ReadableSpan[]): void {
  assert.deepEqual(spans.map(({ name }) => name).toSorted(), [
    "cancelled",
    "failing",
    "main",
    "nap",
    "waiter",
  ]);
  const main = byName(spans, "main");
  const shared = byName(spans, "nap");
  const waiter = byName(spans, "waiter");
  assert.equal(main.parentSpanContext, undefined);
  for (const span of spans) {
    if (span === main) continue;
    assert.equal(span.parentSpanContext?.spanId, main.spanContext().spanId, span.name);
    assert.equal(span.spanContext().traceId, main.spanContext().traceId);
  }
  assert.deepEqual(
    shared.links.map(({ context }) => context.spanId),
    [waiter.spanContext().spanId],
  );
  assert.deepEqual(
    shared.events.map(({ name }) => name),
    ["asleep"],
  );
  assert.deepEqual(main.attributes["gyre.labels"], ["r-7"]);
  assert.deepEqual(
    ["main", "failing", "cancelled"].map((name) => byName(spans, name).attributes["gyre.end"]),
    ["result", "error", "cancel"],
  );
  assert.deepEqual(
    spans.filter(({ status }) => status.code === 2).map(({ name }) => name),
    ["failing"],
  );
}

describe("traceSpans()", () => {
  it("makes a span of each coroutine, with its owner as the parent", async (test) => {
    const { tracer, spans } = memory();
    const stop = await traceSpans({ tracer });
    runProgram(test);
    await Promise.resolve();
    stop();
    checkProgram(spans());
    const failing = byName(spans(), "failing");
    assert.equal(failing.status.message, "on purpose");
    assert.equal(failing.events[0]?.name, "exception");
    assert.equal(failing.events[0]?.attributes?.["exception.type"], "RangeError");
    assert.equal(hooks, undefined);
  });

  it("ends what still runs when it is stopped", async (test) => {
    const { tracer, spans } = memory();
    const stop = await traceSpans({ tracer });
    simulation(test).loop.runSync(function* main() {
      const child = nap();
      yield* sleep(0);
      stop();
      yield* child;
    });
    assert.deepEqual(
      spans().map(({ name, attributes }) => [name, attributes["gyre.end"]]),
      [
        ["nap", "running"],
        ["main", "running"],
      ],
    );
  });

  it("makes a root of one whose owner was started before", async () => {
    const { tracer, spans } = memory();
    await goOn(function* main() {
      const stop = (yield traceSpans({ tracer })) as () => void;
      yield* nap();
      stop();
    });
    assert.deepEqual(
      spans().map(({ name, parentSpanContext }) => [name, parentSpanContext]),
      [["nap", undefined]],
    );
  });

  it("keeps what an exporter throws away from coroutines, and logs it once", async (test) => {
    const broken: SpanProcessor = {
      onStart: () => {
        throw new Error("no room");
      },
      onEnd: () => {},
      shutdown: async () => {},
      forceFlush: async () => {},
    };
    const provider = new BasicTracerProvider({ spanProcessors: [broken] });
    const stop = await traceSpans({ tracer: provider.getTracer("test") });
    const sim = simulation(test);
    const result = sim.loop.runSync(function* main() {
      yield* nap();
      return "done";
    });
    stop();
    assert.equal(result, "done");
    assert.deepEqual(
      sim.takeErrors().map((error) => (error as Error).message),
      ["no room"],
    );
  });

  it("says which package is missing", async (test) => {
    const folder = mkdtempSync(join(tmpdir(), "gyre-otel-"));
    test.after(() => rmSync(folder, { recursive: true }));
    const text = `
      import { register } from "node:module";
      register("data:text/javascript," + encodeURIComponent(\`
        export async function resolve(specifier, context, next) {
          if (!specifier.startsWith("@opentelemetry/")) return next(specifier, context);
          throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
        }\`));
      const { traceSpans } = await import(${JSON.stringify(pathToFileURL(join(root, "src/trace/index.ts")).href)});
      await traceSpans().catch((error) => console.log(error.message));`;
    const path = join(folder, "main.mjs");
    writeFileSync(path, text);
    const { stdout, output } = await run(process.execPath, [...sourceFlags, path], {
      cwd: root,
      limitMs: 30_000,
    });
    assert.equal(
      stdout.trim(),
      "Cannot trace spans: the package @opentelemetry/api is not installed, it is wanted (npm install @opentelemetry/api)",
      output,
    );
  });
});

describe("exportSpans()", () => {
  it("makes the spans of what was recorded", async (test) => {
    const recorder = record();
    runProgram(test);
    recorder.stop();
    const { tracer, spans } = memory();
    assert.equal(await exportSpans(recorder.recording(), { tracer }), 5);
    checkProgram(spans());
  });

  it("gives spans the times that were recorded", async () => {
    const { tracer, spans } = memory();
    const recording = recordingOf(
      [{ id: 1, name: "main" }],
      [
        { kind: "start", atUs: 250, id: 1 },
        { kind: "end", atUs: 1_000_000, id: 1, how: "result" },
      ],
    );
    await exportSpans(recording, { tracer });
    const [{ startTime, endTime } = assert.fail("there is a span")] = spans();
    const second = Date.parse("2026-01-02T03:04:05Z") / 1000;
    assert.deepEqual([startTime[0], endTime[0]], [second, second + 1]);
    // Clocks in milliseconds since 1970 are exact to a quarter of a microsecond.
    assert.ok(Math.abs(startTime[1] - 678_250_000) < 500, String(startTime[1]));
    assert.ok(Math.abs(endTime[1] - 678_000_000) < 500, String(endTime[1]));
  });

  it("begins those whose start was lost at the first of their events, owners first, and ends all", async () => {
    const { tracer, spans } = memory();
    const recording = recordingOf(
      [
        { id: 1, name: "main" },
        { id: 2, name: "child", ownerId: 1 },
      ],
      [
        { kind: "step", atUs: 10, id: 2 },
        { kind: "note", atUs: 20, id: undefined, text: "outside" },
        { kind: "wait", atUs: 30, id: 2, on: 99 },
      ],
    );
    await exportSpans(recording, { tracer });
    assert.deepEqual(
      spans().map(({ name, attributes }) => [name, attributes["gyre.start_lost"], attributes["gyre.end"]]),
      [
        ["child", true, "running"],
        ["main", true, "running"],
      ],
    );
    assert.equal(spans()[0]?.parentSpanContext?.spanId, spans()[1]?.spanContext().spanId);
  });
});
