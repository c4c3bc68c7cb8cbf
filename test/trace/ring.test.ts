import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EventRing } from "../../src/trace/ring.ts";

const BYTES = 24;

function read(ring: EventRing): object[] {
  return Array.from(ring.events(), (raw) => ({ ...raw }));
}

describe("EventRing", () => {
  it("gives back what was written, ids beyond 32 bits too", () => {
    const event = fc.record(
      {
        kind: fc.nat(15),
        id: fc.nat({ max: 2 ** 46 - 1 }),
        other: fc.nat({ max: 2 ** 46 - 1 }),
        text: fc.integer(),
        atUs: fc.double({ noNaN: true }),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const ring = new EventRing(20 * BYTES);
        for (const { kind, id, other, text, atUs } of events) ring.write(kind, id, other, text, atUs);
        assert.deepEqual(read(ring), events);
      }),
    );
  });

  it("keeps the newest events and counts the others, however many there are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(40), (capacity, count) => {
        const ring = new EventRing(capacity * BYTES);
        for (let id = 1; id <= count; id++) ring.write(1, id, 0, 0, id);
        const ids = Array.from(ring.events(), ({ id }) => id);
        const first = Math.max(count - capacity, 0) + 1;
        assert.deepEqual(
          ids,
          Array.from({ length: Math.min(count, capacity) }, (_, at) => first + at),
        );
        assert.equal(ring.size, ids.length);
        assert.equal(ring.dropped, count - ids.length);
      }),
    );
  });

  it("takes no more memory than it may", () => {
    assert.equal(new EventRing(100).buffer.byteLength, 96);
    assert.ok(new EventRing(100).buffer instanceof SharedArrayBuffer);
  });
});
