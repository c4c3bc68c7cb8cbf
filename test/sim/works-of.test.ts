import assert from "node:assert/strict";
import { it } from "node:test";
import { coroutine, Future, IOLoop, moment } from "../../src/index.ts";
import { worksOf } from "../../src/sim/works-of.ts";

it("worksOf() finds all children, however many one coroutine has started", async () => {
  const children = 200_000;
  const loop = new IOLoop();
  const found = await loop.run(
    coroutine(function* starts() {
      const end = new Future<void>();
      const waits = coroutine(function* waits() {
        yield end;
      });
      for (let left = children; left > 0; left--) waits();
      // A coroutine has its place among the loop's from its first wait on.
      yield moment;
      try {
        return worksOf(loop).filter(({ name }) => name === "waits").length;
      } finally {
        end.setResult();
        yield moment;
      }
    }),
  );
  assert.equal(found, children);
  loop.close();
});
