import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CoroutineGenerator, coroutine, Future, IOLoop, Lock, sleep } from "../../../src/index.ts";
import { turningLoops } from "../../../src/loop/index.ts";
import {
  type ExploreOptions,
  explore,
  type Program,
  replay,
  type Sim,
  type SimNode,
} from "../../../src/sim/index.ts";
import { collectGarbage } from "../../future/garbage.ts";
import { failureOf, outcomes, passes } from "./searches.ts";

const nothing = (): void => {};

/** A main function that waits for ever, and for packets. */
function* idle(node: SimNode): CoroutineGenerator<void> {
  for (;;) yield* node.receive();
}

describe("a simulated node", () => {
  it("runs its main function on a loop of its own", () => {
    passes(function* (sim: Sim) {
      const node = sim.node("a", function* (self) {
        assert.notEqual(IOLoop.current(), sim);
        assert.equal(IOLoop.current(), self.loop);
        yield* sim.io("step", nothing);
        assert.equal(IOLoop.current(), self.loop);
        yield* sleep(5);
        assert.equal(self.loop.time(), sim.time());
      });
      assert.equal(IOLoop.current(), sim);
      yield* node.waitEnd();
      assert.equal(IOLoop.current(), sim);
      yield* node.waitEnd();
    });
  });

  it("takes a plain function, a generator function, or a coroutine", () => {
    passes(function* (sim: Sim) {
      const ran: string[] = [];
      const nodes = [
        sim.node("plain", () => {
          sim.node("made in a node", () => ran.push("inner"));
          ran.push("plain");
        }),
        sim.node("generator", function* () {
          yield* sleep(1);
          ran.push("generator");
        }),
        sim.node(
          "coroutine",
          coroutine(function* () {
            yield* sleep(2);
            ran.push("coroutine");
          }),
        ),
      ];
      for (const node of nodes) yield* node.waitEnd();
      assert.deepEqual(ran, ["plain", "inner", "generator", "coroutine"]);
    });
  });

  it("fails the run when its main function fails, or a callback or timer of it", () => {
    const fail = (): never => {
      throw new Error("no luck");
    };
    const mains = [
      fail,
      function* () {
        yield* sleep(1);
        fail();
      },
      () => IOLoop.current().addCallback(fail),
      () => void IOLoop.current().callLater(1, fail),
    ];
    for (const main of mains) {
      const failure = failureOf(
        function* program(sim: Sim) {
          sim.node("a", main);
          yield* sleep(10);
        },
        { schedules: 5 },
      );
      assert.equal(failure.error.message, "no luck");
    }
  });

  it("is refused as an async function", () => {
    const failure = failureOf(function* program(sim: Sim) {
      sim.node("a", async () => undefined);
      yield* sleep(1);
    });
    assert.equal(failure.kind, "uncontrolled");
    assert.match(failure.error.message, /the node "a"/);
  });

  it("is refused when it waits for a promise", () => {
    const failure = failureOf(function* program(sim: Sim) {
      sim.node("a", function* () {
        yield Promise.resolve();
      });
      yield* sleep(1);
    });
    assert.equal(failure.kind, "uncontrolled");
  });

  it("has a name of its own", () => {
    const failure = failureOf((sim: Sim) => {
      sim.node("a", nothing);
      sim.node("a", nothing);
    });
    assert.match(failure.error.message, /Cannot make the node "a": there is one with this name/);
  });

  it("has its steps interleaved with those of others", () => {
    const orders = outcomes(function* (sim) {
      const order: string[] = [];
      const step = (name: string): SimNode =>
        sim.node(name, function* () {
          yield* sim.io("step", () => order.push(name));
        });
      yield [step("a").waitEnd(), step("b").waitEnd()];
      return order.join("");
    });
    assert.deepEqual(orders, ["ab", "ba"]);
  });

  it("has its timers interleaved with those of others that are due at the same time", () => {
    const orders = outcomes(function* (sim) {
      const order: string[] = [];
      for (const name of ["a", "b"]) {
        sim.node(name, () => void IOLoop.current().callLater(10, () => order.push(name)));
      }
      sim.callLater(10, () => order.push("main"));
      yield* sleep(20);
      return order.join();
    });
    assert.deepEqual(orders, ["a,b,main", "a,main,b", "b,a,main", "b,main,a", "main,a,b", "main,b,a"]);
  });

  it("lets the run go on between callbacks that it adds without end", () => {
    passes(
      function* (sim: Sim) {
        let turns = 0;
        sim.node("a", () => {
          const again = (): void => {
            turns++;
            IOLoop.current().addCallback(again);
          };
          again();
        });
        yield* sim.io("step", nothing);
        assert.ok(turns > 0);
      },
      { maxSteps: 100, onMaxSteps: "stop" },
    );
  });

  it("is told as a deadlock when it waits for what cannot come, with the circle", () => {
    const failure = failureOf((sim: Sim) => {
      sim.node("a", function* stuck() {
        const lock = new Lock();
        yield* lock.acquire();
        yield* lock.acquire();
      });
    });
    assert.equal(failure.kind, "deadlock");
    assert.match(
      failure.error.message,
      /stuck #1 waits for a lock, held by stuck #1 at .*\ncircle: stuck #1 holds lock 1, waits for lock 1/,
    );
  });

  it("is told as one deadlock with the main program and with others", () => {
    const failure = failureOf(function* program(sim: Sim) {
      sim.node("deaf", nothing);
      sim.node("a", function* asks(node) {
        yield* node.call("deaf", 1);
      });
      const b = sim.node("b", function* waits() {
        yield* new Future<void>();
      });
      yield* b.waitEnd();
    });
    const [head, ...lines] = failure.error.message.split("\n");
    assert.equal(head, "deadlock: 3 coroutines wait, and nothing is left that could wake them");
    assert.equal(
      lines.map((line) => line.trim().split(" ", 2).join(" ")).join(),
      "program #1,asks #2,waits #3",
    );
  });

  it("is no deadlock when it waits for packets", () => {
    passes((sim: Sim) => {
      sim.node("receiving", idle);
      sim.node("listening", function* (node) {
        node.onPacket(nothing);
        yield new Future<void>();
      });
    });
  });

  it("has its orphans and lost errors told", () => {
    const orphan = failureOf(function* program(sim: Sim) {
      const node = sim.node("a", function* owner() {
        coroutine(function* forgotten() {
          yield* sleep(100);
        })();
        yield* sleep(1);
      });
      yield* node.waitEnd();
    });
    assert.equal(orphan.kind, "leak");
    assert.match(orphan.error.message, /orphan: forgotten #\d+ was still running when its owner owner/);
    const lost = failureOf(function* program(sim: Sim) {
      const node = sim.node("a", function* owner() {
        new Future<void>().setError(new Error("nobody looks"));
        yield* sleep(1);
      });
      yield* node.waitEnd();
    });
    assert.equal(lost.kind, "leak");
  });

  describe("that crashes", () => {
    it("runs no clean-up, no callback and no timer any more", () => {
      passes(function* (sim: Sim) {
        const after: string[] = [];
        const node = sim.node("a", function* () {
          IOLoop.current().callLater(10, () => after.push("timer"));
          try {
            yield* sleep(10);
            after.push("body");
          } catch {
            after.push("catch");
          } finally {
            after.push("finally");
          }
        });
        yield* sleep(5);
        node.crash();
        assert.equal(node.state, "crashed");
        yield* sleep(50);
        assert.deepEqual(after, []);
      });
    });

    it("may have begun what still happens, or does not", () => {
      const seen = outcomes(function* (sim) {
        let balance = 0;
        const node = sim.node("a", function* () {
          yield* sim.io("pay", () => balance++);
        });
        yield* sim.io("step", nothing);
        node.crash();
        yield* sim.io("step", nothing);
        yield* sim.io("step", nothing);
        return balance;
      });
      assert.deepEqual(seen, ["0", "1"]);
    });

    it("starts anew with its main function, and with its disk", () => {
      passes(function* (sim: Sim) {
        const synced = new Future<void>();
        const node = sim.node("a", function* (self) {
          if (self.lives === 1) {
            yield* self.disk.write("a", "kept");
            yield* self.disk.sync("a");
            yield* self.disk.syncFolder();
            synced.setResult();
            yield new Future<void>();
          }
          assert.equal(yield* self.disk.readText("a"), "kept");
        });
        yield synced;
        node.crash();
        node.restart();
        assert.equal(node.lives, 2);
        yield* node.waitEnd();
      });
    });

    it("loses what it has written and not synced, if the machine stops", () => {
      const story = (kind: "process" | "machine") =>
        outcomes(function* (sim) {
          const node = sim.node("a", function* (self) {
            yield* self.disk.write("a", "x");
            yield* self.disk.syncFolder();
          });
          yield* node.waitEnd();
          node.crash(kind);
          return JSON.stringify(node.disk.peek("a"));
        });
      assert.deepEqual(story("machine"), ['""', '"x"']);
      assert.deepEqual(story("process"), ['"x"']);
    });

    it("by its own hand goes no further than to its next wait", () => {
      passes(function* (sim: Sim) {
        const seen: string[] = [];
        let wrote = false;
        const gate = new Future<void>();
        const node = sim.node("a", function* (self) {
          const other = coroutine(function* () {
            yield gate;
            seen.push("woken");
          });
          other();
          try {
            yield* sleep(1);
            self.crash();
            gate.setResult();
            self.send("b", "from the dead");
            self.loop.addCallback(() => seen.push("callback"));
            yield* sim.io("write", () => {
              wrote = true;
            });
            seen.push("went on");
          } finally {
            seen.push("finally");
          }
        });
        sim.node("b", (self) => self.onPacket(() => seen.push("packet")));
        yield* sleep(10);
        assert.equal(node.state, "crashed");
        assert.deepEqual(seen, []);
        assert.equal(wrote, false);
      });
    });

    it("is no failure, whatever its coroutines were about", () => {
      passes(function* (sim: Sim) {
        const node = sim.node("a", function* () {
          const failing = new Future<void>();
          failing.setError(new Error("not looked at yet"));
          yield* sleep(10);
          yield failing;
        });
        yield* sleep(5);
        node.crash();
        yield* sleep(10);
      });
    });

    it("cannot be started twice", () => {
      const failure = failureOf((sim: Sim) => sim.node("a", nothing).restart());
      assert.match(failure.error.message, /Cannot restart the node "a": it is up, crash it first/);
    });
  });

  describe("that may crash at any step", () => {
    it("does so at each of them in some schedule", () => {
      const seen = outcomes(function* (sim) {
        const done: string[] = [];
        const node = sim.node(
          "a",
          function* () {
            yield* sim.io("one", () => done.push("one"), { latency: 1 });
            yield* sleep(1);
            yield* sim.io("two", () => done.push("two"), { latency: 1 });
          },
          { crashes: { restart: "never" } },
        );
        yield* sleep(1000);
        return `${node.state} after ${done.join()}`;
      });
      assert.deepEqual(seen, [
        "crashed after ",
        "crashed after one",
        "crashed after one,two",
        "up after one,two",
      ]);
    });

    it("starts anew some time later, as often as it is allowed to crash", () => {
      const seen = outcomes(function* (sim) {
        const node = sim.node(
          "a",
          function* () {
            yield* sim.io("step", nothing);
          },
          { crashes: { times: 2, restart: 5 } },
        );
        yield* node.waitEnd();
        return node.lives;
      });
      assert.deepEqual(seen, ["1", "2", "3"]);
    });

    it("has a lane that ends with each crash, with those of all it has started, and begins anew", () => {
      const failure = failureOf(
        function* crashing(sim: Sim) {
          const part = coroutine(function* part() {
            yield* sleep(100);
          });
          const node = sim.node("server", function* main({ lives }) {
            yield* sleep(1);
            if (lives === 2) throw new Error("again");
            yield [part()];
          });
          yield* sleep(10);
          node.crash();
          yield* sleep(10);
          node.restart();
          yield* node.waitEnd();
        },
        { strategy: "plain" },
      );
      const { drawing } = failure;
      assert.match(drawing, /crashing #1 +main #2, #4 +part #3 /);
      const lines = drawing.split("\n");
      const [crash, restart] = [/ server crashes/, / server starts anew/].map((text) =>
        lines.findIndex((line) => text.test(line)),
      ) as [number, number];
      assert.match(lines.slice(crash, restart).join("\n"), /<── crashed ─+┘[\s\S]*└─> crashed/);
      assert.match(lines.slice(restart).join("\n"), /└─> error/);
      assert.doesNotMatch(drawing, /not over when[^\n]*(?:main|part)/);
    });

    it("is found to pay twice when it does not know what it has paid", () => {
      const pays = (isMended: boolean): Program =>
        function* payer(sim: Sim) {
          const paid = new Map<string, number>();
          const node = sim.node(
            "payer",
            function* ({ disk, lives }) {
              if ((yield* disk.list()).includes("paid")) return;
              // The bank knows a payment by its key.
              const key = isMended ? "bill 1" : `bill 1, payment ${lives}`;
              yield* sim.io("pay", () => paid.set(key, 10));
              yield* disk.write("paid", "yes");
            },
            { crashes: { kind: "process" } },
          );
          yield* node.waitEnd();
          assert.equal(paid.size, 1, `paid ${paid.size} times`);
        };
      const failure = failureOf(pays(false), { schedules: 200 });
      assert.match(failure.error.message, /^paid 2 times/);
      assert.equal(failure.deviations.length, 1);
      assert.match(failure.text, /payer crashes after pay/);
      assert.match(failure.drawing, / payer crashes\n[\s\S]* payer starts anew\n/);
      passes(pays(true), { strategy: "exhaustive" });
    });

    it("loses the beginning of a log that it does not sync, and a mended one reads it", () => {
      const appends = (isMended: boolean): Program =>
        function* log(sim: Sim) {
          const acknowledged: string[] = [];
          const node = sim.node(
            "log",
            function* ({ disk, lives }) {
              if (lives > 1) return;
              for (const line of ["first\n", "second\n"]) {
                yield* disk.append("log", line);
                if (isMended) yield* disk.sync("log");
                if (isMended) yield* disk.syncFolder();
                acknowledged.push(line);
              }
            },
            { crashes: {} },
          );
          yield* node.waitEnd();
          const left = node.disk.peek("log") ?? "";
          const whole = left.slice(0, left.lastIndexOf("\n") + 1);
          assert.ok(whole.startsWith(acknowledged.join("")), `${JSON.stringify(left)} is left`);
        };
      assert.match(failureOf(appends(false)).error.message, /is left$/);
      passes(appends(true), { strategy: "exhaustive", schedules: 5000 });
    });

    it("refuses options that cannot be", () => {
      for (const crashes of [{ times: -1 }, { probability: 2 }]) {
        const failure = failureOf((sim: Sim) => void sim.node("a", nothing, { crashes }));
        assert.match(failure.error.message, /^Cannot let a node crash: /);
      }
    });
  });

  describe("that is paused", () => {
    it("runs nothing until it goes on, and its timers are late then", () => {
      passes(function* (sim: Sim) {
        let woken = 0;
        const node = sim.node("a", function* (self) {
          yield* sleep(10);
          woken = self.loop.time();
        });
        yield* sleep(5);
        node.pause();
        assert.equal(node.state, "paused");
        yield* sleep(95);
        assert.equal(woken, 0);
        node.resume();
        yield* node.waitEnd();
        assert.equal(woken, 100);
      });
    });

    it("loses a lease that runs out meanwhile, and is found to think that it has it", () => {
      const failure = failureOf(holders(false));
      assert.match(failure.error.message, /a stale holder writes/);
      passes(holders(true));
    });

    /** A holder of a lease of 100 ms that is paused for long; the store may look at the lease's number. */
    function holders(isMended: boolean): Program {
      return function* lease(sim: Sim) {
        let lease = { number: 0, untilMs: 0 };
        const holder = (node: SimNode) =>
          function* (): CoroutineGenerator<void> {
            let own = 0;
            yield* sim.io("take", () => {
              if (lease.untilMs > sim.time()) return;
              lease = { number: lease.number + 1, untilMs: sim.time() + 100 };
              own = lease.number;
            });
            if (own === 0) return;
            const untilMs = node.loop.time() + 50;
            yield* sim.io("work", nothing, { latency: 10 });
            if (node.loop.time() > untilMs) return;
            yield* sim.io(
              "write",
              () => {
                if (own === lease.number) return;
                if (!isMended) throw new Error("a stale holder writes");
              },
              { latency: { minMs: 1, maxMs: 500 } },
            );
          };
        const first = sim.node("first", (node) => coroutine(holder(node))());
        yield* sleep(sim.choose("when it is paused", 3) * 10);
        first.pause();
        yield* sleep(200);
        const second = sim.node("second", (node) => coroutine(holder(node))());
        yield* second.waitEnd();
        first.resume();
        yield* first.waitEnd();
      };
    }
  });

  describe("with a clock of its own", () => {
    it("is ahead of, or behind the others", () => {
      passes(function* (sim: Sim) {
        yield* sleep(100);
        const seen: number[] = [];
        const look = (node: SimNode): void => void seen.push(node.loop.time());
        yield* sim.node("ahead", look, { skewMs: 50 }).waitEnd();
        yield* sim.node("behind", look, { skewMs: -50 }).waitEnd();
        assert.deepEqual(seen, [150, 50]);
      });
    });

    it("runs its timers by it", () => {
      passes(function* (sim: Sim) {
        const fast = sim.node(
          "fast",
          function* (node) {
            yield* sleep(300);
            assert.ok(node.loop.time() >= 1300, String(node.loop.time()));
          },
          { skewMs: 1000, driftPpm: 500_000 },
        );
        yield* fast.waitEnd();
        assert.ok(Math.abs(sim.time() - 200) < 1e-6, String(sim.time()));
      });
    });

    it("never waits for a timer in vain, whatever rounding does", () => {
      passes(
        function* (sim: Sim) {
          const node = sim.node(
            "odd",
            function* () {
              for (let at = 0; at < 200; at++) yield* sleep(0.1 + at / 7);
            },
            { skewMs: 1e9 / 3, driftPpm: 77 },
          );
          yield* node.waitEnd();
        },
        { schedules: 3, maxSteps: 1000 },
      );
    });

    it("can be set, forward and back", () => {
      passes(function* (sim: Sim) {
        const node = sim.node("a", function* () {
          yield* sleep(100);
        });
        yield* sleep(10);
        node.skew(80);
        assert.equal(node.loop.time(), 90);
        node.skew(-40);
        assert.equal(node.loop.time(), 50);
        yield* node.waitEnd();
        assert.equal(sim.time(), 60);
      });
    });

    it("is found to give two leaders when leases are compared by it", () => {
      const election = (skewMs: number): Program =>
        function* election(sim: Sim) {
          let lease = { owner: "", untilMs: Number.NEGATIVE_INFINITY };
          const believes = new Map<string, number>();
          const candidate = (node: SimNode) =>
            coroutine(function* candidate() {
              for (let round = 0; round < 2; round++) {
                yield* sim.io("elect", () => {
                  if (lease.owner !== node.name && lease.untilMs > node.loop.time()) return;
                  lease = { owner: node.name, untilMs: node.loop.time() + 100 };
                  believes.set(node.name, sim.time() + 100);
                });
                yield* sleep(30);
              }
            })();
          const nodes = [sim.node("a", candidate), sim.node("b", candidate, { skewMs })];
          sim.invariant("one leader", () => {
            const leaders = [...believes.values()].filter((untilMs) => untilMs > sim.time());
            return leaders.length <= 1;
          });
          for (const node of nodes) yield* node.waitEnd();
        };
      assert.match(failureOf(election(200)).error.message, /"one leader" does not hold/);
      passes(election(0));
    });

    it("refuses a drift that would stop it", () => {
      const failure = failureOf((sim: Sim) => void sim.node("a", nothing, { driftPpm: -1e6 }));
      assert.match(failure.error.message, /driftPpm is -1000000/);
    });
  });

  describe("in a search", () => {
    const busy: Program = function* busy(sim: Sim) {
      const counts = [0, 0];
      const nodes = [0, 1].map((at) =>
        sim.node(
          `n${at}`,
          function* (node) {
            for (let step = 0; step < 3; step++) {
              yield* sim.io("step", () => {
                counts[at] = (counts[at] as number) + 1;
              });
              yield* node.disk.append("log", "x");
              node.send(`n${1 - at}`, step);
              yield* sleep(node.loop.random() * 10);
            }
          },
          { crashes: { times: 2 }, skewMs: at },
        ),
      );
      for (const node of nodes) yield* node.waitEnd();
      if (sim.choose("fails", 50) === 49) throw new Error(`after ${counts.join()}`);
    };

    it("takes the same steps for the same token, each time", () => {
      const failure = failureOf(busy, { strategy: "random", schedules: 3000 });
      const hashes = new Set<string>();
      for (let run = 0; run < 50; run++) {
        const { hash, error } = replay(busy, failure.token);
        hashes.add(hash);
        assert.equal(error?.message, failure.error.message);
      }
      assert.equal(hashes.size, 1);
    });

    it("has what is ready in it reordered where that is asked for, also when it crashes meanwhile", () => {
      const failure = failureOf(
        function* program(sim: Sim) {
          const order: string[] = [];
          const node = sim.node("a", function* () {
            const gates = [new Future<void>(), new Future<void>()];
            const waits = gates.map((gate, at) =>
              coroutine(function* wait() {
                yield gate;
                order.push(String(at));
                if (order.length === 1) yield* sim.io("step", nothing);
              })(),
            );
            for (const gate of gates) gate.setResult();
            yield waits;
          });
          yield* node.waitEnd();
          assert.equal(order.join(""), "01");
        },
        { reorder: "ready" },
      );
      assert.equal(failure.realizable, false);
      const report = explore(busy, { reorder: "ready", strategy: "random", schedules: 300 });
      assert.match(report.failure?.error.message ?? "after", /^after/);
    });

    it("comes to the same where an exhaustive search is reduced", () => {
      const seen = [false, true].map((reduce) => {
        const orders = new Set<string>();
        const report = explore(
          function* program(sim: Sim) {
            const order: string[] = [];
            const step = (name: string): SimNode =>
              sim.node(name, function* () {
                yield* sim.io("step", () => order.push(name));
                yield* sleep(1);
                order.push(name);
              });
            yield ["a", "b", "c"].map((name) => step(name).waitEnd());
            orders.add(order.join(""));
          },
          { strategy: "exhaustive", reduce },
        );
        assert.ok(report.exhausted, report.text);
        return [...orders].sort().join();
      });
      assert.equal(seen[0], seen[1]);
    });

    it("is named by who waits for its end in vain", () => {
      const failure = failureOf(function* program(sim: Sim) {
        const node = sim.node("a", idle);
        yield* node.waitEnd();
      });
      assert.equal(failure.kind, "deadlock");
      assert.match(failure.error.message, /program #\d+ waits for node "a" to end/);
    });

    it("leaves no loop behind, and no memory", () => {
      const before = turningLoops().length;
      const options: ExploreOptions = { strategy: "random", determinism: "never", shrink: false };
      const runs = (count: number): void => {
        const crashing: Program = function* crashing(sim: Sim) {
          const node = sim.node(
            "a",
            function* () {
              const failed = new Future<void>();
              failed.setError(new Error("kept by nobody"));
              try {
                for (let step = 0; step < 5; step++) yield* sim.io("step", nothing);
                failed.error();
              } finally {
                yield* sleep(1);
              }
            },
            { crashes: { times: 3, probability: 0.3 } },
          );
          yield* node.waitEnd();
        };
        const report = explore(crashing, { ...options, schedules: count });
        assert.equal(report.failure, undefined, report.text);
      };
      const heapBytes = (): number => {
        collectGarbage();
        return process.memoryUsage().heapUsed;
      };
      runs(500);
      const beforeBytes = heapBytes();
      runs(1000);
      assert.equal(turningLoops().length, before);
      // A thousand loops with their coroutines are some ten megabytes.
      assert.ok(heapBytes() - beforeBytes < 3e6);
    });
  });
});
