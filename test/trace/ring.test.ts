import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EventRing } from "../../src/trace/ring.ts";

const BYTES = 16;

function read(ring: EventRing): object[] {
  return Array.from(ring.events(), (raw) => ({ ...raw }));
}

describe("EventRing", () => {
  it("gives back what was written, ids beyond 32 bits too", () => {
    const event = fc.record(
      {
        kind: fc.nat(14),
        id: fc.nat({ max: 2 ** 46 - 1 }),
        other: fc.nat({ max: 2 ** 46 - 1 }),
        text: fc.integer(),
        afterUs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true })),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const ring = new EventRing(40 * BYTES);
        let atUs = 0;
        const written = events.map(({ afterUs, ...more }) => {
          atUs += afterUs;
          ring.setTime(atUs);
          ring.write(more.kind, more.id, more.other, more.text);
          return { ...more, atUs };
        });
        assert.deepEqual(read(ring), written);
      }),
    );
  });

  it("keeps the newest events with their times and counts the others, however many there are", () => {
    const delays = fc.array(fc.constantFrom(0, 0, 0, 1, 7), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), delays, (capacity, afterUs) => {
        const ring = new EventRing(capacity * BYTES);
        let atUs = 0;
        const written = afterUs.map((after, at) => {
          atUs += after;
          ring.setTime(atUs);
          ring.write(1, at + 1, 0, 0);
          return { kind: 1, id: at + 1, other: 0, text: 0, atUs };
        });
        const { size, dropped } = ring.count();
        assert.equal(size + dropped, written.length);
        assert.deepEqual(read(ring), written.slice(dropped));
        // Times take places, too.
        if (afterUs.every((after) => after === 0)) assert.equal(size, Math.min(written.length, capacity));
        else assert.ok(size >= Math.min(written.length, Math.floor(capacity / 2)));
      }),
    );
  });

  it("takes no more memory than it may", () => {
    assert.equal(new EventRing(100).buffer.byteLength, 96);
    assert.ok(new EventRing(100).buffer instanceof SharedArrayBuffer);
  });
});
