import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExceptionStackContext, StackContext, wrap } from "../../src/context/index.ts";
import { IOLoop, type PollEvent, READ, WRITE } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import { rig, systemError } from "./rig.ts";

const both = (): PollEvent[] => [
  [8, READ],
  [7, READ],
];

describe("a loop's handlers", () => {
  // LOOP-063
  it("may throw: it is logged, the others run, and what still holds is told again", (t) => {
    const { loop, poller, events, takeErrors } = rig(t);
    const error = new Error("seven");
    loop.addHandler(
      7,
      () => {
        if (takeErrors().length > 0) loop.stop();
        throw error;
      },
      READ,
    );
    loop.addHandler(8, () => events.push("eight"), READ);
    poller.raise(7, READ);
    poller.raise(8, READ);
    loop.start();
    assert.deepEqual(takeErrors(), [error]);
    assert.deepEqual(events, ["eight", "eight"]);
  });

  // LOOP-064
  it("may throw EPIPE, which is not logged", (t) => {
    const { loop, poller, takeLogged } = rig(t);
    loop.addHandler(
      7,
      () => {
        throw systemError("EPIPE");
      },
      READ,
    );
    poller.answers.push(() => [[7, READ]]);
    loop.start();
    assert.deepEqual(takeLogged(), []);
  });

  // LOOP-065
  it("that an earlier one removes are not called, though their event was there", (t) => {
    const { loop, poller, events } = rig(t);
    loop.addHandler(7, () => loop.removeHandler(8), READ);
    loop.addHandler(8, () => events.push("eight"), READ);
    poller.answers.push(both);
    loop.start();
    assert.deepEqual(events, []);
  });

  // LOOP-066
  it("are one for each descriptor: a second is refused", (t) => {
    const { loop } = rig(t);
    loop.addHandler(7, () => undefined, READ);
    assert.throws(() => loop.addHandler(7, () => undefined, READ), /descriptor 7 is watched already/);
    loop.close();
  });

  // LOOP-066
  it("may be removed when there is none", (t) => {
    const { loop } = rig(t);
    loop.removeHandler(7);
    assert.equal(loop.statistics().handlers, 0);
  });

  it("cannot be updated when there is none", (t) => {
    const { loop } = rig(t);
    assert.throws(() => loop.updateHandler(7, READ), /descriptor 7 is not watched/);
  });

  it("are told of other events after an update", (t) => {
    const { loop, poller, events } = rig(t);
    loop.addHandler(7, (_fd, mask) => events.push(mask, loop.stop()), READ);
    loop.updateHandler(7, WRITE);
    poller.raise(7, READ | WRITE);
    loop.start();
    assert.deepEqual(events, [WRITE, undefined]);
  });

  // LOOP-067
  it("run in the order in which they were registered, whatever the poll's", (t) => {
    const { loop, poller, events } = rig(t);
    loop.addHandler(7, (fd) => events.push(fd), READ);
    loop.addHandler(8, (fd) => events.push(fd), READ);
    poller.answers.push(both);
    loop.start();
    assert.deepEqual(events, [7, 8]);
  });

  // LOOP-067
  it("are those registered at their turn", (t) => {
    const { loop, poller, events } = rig(t);
    loop.addHandler(
      7,
      () => {
        loop.removeHandler(8);
        loop.addHandler(8, () => events.push("new", loop.stop()), READ);
      },
      READ,
    );
    loop.addHandler(8, () => events.push("old"), READ);
    poller.answers.push(both, () => [[8, READ]]);
    loop.start();
    assert.deepEqual(events, ["new", undefined]);
  });

  it("are not looked for when the poll names descriptors that nobody watches", (t) => {
    const { loop, poller, events, note } = rig(t);
    loop.addHandler(7, note("seven"), READ);
    poller.answers.push(() => [
      [9, READ],
      [7, READ],
      [8, READ],
    ]);
    loop.start();
    assert.deepEqual(events, ["seven"]);
  });

  // LOOP-068
  it("are called in each poll while the event holds", (t) => {
    const { loop, poller, events } = rig(t);
    const read = (): void => {
      events.push(poller.polls.length);
      if (events.length === 3) poller.lower(7);
    };
    loop.addHandler(7, read, READ);
    poller.raise(7, READ);
    loop.start();
    assert.deepEqual(events, [1, 2, 3]);
  });

  it("run in the stack contexts of their registration, which see their errors first", (t) => {
    const { loop, poller, events } = rig(t);
    const error = new Error("consumed");
    const fails = (): never => {
      throw error;
    };
    new ExceptionStackContext((thrown) => events.push(thrown === error)).run(() =>
      loop.addHandler(7, fails, READ),
    );
    poller.answers.push(() => [[7, READ]]);
    loop.start();
    assert.deepEqual(events, [true]);
  });

  it("do not enter a wrapped function's contexts twice", (t) => {
    const { loop, poller, events } = rig(t);
    const context = new StackContext(function* () {
      events.push("enter");
      yield;
    });
    context.run(() =>
      loop.addHandler(
        7,
        wrap(() => undefined),
        READ,
      ),
    );
    events.length = 0;
    poller.answers.push(() => [[7, READ]]);
    loop.start();
    assert.deepEqual(events, ["enter"]);
  });

  it("may return a promise, whose rejection is logged", async (t) => {
    const { loop, poller, takeErrors } = rig(t);
    const error = new Error("rejected");
    loop.addHandler(7, () => Promise.reject(error), READ);
    poller.answers.push(() => [[7, READ]]);
    loop.start();
    await Promise.resolve();
    assert.deepEqual(takeErrors(), [error]);
  });

  it("are refused by a poller without descriptors", () => {
    const poller = Object.assign(new SimPoller(), { descriptors: undefined });
    const loop = new IOLoop({ poller: poller as never });
    assert.throws(() => loop.addHandler(7, () => undefined, READ), /this loop's poller has none/);
    assert.equal(loop.statistics().handlers, 0);
  });
});
