import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EventRing } from "../../src/trace/ring.ts";

const BYTES = 8;

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
        hasText: fc.boolean(),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const ring = new EventRing(60 * BYTES);
        let atNs = 0;
        const written = events.map(({ afterNs, hasText, text, ...more }) => {
          atNs += afterNs;
          ring.setTime(atNs);
          if (hasText) ring.writeMore(more.kind, more.id, more.value, text);
          else ring.write(more.kind, more.id, more.value);
          return { ...more, text: hasText ? text : 0, atNs };
        });
        assert.deepEqual(read(ring), written);
      }),
    );
  });

  it("keeps the newest events with their times and counts the others, however many there are", () => {
    const delays = fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 7e9), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), delays, (capacity, given) => {
        const ring = new EventRing(capacity * BYTES);
        let atNs = 0;
        const written = given.map(([afterNs, hasText], at) => {
          atNs += afterNs;
          ring.setTime(atNs);
          if (hasText) ring.writeMore(1, at + 1, 3, 5);
          else ring.write(1, at + 1, 3);
          return { kind: 1, id: at + 1, value: 3, text: hasText ? 5 : 0, atNs };
        });
        const { size, dropped } = ring.count();
        assert.equal(size + dropped, written.length);
        assert.deepEqual(read(ring), written.slice(dropped));
        // Times and texts take places, too.
        const isPlain = given.every(([afterNs, hasText]) => afterNs === 0 && !hasText);
        if (isPlain) assert.equal(size, Math.min(written.length, capacity));
        else assert.ok(size >= Math.min(written.length, Math.floor(capacity / 3)));
      }),
    );
  });

  it("takes a time before the last one for that", () => {
    const ring = new EventRing(60 * BYTES);
    for (const atNs of [5, 3, 6]) {
      ring.setTime(atNs);
      ring.write(1, 1, 0);
    }
    assert.deepEqual(
      Array.from(ring.events(), ({ atNs }) => atNs),
      [5, 5, 6],
    );
  });

  it("takes no more memory than it may", () => {
    assert.equal(new EventRing(100).buffer.byteLength, 96);
    assert.ok(new EventRing(100).buffer instanceof SharedArrayBuffer);
  });
});
