/** Packages that only some programs need: they are loaded when they are first used, and not before. */
import { createRequire } from "node:module";
import { GyreError } from "../base/index.ts";

const require = createRequire(import.meta.url);

/**
 * What the package `name` exports.
 *
 * @param action - what it is needed for, as the message says it after "Cannot"
 * @throws {GyreError} `GYRE_PEER_MISSING` when it is not installed, or cannot be loaded; `cause` says which
 */
export function loadPeer(name: string, action: string): unknown {
  try {
    return require(name);
  } catch (cause) {
    throw new GyreError(
      "GYRE_PEER_MISSING",
      `Cannot ${action}: the package "${name}" cannot be loaded, an installed one is wanted (npm install ${name})`,
      { cause },
    );
  }
}
