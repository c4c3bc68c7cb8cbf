/** What every part of the service is given: stores, clock, chance, log and detection, all replaceable for a simulation. */
import { randomBytes, randomInt } from "node:crypto";
import { fileTypeFromBuffer } from "file-type";
import { coroutine, type Future, until } from "gyre";
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
  /** The media type of a file that begins with `head`; `undefined` when nothing is known of it. */
  readonly mediaTypeOf: (head: Uint8Array) => Future<string | undefined>;
}

/** Real clock and chance around `stores`. */
export function makeTools(stores: Stores, log: ServiceLog): Tools {
  return {
    stores,
    log,
    now: Date.now,
    randomNumber: () => randomInt(100_000, 1_000_000),
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    mediaTypeOf,
  };
}

const mediaTypeOf = coroutine(function* mediaTypeOf(head: Uint8Array) {
  return (yield* until(fileTypeFromBuffer(head)))?.mime as string | undefined;
});
