import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "../../../src/gen/index.ts";
import { explore, type Program, type Sim } from "../../../src/sim/index.ts";
import { Queue } from "../../../src/sync/index.ts";
import { failureOf, nothing, program } from "../programs.ts";

/** What the failure of a run that does not end says of who goes on, without lines. */
function goesOn(endless: Program): string | undefined {
  const { kind, hints, text } = failureOf(explore(endless, { maxSteps: 1000, strategy: "plain" }));
  assert.equal(kind, "livelock");
  const [hint] = hints;
  if (hint !== undefined) assert.ok(text.includes(`\n  ${hint.slice(0, 100)}`), text);
  return hint?.replace(/ at \S+goes-on\.test\.ts:\d+:\d+/g, "");
}

const poll = coroutine(function* poll(sim: Sim, label: string) {
  for (;;) yield* sim.io(label, nothing);
});

describe("a run that does not end", () => {
  it("names the coroutines that go on, and not those that only wait", () => {
    const idle = coroutine(function* idle() {
      yield* new Queue<number>().get();
    });
    const endless = program("endless", function* (sim) {
      yield [idle(), poll(sim, "ready?"), poll(sim, "empty?")];
    });
    assert.equal(goesOn(endless), 'goes on: poll #3 waits for "ready?", poll #4 waits for "empty?"');
  });

  it("names the line where each waits", () => {
    const { hints } = failureOf(explore((sim) => void poll(sim, "ready?"), { maxSteps: 10 }));
    assert.match(hints.join(), /^goes on: poll #1 waits for "ready\?" at \S*goes-on\.test\.ts:\d+:\d+$/);
  });

  it("tells as one those of a loop that starts one in each turn", () => {
    const look = coroutine(function* look(sim: Sim) {
      yield* sim.io("look", nothing);
    });
    const endless = program("endless", function* (sim) {
      for (;;) yield* look(sim);
    });
    const text = goesOn(endless);
    assert.match(text ?? "", /look #\d+ \(one of \d+\) waits for "look"/);
    assert.match(text ?? "", /endless #1 waits for look #\d+/);
  });

  it("names one that sleeps, and one in a node", () => {
    const sleeps = program("sleeps", function* () {
      for (;;) yield* sleep(0);
    });
    assert.equal(goesOn(sleeps), "goes on: sleeps #1 waits for sleep 0 ms");
    const asks = program("asks", function* (sim) {
      sim.node("bank", (node) => node.serve(() => 1));
      const client = sim.node("client", function* client(node) {
        for (;;) yield* node.call("bank", 1);
      });
      yield* client.waitEnd();
    });
    assert.equal(goesOn(asks), 'goes on: client #2 waits for an answer of "bank"');
  });

  it("names nobody where callbacks alone go on", () => {
    const callbacks = (sim: Sim): void => {
      const again = (): void => sim.addCallback(again);
      again();
    };
    assert.equal(goesOn(callbacks), undefined);
  });
});
