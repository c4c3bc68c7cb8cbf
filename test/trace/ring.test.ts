import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BLOCK_BYTES, EventRing, type RawEvent, writeEvent, writeLongEvent } from "../../src/trace/ring.ts";

const BYTES = 8;
const PLACES = BLOCK_BYTES / BYTES;

function read(ring: EventRing): object[] {
  return Array.from(ring.events(), (raw) => ({ ...raw }));
}

describe("EventRing", () => {
  it("gives back what was written, large ids and long pauses too", () => {
    const event = fc.record(
      {
        kind: fc.nat(13),
        id: fc.oneof(fc.nat({ max: 2 ** 27 + 1 }), fc.nat({ max: 2 ** 41 - 1 })),
        value: fc.oneof(fc.integer(), fc.nat({ max: 2 ** 45 - 1 })),
        text: fc.integer(),
        afterNs: fc.oneof(fc.constant(0), fc.nat({ max: 2 ** 32 + 1 }), fc.nat({ max: 2 ** 48 })),
        isOver: fc.boolean(),
        hasText: fc.boolean(),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), fc.boolean(), (events, isClosed) => {
        const ring = new EventRing(2 * BLOCK_BYTES);
        let atNs = 0;
        let turnsOver = 0;
        const written = events.map(({ afterNs, hasText, isOver, text, ...more }) => {
          atNs += afterNs;
          if (isOver) turnsOver++;
          ring.setTime(atNs, isOver);
          if (hasText) writeLongEvent(more.kind, more.id, more.value, text);
          else writeEvent(more.kind, more.id, more.value);
          return { ...more, text: hasText ? text : 0, atNs, turnsOver };
        });
        if (isClosed) ring.close();
        assert.deepEqual(read(ring), written);
      }),
    );
  });

  it("keeps the newest events with their times and counts the others, however many there are", () => {
    const runs = fc.array(
      fc.tuple(fc.constantFrom(0, 0, 1, 7e9), fc.boolean(), fc.integer({ min: 1, max: PLACES })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), runs, (blocks, given) => {
        const ring = new EventRing(blocks * BLOCK_BYTES);
        const written: object[] = [];
        let atNs = 0;
        for (const [afterNs, hasText, times] of given) {
          for (let i = 0; i < times; i++) {
            atNs += afterNs;
            ring.setTime(atNs, false);
            const id = written.length + 1;
            if (hasText) writeLongEvent(1, id, 3, 5);
            else writeEvent(1, id, 3);
            written.push({ kind: 1, id, value: 3, text: hasText ? 5 : 0, atNs, turnsOver: 0 });
          }
        }
        const { size, dropped } = ring.count();
        assert.equal(size + dropped, written.length);
        assert.deepEqual(read(ring), written.slice(dropped));
        // Times and texts take places, too, and what makes room is a block.
        const isPlain = given.every(([afterNs, hasText]) => afterNs === 0 && !hasText);
        const least = Math.min(written.length, PLACES * (blocks - 1));
        assert.ok(size >= (isPlain ? least : Math.floor(least / 3)));
        assert.ok(size <= PLACES * blocks);
      }),
      { numRuns: 40 },
    );
  });

  it("takes a time before the last one for that", () => {
    const ring = new EventRing(2 * BLOCK_BYTES);
    for (const atNs of [5, 3, 6]) {
      ring.setTime(atNs, false);
      writeEvent(1, 1, 0);
    }
    assert.deepEqual(
      Array.from(ring.events(), ({ atNs }) => atNs),
      [5, 5, 6],
    );
  });

  it("says when a block is full, which is a moment to set the time", () => {
    let blocks = 0;
    const ring = new EventRing(4 * BLOCK_BYTES, () => ring.setTime(++blocks * 10, false));
    for (let id = 1; id <= 2 * PLACES; id++) writeEvent(1, id, 0);
    const times = Array.from(ring.events(), ({ atNs }) => atNs);
    assert.deepEqual([times[0], times[PLACES - 1], times[PLACES], times.at(-1)], [0, 0, 10, 20]);
    assert.equal(blocks, 2);
  });

  it("keeps both places of an event together, though a time comes at the end of a block", () => {
    let atNs = 0;
    const ring = new EventRing(4 * BLOCK_BYTES, () => {
      atNs += 5000;
      ring.setTime(atNs, false);
    });
    for (let before = PLACES - 3; before < PLACES + 3; before++) {
      for (let i = 0; i < before; i++) writeEvent(3, 1, 7);
      writeLongEvent(1, 42, 41, 6);
      const { kind, id, value, text } = Array.from(ring.events(), (raw) => ({ ...raw })).at(-1) as RawEvent;
      assert.deepEqual({ kind, id, value, text }, { kind: 1, id: 42, value: 41, text: 6 });
      const { size, dropped } = ring.count();
      assert.equal(Array.from(ring.events()).length, size);
      assert.ok(dropped >= 0);
    }
  });

  it("keeps what it has when another one is written", () => {
    const first = new EventRing(2 * BLOCK_BYTES);
    writeEvent(1, 7, 0);
    const second = new EventRing(2 * BLOCK_BYTES);
    writeEvent(1, 8, 0);
    first.close();
    writeEvent(1, 9, 0);
    const ids = (ring: EventRing): number[] => Array.from(ring.events(), ({ id }) => id);
    assert.deepEqual(ids(first), [7]);
    assert.deepEqual(ids(second), [8, 9]);
    assert.deepEqual(first.count(), { size: 1, dropped: 0 });
    second.close();
    assert.deepEqual(second.count(), { size: 2, dropped: 0 });
  });
});
