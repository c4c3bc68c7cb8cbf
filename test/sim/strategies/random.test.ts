/** What the strategies that draw have in common, and what each is made for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine } from "../../../src/gen/index.ts";
import { ASKED, FAULT } from "../../../src/sim/choices.ts";
import { explore, type StrategyName } from "../../../src/sim/index.ts";
import { Pct } from "../../../src/sim/strategies/pct.ts";
import { RandomNumbers } from "../../../src/sim/strategies/random-numbers.ts";
import { RandomWalk } from "../../../src/sim/strategies/random-walk.ts";
import { Urw } from "../../../src/sim/strategies/urw.ts";
import type { Strategy } from "../../../src/sim/strategy.ts";
import { nothing, program } from "../programs.ts";
import { even, runs, runTree } from "./trees.ts";

const kinds: Readonly<Record<string, (random: RandomNumbers) => Strategy>> = {
  "the random walk": (random) => new RandomWalk(random),
  pct: (random) => new Pct(random),
  urw: (random) => new Urw(random),
};

for (const [name, make] of Object.entries(kinds)) {
  describe(name, () => {
    it("chooses nothing but what there is, whatever is to be decided", () => {
      const strategy = make(new RandomNumbers(3));
      // `runTree` fails for anything else.
      for (let run = 0; run < 300; run++) {
        runTree(strategy, (taken) => (taken.length < 20 ? 2 + ((taken.length + run) % 5) : 0));
        runTree(strategy, even(5, 3), FAULT, 0.5);
        runTree(strategy, even(5, 7), ASKED);
      }
    });

    it("makes the same runs of the same seed, and others of another", () => {
      const of = (seed: number): string => runs(make(new RandomNumbers(seed)), even(10, 3), 50).join(" ");
      assert.equal(of(5), of(5));
      assert.notEqual(of(5), of(6));
    });

    it("comes to each run of a few", () => {
      const seen = new Set(runs(make(new RandomNumbers(1)), even(2, 2), 500));
      assert.deepEqual(seen, new Set(["00", "01", "10", "11"]));
    });

    it("lets a fault happen as often as its probability says", () => {
      const strategy = make(new RandomNumbers(1));
      let faults = 0;
      for (let run = 0; run < 2000; run++) faults += runTree(strategy, even(1, 2), FAULT, 0.1)?.[0] ?? 0;
      assert.ok(faults > 120 && faults < 280, `${faults} of 2000`);
    });

    it("never lets one happen that is impossible, and always one that is certain", () => {
      const strategy = make(new RandomNumbers(1));
      for (let run = 0; run < 100; run++) {
        assert.deepEqual(runTree(strategy, even(1, 2), FAULT, 0), [0]);
        assert.deepEqual(runTree(strategy, even(1, 2), FAULT, 1), [1]);
      }
    });
  });
}

describe("pct", () => {
  it("delays one of two tasks past 25 steps of the other, again and again", () => {
    const strategy = new Pct(new RandomNumbers(1));
    const all = runs(strategy, even(26, 2), 200);
    assert.ok(all.filter((run) => !run.slice(0, 25).includes("0")).length > 20);
  });

  it("goes on with one task but for three turns at most", () => {
    for (const run of runs(new Pct(new RandomNumbers(1)), even(30, 3), 300)) {
      const turns = [...run].filter((value, at) => at > 0 && value !== run[at - 1]).length;
      assert.ok(turns <= 2, run);
    }
  });
});

describe("urw", () => {
  /** How often each of the nine places of one step among eight others came, in 900 runs. */
  function places(strategy: StrategyName): number[] {
    const counts = Array<number>(9).fill(0);
    const one = program("one among eight", function* (sim) {
      let walked = 0;
      const walk = coroutine(function* walk() {
        for (; walked < 8; walked++) yield* sim.io("walk", nothing);
      });
      const look = coroutine(function* look() {
        yield* sim.io("look", () => {
          counts[walked]!++;
        });
      });
      yield [look(), walk()];
    });
    explore(one, { strategy, schedules: 900, determinism: "never" });
    return counts;
  }

  it("makes whole schedules about equally probable, which the random walk does not", () => {
    const urw = places("urw");
    assert.ok(
      urw.every((count) => count > 60 && count < 150),
      `${urw}`,
    );
    assert.ok(Math.min(...places("random")) < 20);
  });
});

describe("RandomNumbers", () => {
  it("lie in [0, 1), and below what is asked for", () => {
    const random = new RandomNumbers(-5);
    for (let at = 0; at < 1000; at++) {
      const next = random.next();
      assert.ok(next >= 0 && next < 1);
      assert.ok([0, 1, 2].includes(random.below(3)));
    }
  });

  it("are the same of the same seed in every process", () => {
    const random = new RandomNumbers(1);
    assert.deepEqual([random.below(1000), random.below(1000), random.below(1000)], [627, 2, 527]);
  });

  it("are drawn of all alternatives alike where there is no weight", () => {
    const random = new RandomNumbers(1);
    const counts = [0, 0, 0];
    for (let at = 0; at < 3000; at++) counts[random.weighted(3, -1)]!++;
    for (const count of counts) assert.ok(count > 850 && count < 1150, `${counts}`);
  });
});
