import assert from "node:assert/strict";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it, type TestContext } from "node:test";
import { coroutine, sleep } from "../../src/gen/index.ts";
import { hooks } from "../../src/loop/index.ts";
import { type CoroutineMessages, publishEvents } from "../../src/trace/index.ts";
import { simulation } from "../gen/simulation.ts";

const NAMES: readonly (keyof CoroutineMessages)[] = [
  "gyre:coroutine:start",
  "gyre:coroutine:suspend",
  "gyre:coroutine:wake",
  "gyre:coroutine:resume",
  "gyre:coroutine:end",
];

/** Subscribe to all until the test ends. @returns what is heard: the event, the coroutine, and what else it says */
function listen(test: TestContext, names: readonly string[] = NAMES): string[] {
  const heard: string[] = [];
  for (const name of names) {
    const hear = (message: unknown): void => {
      const { id, name: whose, ...more } = message as { id: number; name: string };
      assert.ok(id > 0);
      const said = JSON.stringify(more).replace(/"id":\d+,?|"on":\d+/g, (found) => found.replace(/\d+/, "1"));
      heard.push(`${name.split(":")[2]} ${whose} ${said}`);
    };
    subscribe(name, hear);
    test.after(() => unsubscribe(name, hear));
  }
  return heard;
}

const nap = coroutine(function* nap() {
  yield* sleep(1);
});

describe("publishEvents()", () => {
  it("publishes what coroutines do", (test) => {
    const heard = listen(test);
    test.after(publishEvents());
    simulation(test).loop.runSync(function* main() {
      const failing = coroutine(function* failing() {
        yield* nap();
        throw new Error("on purpose");
      })();
      const cancelled = nap();
      cancelled.cancel();
      yield [failing, cancelled].map((each) => survive(each));
    });
    const of = (name: string): string[] => heard.filter((line) => line.split(" ")[1] === name);
    assert.deepEqual(of("failing"), [
      'start failing {"owner":{"id":1,"name":"main"}}',
      'suspend failing {"on":1}',
      'wake failing {"by":{"id":1,"name":"nap"}}',
      "resume failing {}",
      'end failing {"how":"error"}',
    ]);
    assert.equal(of("nap").filter((line) => line === 'end nap {"how":"cancel"}').length, 1);
    assert.ok(of("nap").includes('suspend nap {"on":"sleep 1 ms"}'));
    assert.ok(of("nap").includes("wake nap {}"), "by the world");
    assert.ok(of("main").includes('end main {"how":"result"}'));
  });

  it("publishes each thing once, however often it was called, until the last one ends it", (test) => {
    const heard = listen(test, ["gyre:coroutine:start"]);
    const ends = [publishEvents(), publishEvents()];
    const sim = simulation(test);
    const count = (): number => {
      heard.length = 0;
      sim.loop.runSync(function* main() {
        yield* nap();
      });
      return heard.length;
    };
    assert.equal(count(), 2);
    ends[0]?.();
    ends[0]?.();
    assert.equal(count(), 2);
    ends[1]?.();
    assert.equal(count(), 0);
    assert.equal(hooks, undefined);
  });

  it("makes no message that nobody has subscribed to", (test) => {
    test.after(publishEvents());
    const heard = listen(test, ["gyre:coroutine:end"]);
    simulation(test).loop.runSync(function* main() {
      yield* nap();
    });
    assert.deepEqual(heard, ['end nap {"how":"result"}', 'end main {"how":"result"}']);
    assert.equal(channel("gyre:coroutine:start").hasSubscribers, false);
  });
});

const survive = coroutine(function* survive(work: PromiseLike<unknown>) {
  try {
    yield work;
  } catch {
    // Its end is what the test looks at.
  }
});
