/** What every part of the service is given: stores, clock, chance and log, all replaceable for a simulation. */
import { randomBytes, randomInt } from "node:crypto";
import type { Stores } from "../stores/index.ts";
import type { ServiceLog } from "./log.ts";

export interface Tools {
  readonly stores: Stores;
  readonly log: ServiceLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The number in the name of a stored file: six digits, 100000 to 999999. */
  readonly randomNumber: () => number;
  /** Sixteen random bytes or so, as hex digits; `bytes` * 2 of them. */
  readonly randomHex: (bytes: number) => string;
}

/** Real clock and chance around `stores`. */
export function makeTools(stores: Stores, log: ServiceLog): Tools {
  return {
    stores,
    log,
    now: Date.now,
    randomNumber: () => randomInt(100_000, 1_000_000),
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
  };
}
