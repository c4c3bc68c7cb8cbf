import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CoroutineGenerator, coroutine, sleep, TimeoutError, withTimeout } from "../../../src/index.ts";
import {
  CallFailedError,
  type Packet,
  type Program,
  type Sim,
  type SimNode,
} from "../../../src/sim/index.ts";
import { failureOf, outcomes, passes } from "./searches.ts";

const nothing = (): void => {};

/** A node that keeps what it gets. */
function collector(sim: Sim, name: string): { node: SimNode; got: unknown[] } {
  const got: unknown[] = [];
  const node = sim.node(name, (self) => self.onPacket(({ payload }) => got.push(payload)));
  return { node, got };
}

describe("the simulated network", () => {
  describe("a packet", () => {
    it("comes to the node it is sent to, with who sent it", () => {
      passes(function* (sim: Sim) {
        const b = sim.node("b", function* (node) {
          const { from, to, kind, payload } = yield* node.receive();
          assert.deepEqual({ from, to, kind, payload }, { from: "a", to: "b", kind: "packet", payload: [1] });
        });
        sim.node("a", (node) => node.send("b", [1]));
        yield* b.waitEnd();
      });
    });

    it("overtakes others", () => {
      const orders = outcomes(function* (sim) {
        const { got } = collector(sim, "b");
        sim.net.latency = { minMs: 1, maxMs: 5 };
        sim.net.send("main", "b", 1);
        sim.net.send("main", "b", 2);
        yield* sleep(10);
        return got;
      });
      assert.deepEqual(orders, ["1,2", "2,1"]);
    });

    it("is copied, so that nodes share nothing", () => {
      passes(function* (sim: Sim) {
        const payload = { list: [1] };
        const { got } = collector(sim, "b");
        sim.net.latency = 1;
        sim.net.send("main", "b", payload);
        payload.list.push(2);
        yield* sleep(5);
        assert.deepEqual(got, [{ list: [1] }]);
      });
    });

    it("cannot hold what cannot be copied", () => {
      const failure = failureOf((sim: Sim) => sim.net.send("a", "b", nothing));
      assert.match(
        failure.error.message,
        /^Cannot send packet from a to b: it holds .*, data that can be copied/,
      );
    });

    it("is lost when it comes to a node that has crashed", () => {
      passes(function* (sim: Sim) {
        const { node, got } = collector(sim, "b");
        sim.net.latency = 5;
        sim.net.send("main", "b", "on its way");
        yield* sleep(1);
        node.crash();
        sim.net.send("main", "b", "too late");
        yield* sleep(10);
        node.restart();
        yield* sleep(10);
        assert.deepEqual(got, []);
      });
    });

    it("is lost when it comes to the main program, which receives none", () => {
      passes(function* (sim: Sim) {
        sim.node("a", (node) => node.onPacket(({ from }) => node.send(from, "thanks")));
        sim.net.send("main", "a", 1);
        yield* sleep(10);
      });
    });

    it("ends the run where nobody has the name that it is sent to, with the names that there are", () => {
      const typo = failureOf(function* program(sim: Sim) {
        sim.node("bank", nothing);
        sim.node("client", (node) => node.send("bnak", 1));
        yield* sleep(10);
      });
      assert.ok(typo.error instanceof RangeError);
      assert.equal(
        typo.error.message,
        'Cannot send packet from client to bnak: nobody is called "bnak", one of "bank", "client" is wanted (make a node before others send to it)',
      );
      assert.match(typo.text, /\n {4}at .*net\.test\.ts:\d+:\d+\n/);
      const alone = failureOf((sim: Sim) => sim.net.send("main", "b", 1));
      assert.equal(
        alone.error.message,
        'Cannot send packet from main to b: nobody is called "b", a node is wanted (sim.node("b", ...) makes one)',
      );
    });

    it("may be sent to any name where a rule takes it", () => {
      passes(function* (sim: Sim) {
        const seen: unknown[] = [];
        sim.net.rule(({ to, payload }) => {
          if (to !== "log") return "pass";
          seen.push(payload);
          return "drop";
        });
        sim.node("a", (node) => node.send("log", "begun"));
        yield* sleep(10);
        assert.deepEqual(seen, ["begun"]);
      });
    });

    it("comes to the next life of a node, where it takes so long", () => {
      passes(function* (sim: Sim) {
        const { node, got } = collector(sim, "b");
        sim.net.latency = 5;
        sim.net.send("main", "b", 1);
        yield* sleep(1);
        node.crash();
        node.restart();
        yield* sleep(10);
        assert.deepEqual(got, [1]);
      });
    });

    it("goes on though its sender has crashed", () => {
      passes(function* (sim: Sim) {
        const { got } = collector(sim, "b");
        sim.net.latency = 5;
        const a = sim.node("a", (node) => node.send("b", 1));
        yield* sleep(1);
        a.crash();
        yield* sleep(10);
        assert.deepEqual(got, [1]);
      });
    });

    it("waits for a node that is paused", () => {
      passes(function* (sim: Sim) {
        const { node, got } = collector(sim, "b");
        sim.net.latency = 1;
        yield* sleep(1);
        node.pause();
        sim.net.send("main", "b", 1);
        yield* sleep(10);
        assert.deepEqual(got, []);
        node.resume();
        yield* sleep(1);
        assert.deepEqual(got, [1]);
      });
    });

    it("is kept until somebody receives it, or listens", () => {
      passes(function* (sim: Sim) {
        const got: unknown[] = [];
        const b = sim.node("b", function* (node) {
          yield* sleep(10);
          got.push((yield* node.receive()).payload);
          node.onPacket(({ payload }) => got.push(payload));
        });
        sim.net.latency = { minMs: 1, maxMs: 1 };
        for (const payload of [1, 2, 3]) sim.net.send("main", b, payload);
        yield* sleep(20);
        assert.deepEqual(got.length, 3);
      });
    });

    it("that nobody receives in time is not lost with the wait", () => {
      passes(function* (sim: Sim) {
        const b = sim.node("b", function* (node) {
          try {
            yield* withTimeout(5, node.receive());
            assert.fail("none is there");
          } catch (error) {
            assert.ok(error instanceof TimeoutError);
          }
          assert.equal((yield* node.receive()).payload, 1);
        });
        yield* sleep(10);
        sim.net.send("main", b, 1);
        yield* b.waitEnd();
      });
    });

    it("fails the run when its listener fails, now or later", () => {
      const listeners = [
        () => {
          throw new Error("cannot take it");
        },
        function* () {
          yield* sleep(1);
          throw new Error("cannot take it");
        },
      ];
      for (const listener of listeners) {
        const failure = failureOf(function* program(sim: Sim) {
          sim.net.latency = 1;
          sim.node("b", (node) => node.onPacket(listener));
          sim.net.send("main", "b", 1);
          yield* sleep(10);
        });
        assert.equal(failure.error.message, "cannot take it");
      }
    });
  });

  describe("a call", () => {
    it("gives what the function that serves gives back: plain, or a coroutine", () => {
      passes(function* (sim: Sim) {
        sim.node("plain", (node) => node.serve(({ payload }) => (payload as number) + 1));
        sim.node("generator", (node) =>
          node.serve(function* ({ payload }) {
            yield* sleep(1);
            return (payload as number) + 2;
          }),
        );
        const a = sim.node("a", function* (node) {
          assert.equal(yield* node.call<number>("plain", 1), 2);
          assert.equal(yield* node.call<number>("generator", 1), 3);
        });
        assert.equal(yield* sim.net.call<number>("main", "plain", 5), 6);
        yield* a.waitEnd();
      });
    });

    it("fails when that fails", () => {
      passes(function* (sim: Sim) {
        const serving = [
          () => {
            throw new RangeError("too much");
          },
          coroutine(function* () {
            yield* sleep(1);
            throw new RangeError("too much");
          }),
        ];
        for (const [at, serve] of serving.entries()) {
          sim.node(`b${at}`, (node) => node.serve(serve));
          try {
            yield* sim.net.call("main", `b${at}`, 1);
            assert.fail("it fails");
          } catch (error) {
            assert.ok(error instanceof CallFailedError, String(error));
            assert.equal(error.to, `b${at}`);
            assert.match(error.message, /RangeError: too much/);
          }
        }
      });
    });

    it("fails in time, by the caller's clock, when no answer comes", () => {
      passes(function* (sim: Sim) {
        sim.node("deaf", nothing);
        const a = sim.node(
          "a",
          function* (node) {
            try {
              yield* node.call("deaf", 1, { timeoutMs: 100 });
              assert.fail("nobody serves");
            } catch (error) {
              assert.ok(error instanceof TimeoutError);
              assert.match(error.message, /an answer of "deaf" to "a": the limit of 100 ms/);
            }
          },
          { driftPpm: 1e6 },
        );
        yield* a.waitEnd();
        assert.equal(sim.time(), 50);
      });
    });

    it("is a deadlock when no answer can come", () => {
      const failure = failureOf((sim: Sim) => {
        sim.node("deaf", nothing);
        sim.node("a", function* asker(node) {
          yield* node.call("deaf", 1);
        });
      });
      assert.equal(failure.kind, "deadlock");
      assert.match(failure.error.message, /asker #1 waits for an answer of "deaf"/);
    });

    it("of a node that there is not ends the run, whatever limit it has", () => {
      const failure = failureOf(function* program(sim: Sim) {
        sim.node("bank", nothing);
        for (;;) {
          try {
            yield* sim.net.call("main", "bnak", 1, { timeoutMs: 10 });
          } catch {
            // Once more.
          }
        }
      });
      assert.match(
        failure.error.message,
        /^Cannot send request from main to bnak: nobody is called "bnak", "bank" is wanted/,
      );
    });

    it("ends with the coroutine that made it", () => {
      passes(function* (sim: Sim) {
        sim.node("slow", (node) =>
          node.serve(function* () {
            yield* sleep(10);
            return 1;
          }),
        );
        const ask = coroutine(function* () {
          yield* sim.net.call("main", "slow", 1, { timeoutMs: 1000 });
        });
        const asking = ask();
        asking.cancel();
        try {
          yield asking;
        } catch {
          assert.ok(asking.cancelled());
        }
        yield* sleep(2000);
      });
    });

    it("may be served though its answer does not come", () => {
      const seen = outcomes(function* (sim) {
        let served = 0;
        sim.net.latency = 1;
        sim.node("b", (node) => node.serve(() => ++served));
        sim.net.loss(0.5);
        try {
          yield* sim.net.call("main", "b", 1, { timeoutMs: 10 });
          return `answered, served ${served}`;
        } catch {
          return `not answered, served ${served}`;
        }
      });
      assert.deepEqual(seen, ["answered, served 1", "not answered, served 0", "not answered, served 1"]);
    });
  });

  describe("a rule", () => {
    it("drops, delays, holds and doubles packets, until it ends", () => {
      passes(function* (sim: Sim) {
        const { got } = collector(sim, "b");
        sim.net.latency = 1;
        const seen: Packet[] = [];
        const rule = sim.net.rule((packet) => {
          seen.push(packet);
          switch (packet.payload) {
            case "dropped":
              return "drop";
            case "late":
              return { deliverAfterMs: 50 };
            case "twice":
              return { duplicate: true };
            case "held":
              return "hold";
            default:
              return "pass";
          }
        });
        for (const payload of ["dropped", "late", "twice", "held", "usual"])
          sim.net.send("main", "b", payload);
        yield* sleep(10);
        assert.deepEqual(got.toSorted(), ["twice", "twice", "usual"]);
        yield* sleep(50);
        assert.equal(got.at(-1), "late");
        rule[Symbol.dispose]();
        yield* sleep(10);
        assert.equal(got.at(-1), "held");
        sim.net.send("main", "b", "dropped");
        yield* sleep(10);
        assert.equal(got.at(-1), "dropped");
        assert.equal(seen.length, 5);
      });
    });

    it("that says something else is refused", () => {
      const failure = failureOf((sim: Sim) => {
        sim.net.rule(() => "lose" as never);
        sim.net.send("a", "b", 1);
      });
      assert.match(
        failure.error.message,
        /a rule says "lose", "pass", "drop", "hold" or an object is wanted/,
      );
    });

    it("may hold all there is, for a while", () => {
      passes(function* (sim: Sim) {
        const { got } = collector(sim, "b");
        sim.net.latency = 1;
        const held = sim.net.hold(({ to }) => to === "b");
        sim.net.send("main", "b", 1);
        yield* sleep(100);
        assert.deepEqual(got, []);
        held[Symbol.dispose]();
        yield* sleep(10);
        assert.deepEqual(got, [1]);
      });
    });
  });

  describe("a partition", () => {
    it("lets no packet through in either direction, until it is healed", () => {
      passes(function* (sim: Sim) {
        const [a, b, c] = ["a", "b", "c"].map((name) => collector(sim, name)) as [
          ReturnType<typeof collector>,
          ReturnType<typeof collector>,
          ReturnType<typeof collector>,
        ];
        sim.net.latency = 1;
        const partition = sim.net.partition([a.node], ["b"]);
        a.node.send("b", 1);
        b.node.send("a", 1);
        a.node.send(c.node, 2);
        yield* sleep(10);
        assert.deepEqual([a.got, b.got, c.got], [[], [], [2]]);
        partition[Symbol.dispose]();
        a.node.send("b", 3);
        yield* sleep(10);
        assert.deepEqual(b.got, [3]);
      });
    });

    it("parts some from all others", () => {
      passes(function* (sim: Sim) {
        const [a, b] = [collector(sim, "a"), collector(sim, "b")];
        sim.net.latency = 1;
        sim.net.partition([a.node]);
        sim.net.send("main", "a", 1);
        sim.net.send("main", "b", 1);
        yield* sleep(10);
        assert.deepEqual([a.got, b.got], [[], [1]]);
      });
    });

    it("takes what is on its way when it begins", () => {
      passes(function* (sim: Sim) {
        const { got } = collector(sim, "b");
        sim.net.latency = 10;
        sim.net.send("main", "b", 1);
        yield* sleep(5);
        const partition = sim.net.partition(["b"]);
        yield* sleep(10);
        partition[Symbol.dispose]();
        yield* sleep(10);
        assert.deepEqual(got, []);
      });
    });
  });

  it("loses packets, or delivers them twice, in some schedule", () => {
    const seen = outcomes(function* (sim) {
      const { got } = collector(sim, "b");
      sim.net.latency = 1;
      const chances = [sim.net.loss(0.1), sim.net.duplicates(0.1)];
      sim.net.send("main", "b", "x");
      yield* sleep(5);
      for (const each of chances) each[Symbol.dispose]();
      sim.net.send("main", "b", "y");
      yield* sleep(5);
      return got.join("");
    });
    assert.deepEqual(seen, ["xxy", "xy", "y"]);
  });

  it("refuses what is no endpoint, and what is no probability", () => {
    passes((sim: Sim) => {
      assert.throws(() => sim.net.send("", "b", 1), /Cannot use the network: came ""/);
      assert.throws(() => sim.net.send("a", 5 as never, 1), /Cannot use the network: came 5/);
      assert.throws(() => sim.net.loss(2), /Cannot lose packets: the probability is 2/);
      assert.throws(() => sim.net.call("a", "b", 1, { timeoutMs: -1 }), RangeError);
    });
  });

  it("has a bank that counts a repeated payment twice, unless it knows the payment by its key", () => {
    const payments = (isMended: boolean): Program =>
      function* payments(sim: Sim) {
        let balance = 0;
        sim.net.latency = 10;
        sim.node("bank", (node) => {
          const known = new Set<unknown>();
          node.serve(({ payload }) => {
            if (isMended && known.has(payload)) return;
            known.add(payload);
            balance += 10;
          });
        });
        const client = sim.node("client", function* (node) {
          // At least once: until it is told that it was done.
          for (;;) {
            try {
              yield* node.call("bank", "payment 1", { timeoutMs: 50 });
              return;
            } catch (error) {
              if (!(error instanceof TimeoutError)) throw error;
            }
          }
        });
        sim.net.loss(0.2);
        yield* client.waitEnd();
        assert.ok(balance === 10, `the balance is ${balance}`);
      };
    const failure = failureOf(payments(false));
    assert.equal(failure.error.message, "the balance is 20");
    assert.equal(failure.deviations.length, 1);
    assert.match(failure.text, /answer from bank to client is lost/);
    assert.match(failure.drawing, /arrives: request from client/);
    assert.match(failure.drawing, /lost: answer from bank to client/);
    passes(payments(true));
  });

  it("has a register that is read stale across a partition, unless a majority is asked", () => {
    const register = (isMended: boolean): Program =>
      function* register(sim: Sim) {
        const names = ["r0", "r1", "r2"];
        for (const name of names) {
          sim.node(name, (node) => {
            let own = { version: 0, value: "old" };
            node.serve(({ payload }) => {
              const written = payload as { version: number; value: string } | undefined;
              if (written !== undefined && written.version > own.version) own = written;
              return own;
            });
          });
        }
        sim.net.latency = 1;
        type Entry = { version: number; value: string };
        const ask = coroutine(function* ask(name: string, payload: Entry | undefined) {
          try {
            return yield* sim.net.call<Entry>("main", name, payload, { timeoutMs: 10 });
          } catch {
            return undefined;
          }
        });
        const askAll = function* (payload: Entry | undefined): CoroutineGenerator<Entry[]> {
          const asked = names.map((name) => ask(name, payload));
          const answers: Entry[] = [];
          for (const each of asked) {
            const answer = yield* each;
            if (answer !== undefined) answers.push(answer);
          }
          return answers;
        };
        const partition = sim.net.partition([names[sim.choose("who is cut off", 3)] as string]);
        yield* askAll({ version: 1, value: "new" });
        partition[Symbol.dispose]();
        const answers = isMended
          ? yield* askAll(undefined)
          : [(yield* ask(names[sim.choose("who is read", 3)] as string, undefined)) as Entry];
        const latest = answers.reduce((best, each) => (each.version > best.version ? each : best));
        assert.ok(latest.value === "new", "a stale value is read");
      };
    assert.equal(failureOf(register(false)).error.message, "a stale value is read");
    passes(register(true));
  });
});
