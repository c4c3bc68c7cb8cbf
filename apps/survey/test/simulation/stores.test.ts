/** The simulated stores keep the contracts of the real ones, in whatever order their operations end. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "gyre";
import { check, explore, type Sim } from "gyre/sim";
import type { Harness } from "../stores/harness.ts";
import { keyValueContract } from "../stores/key-value-contract.ts";
import { objectStoreContract } from "../stores/object-store-contract.ts";
import { taskQueueContract } from "../stores/task-queue-contract.ts";
import { SimulatedDisk } from "./disk.ts";
import { openSimulatedStores, type SimulatedStoresOptions } from "./stores.ts";

/** Some of the contracts' tests make megabytes. */
const schedules = 4;

function harness(name: string, options: SimulatedStoresOptions): Harness {
  return {
    name,
    async run(body) {
      const contract = coroutine(function* contract(sim: Sim) {
        const stores = openSimulatedStores(sim, new SimulatedDisk(), options);
        yield* coroutine(body)({ stores, advance: sleep });
        yield* stores.close();
      });
      check(contract, { schedules, determinism: "never" });
    },
  };
}

const harnesses = [
  harness("in a simulation", {}),
  harness("in a simulation, synced apart", { syncsApart: true }),
];
for (const each of harnesses) {
  keyValueContract(each);
  taskQueueContract(each);
  objectStoreContract(each);
}

describe("SimulatedDisk", () => {
  /** What is there after a crash before `step`, in every run of all that there are. */
  function survivors(crashAt: (sim: Sim, disk: SimulatedDisk) => void): Set<string> {
    const seen = new Set<string>();
    const report = explore(
      (sim) => {
        const disk = new SimulatedDisk();
        const { keyValue } = openSimulatedStores(sim, disk, { syncsApart: true });
        keyValue.set("a", "1");
        keyValue.set("b", "1");
        sim.io("crash", () => crashAt(sim, disk));
        return () => seen.add([...disk.tables.items.keys()].join());
      },
      { strategy: "exhaustive", allow: ["orphan"] },
    );
    assert.equal(report.failure, undefined, report.text);
    assert.equal(report.exhausted, true);
    return seen;
  }

  it("loses any number of the last unsynced writes, and none that was synced", () => {
    const seen = survivors((sim, disk) => {
      const before = disk.unsynced;
      disk.crash(sim.choose("lost", before + 1));
      assert.equal(disk.unsynced, 0);
    });
    // What is lost stays lost; what is written behind the crash is there.
    assert.deepEqual([...seen].sort(), ["", "a", "a,b", "b", "b,a"]);
  });

  it("takes back a change, a removal and a rename as one", () => {
    check((sim) => {
      const disk = new SimulatedDisk();
      const { items } = disk.tables;
      const put = (value: string) => ({ value, expiresAtMs: undefined });
      disk.write(() => items.set("key", put("old")).set("other", put("1")));
      disk.sync();
      disk.write(() => items.set("key", put("new")));
      disk.write(() => {
        items.delete("key");
        items.set("moved", put("new"));
      });
      disk.crash(1 + sim.choose("lost", 2));
      const value = items.get("key")?.value;
      assert.ok(value === "old" || value === "new");
      assert.deepEqual([...items.keys()].sort(), ["key", "other"]);
    });
  });

  it("loses nothing that a store has said to have kept", () => {
    const contract = coroutine(function* keepsWhatItSays(sim: Sim) {
      const disk = new SimulatedDisk();
      const { keyValue, queue } = openSimulatedStores(sim, disk, { syncsApart: true });
      const kept: string[] = [];
      const write = coroutine(function* write(key: string) {
        yield* keyValue.set(key, key);
        kept.push(key);
      });
      const push = coroutine(function* push() {
        yield* queue.push("q", "task");
        kept.push("task");
      });
      const crash = coroutine(function* crash() {
        yield* sim.io("crash", () => {
          disk.crash(sim.choose("lost", disk.unsynced + 1));
          const tasks = disk.tables.queues.get("q")?.items.map(({ task }) => task) ?? [];
          const there = new Set([...disk.tables.items.keys(), ...tasks]);
          assert.deepEqual(
            kept.filter((each) => !there.has(each)),
            [],
          );
        });
      });
      yield [write("a"), write("b"), push(), crash()];
    });
    const report = explore(contract, { strategy: "exhaustive" });
    assert.equal(report.failure, undefined, report.text);
    assert.equal(report.exhausted, true);
  });
});
