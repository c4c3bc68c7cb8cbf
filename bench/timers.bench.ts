/**
 * What does a timer cost that never runs? A server sets one for nearly everything it does, and removes nearly all.
 *
 * A thousand are pending at any time; each new one replaces the oldest. The
 * others have no timers to measure: what they sleep by is a coroutine and Node's `setTimeout`.
 */
import { IOLoop, type Timeout } from "gyre";
import { ask, isShort } from "./harness.ts";
import { tornado } from "./tornado.ts";

const TIMERS = isShort ? 20_000 : 1_000_000;
const PENDING = 1000;
const DELAY_MS = 30_000;

function nothing(): void {}

await ask({
  title: `${TIMERS.toLocaleString("en")} timers set and removed`,
  rounds: isShort ? 9 : 15,
  goals: [{ against: "native", atLeast: 1 }],
  contenders: [
    {
      name: "gyre",
      run: () => {
        const loop = IOLoop.current();
        const ring: Timeout[] = Array.from({ length: PENDING }, () => loop.callLater(DELAY_MS, nothing));
        for (let i = PENDING; i < TIMERS; i++) {
          loop.removeTimeout(ring[i % PENDING] as Timeout);
          ring[i % PENDING] = loop.callLater(DELAY_MS, nothing);
        }
        for (const timeout of ring) loop.removeTimeout(timeout);
        return TIMERS;
      },
    },
    {
      name: "native",
      run: () => {
        const ring = Array.from({ length: PENDING }, () => setTimeout(nothing, DELAY_MS));
        for (let i = PENDING; i < TIMERS; i++) {
          clearTimeout(ring[i % PENDING]);
          ring[i % PENDING] = setTimeout(nothing, DELAY_MS);
        }
        for (const timeout of ring) clearTimeout(timeout);
        return TIMERS;
      },
    },
    tornado("timers", { timers: TIMERS, pending: PENDING }),
  ],
});
