/** What was thrown in one thread, packed for another: the copy that Node makes of an error leaves out its fields. */
import { describe } from "../base/index.ts";

/** What was thrown, as it can be sent. */
export interface PackedThrow {
  /** An Error of one of JavaScript's own classes, or the value itself. */
  readonly thrown: unknown;
  readonly name: string;
  /** The error's own fields, such as `code`; those that cannot be sent are left out. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** @returns data that can be sent to a thread, whatever was thrown */
export function packThrow(thrown: unknown): PackedThrow {
  if (!(thrown instanceof Error))
    return { thrown: canBeSent(thrown) ? thrown : describe(thrown), name: "", fields: {} };
  const { name, message, stack, cause } = thrown;
  const fields = Object.entries(thrown);
  if (thrown instanceof AggregateError) fields.push(["errors", thrown.errors]);
  // By its name the other side finds the class.
  const error = Object.assign(new Error(message), { name, stack });
  if (cause !== undefined && canBeSent(cause)) error.cause = cause;
  return { thrown: error, name, fields: Object.fromEntries(fields.filter(([, value]) => canBeSent(value))) };
}

/** What was thrown, with its class where that is one of JavaScript's own; else an Error with the class's name. */
export function unpackThrow({ thrown, name, fields }: PackedThrow): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const error = Object.assign(thrown, fields);
  if (error.name !== name)
    Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return error;
}

export function isPackedThrow(value: unknown): value is PackedThrow {
  return typeof value === "object" && value !== null && "thrown" in value;
}

function canBeSent(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
