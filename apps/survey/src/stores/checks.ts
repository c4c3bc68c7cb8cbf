/** What every implementation asks of its arguments, in one place, so that all refuse the same. */
import { StoreError } from "./errors.ts";
import type { SetOptions } from "./key-value.ts";
import type { ListOptions, OpenOptions } from "./object-store.ts";

export const KEY_LIMIT_BYTES = 1024;
export const QUEUE_NAME_LIMIT_BYTES = 255;
export const VALUE_LIMIT_BYTES = 16 * 1024 * 1024;
export const TASK_LIMIT_BYTES = 1024 * 1024;
const PAGE_LIMIT = 10_000;
const PAGE_DEFAULT = 1000;

/** A surrogate without its other half: UTF-8 cannot hold it, so two such strings would become one. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTENT_TYPE = /^[\x20-\x7e]{1,255}$/;

/** A string in quotes for an error message, cut where it gets long. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

/** How a value that has the wrong type looks in an error message. */
function kindOf(value: unknown): string {
  return value === null
    ? "null"
    : typeof value === "object"
      ? "an object"
      : `${typeof value} ${String(value)}`;
}

function checkText(action: string, noun: string, text: unknown, limitBytes: number): asserts text is string {
  if (typeof text !== "string") {
    throw new TypeError(`Cannot ${action}: the ${noun} is ${kindOf(text)}, a string is wanted`);
  }
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > limitBytes) {
    throw new RangeError(
      `Cannot ${action}: the ${noun} ${quote(text)} has ${sizeBytes} bytes, at most ${limitBytes} are wanted`,
    );
  }
  if (LONE_SURROGATE.test(text)) {
    throw new RangeError(
      `Cannot ${action}: the ${noun} ${quote(text)} has half a surrogate pair, well-formed text is wanted`,
    );
  }
}

/** A prefix of keys; it may be empty. */
export function checkPrefix(action: string, prefix: string): void {
  checkText(action, "prefix", prefix, KEY_LIMIT_BYTES);
}

/** A key of a key-value store, or the name of a queue. */
export function checkKey(
  action: string,
  key: string,
  noun = "key",
  limitBytes: number = KEY_LIMIT_BYTES,
): void {
  checkText(action, noun, key, limitBytes);
  if (key === "")
    throw new RangeError(`Cannot ${action}: the ${noun} is empty, at least one character is wanted`);
  if (key.includes("\0")) {
    throw new RangeError(
      `Cannot ${action}: the ${noun} ${quote(key)} has a NUL character, one without is wanted`,
    );
  }
}

export function checkQueueName(action: string, queue: string): void {
  checkKey(action, queue, "queue name", QUEUE_NAME_LIMIT_BYTES);
}

/** A key of an object: a relative path without tricks, whatever the file system below may be. */
export function checkObjectKey(action: string, key: string): void {
  checkKey(action, key, "object key");
  for (const part of key.split("/")) {
    if (part !== "" && part !== "." && part !== "..") continue;
    const what = key.startsWith("/") ? 'begins with "/"' : `has the part ${quote(part)}`;
    throw new RangeError(
      `Cannot ${action}: the object key ${quote(key)} ${what}, a plain relative path is wanted`,
    );
  }
}

export function checkValue(action: string, value: string): void {
  checkText(action, "value", value, VALUE_LIMIT_BYTES);
}

export function checkTask(action: string, task: string): void {
  checkText(action, "task", task, TASK_LIMIT_BYTES);
}

export function checkContentType(action: string, contentType: string): void {
  if (typeof contentType === "string" && CONTENT_TYPE.test(contentType)) return;
  const what = typeof contentType === "string" ? quote(contentType) : kindOf(contentType);
  throw new RangeError(
    `Cannot ${action}: the content type is ${what}, 1 to 255 printable ASCII characters are wanted`,
  );
}

/** A time to live or a lease. */
export function checkSpanMs(action: string, noun: string, ms: number): void {
  if (typeof ms === "number" && ms > 0 && ms <= Number.MAX_SAFE_INTEGER) return;
  throw new RangeError(`Cannot ${action}: the ${noun} is ${String(ms)} ms, a finite number > 0 is wanted`);
}

/** How many at most: a whole number from 1 to 10,000. */
export function checkLimit(action: string, limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_LIMIT) return limit;
  throw new RangeError(
    `Cannot ${action}: the limit is ${String(limit)}, a whole number from 1 to ${PAGE_LIMIT} is wanted`,
  );
}

/** One page of an ordered listing. */
export interface Page {
  readonly prefix: string;
  readonly limit: number;
  readonly after: string | undefined;
}

export function checkPage(action: string, prefix: string, options: ListOptions): Page {
  checkPrefix(action, prefix);
  if (options.after !== undefined) checkKey(action, options.after, "key to go on behind");
  return { prefix, limit: checkLimit(action, options.limit ?? PAGE_DEFAULT), after: options.after };
}

/** The bytes that `options` ask for, of an object of `sizeBytes`. */
export function checkRange(
  action: string,
  options: OpenOptions,
  sizeBytes: number,
): { start: number; end: number } {
  const { start = 0, end = sizeBytes } = options;
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= sizeBytes) {
    return { start, end };
  }
  throw new RangeError(
    `Cannot ${action}: the range is ${String(start)} to ${String(end)} of ${sizeBytes} bytes, 0 <= start <= end <= size is wanted`,
  );
}

export function checkChunk(action: string, chunk: Uint8Array): void {
  if (chunk instanceof Uint8Array) return;
  throw new TypeError(`Cannot ${action}: the chunk is ${kindOf(chunk)}, a Uint8Array is wanted`);
}

/** The arguments of `set`, and of those that set on a condition. */
export function checkSet(action: string, key: string, value: string, options: SetOptions): void {
  checkKey(action, key);
  checkValue(action, value);
  if (options.ttlMs !== undefined) checkSpanMs(action, "time to live", options.ttlMs);
}

/** The number behind the counter `value`; a missing one counts as 0. */
export function nextNumber(key: string, value: string | undefined): number {
  const next = value === undefined ? 1 : /^(0|-?[1-9]\d{0,15})$/.test(value) ? Number(value) + 1 : Number.NaN;
  if (Number.isSafeInteger(next)) return next;
  throw new StoreError(
    "VALUE_NOT_A_NUMBER",
    `Cannot increment the key ${quote(key)}: its value is ${quote(value ?? "")}, a whole number below 2^53 - 1 is wanted`,
  );
}
