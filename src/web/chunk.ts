/** A piece of a body before it is bytes. */
import { describe } from "../base/index.ts";

/** What can be written: text, bytes, or a record that is sent as JSON. */
export type Chunk = string | Uint8Array | object;

/** @throws {TypeError} for what is no record, arrays included */
export function toJson(value: object): string {
  if (!isRecord(value)) {
    throw new TypeError(
      `Cannot write ${describe(value)}: text, bytes or a plain record is wanted (put a list into a record)`,
    );
  }
  return JSON.stringify(value);
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}
