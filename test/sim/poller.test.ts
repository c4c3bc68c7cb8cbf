import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IOLoop, PeriodicCallback, READ, WRITE } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import { pollerContract } from "../loop/poller-contract.ts";

pollerContract("SimPoller", () => new SimPoller(), {
  open: () => [7, 8],
  raise: (poller, fd, events) => (poller as SimPoller).raise(fd, events),
  lower: (poller, fd) => (poller as SimPoller).lower(fd),
  isOpen: (poller, fd) => !(poller as SimPoller).descriptors.closed.includes(fd),
});

describe("SimPoller", () => {
  it("jumps to the end of a wait at once", () => {
    const poller = new SimPoller();
    assert.deepEqual(poller.poll(86_400_000), []);
    assert.equal(poller.now(), 86_400_000);
  });

  it("shows the time that it is given at first", () => {
    assert.equal(new SimPoller(1_000_000).now(), 1_000_000);
  });

  it("is moved by hand, backwards too", () => {
    const poller = new SimPoller(10);
    poller.advance(5);
    assert.equal(poller.now(), 15);
    poller.advance(-20);
    assert.equal(poller.now(), -5);
  });

  it("refuses a time that is none", () => {
    assert.throws(() => new SimPoller(Number.NaN), RangeError);
    assert.throws(() => new SimPoller().advance(Number.POSITIVE_INFINITY), RangeError);
    assert.throws(() => new SimPoller().advance("5" as never), TypeError);
  });

  it("does not move while an event is there", () => {
    const poller = new SimPoller();
    poller.descriptors.register(7, READ);
    poller.raise(7, READ);
    assert.deepEqual(poller.poll(100), [[7, READ]]);
    assert.equal(poller.now(), 0);
  });

  it("shows of an event only what is watched", () => {
    const poller = new SimPoller();
    poller.descriptors.register(7, WRITE);
    poller.raise(7, READ);
    assert.deepEqual(poller.poll(100), []);
    poller.raise(7, WRITE);
    assert.deepEqual(poller.poll(100), [[7, WRITE]]);
  });

  it("keeps what holds of a descriptor that nobody watches, until somebody does", () => {
    const poller = new SimPoller();
    poller.raise(7, READ);
    poller.descriptors.register(7, READ);
    assert.deepEqual(poller.poll(0), [[7, READ]]);
  });

  it("lets start() run to the end inside the call", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    let runs = 0;
    loop.callLater(3_600_000, () => loop.callLater(3_600_000, () => runs++));
    assert.ok(loop.start().done());
    assert.equal(runs, 1);
    assert.equal(loop.time(), 7_200_000);
  });

  it("lets 100 hearts beat each minute for 24 hours", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const beats = new Map<number, number>();
    loop.addCallback(() => {
      const hearts = Array.from(
        { length: 100 },
        (_, i) => new PeriodicCallback(() => beats.set(i, (beats.get(i) ?? 0) + 1), 60_000),
      );
      for (const heart of hearts) heart.start();
      loop.callLater(86_400_001, () => {
        for (const heart of hearts) heart.stop();
      });
    });
    loop.start();
    assert.equal(beats.size, 100);
    assert.ok([...beats.values()].every((count) => count === 1440));
    assert.equal(loop.statistics().timers, 0);
  });
});
