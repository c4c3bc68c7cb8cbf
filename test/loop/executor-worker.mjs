/** What the threads of the tests run. */
import { threadId } from "node:worker_threads";

export function add([a, b]) {
  return a + b;
}

export function where() {
  return threadId;
}

export function fail([text]) {
  throw new RangeError(text);
}

class SpecialError extends Error {
  name = "SpecialError";
  code = "E_SPECIAL";
  details = { row: 7 };
  retry = () => {};
}

export function failSpecially(text) {
  throw new SpecialError(text, { cause: new TypeError("the cause") });
}

export function failWithCauseThatCannotBeSent() {
  throw new Error("outer", { cause: () => {} });
}

export function failTogether() {
  throw new AggregateError([new RangeError("one"), new SyntaxError("two")], "both");
}

export function throwValue(value) {
  throw value;
}

export function throwFunction() {
  throw throwFunction;
}

export async function failLater(text) {
  await null;
  throw new RangeError(text);
}

export function giveFunction() {
  return giveFunction;
}

export function exit() {
  process.exit(3);
}

/** The size of the buffer that came. */
export function size(buffer) {
  return buffer.byteLength;
}

export const number = 3;

/** Never ends by itself, and lets its thread do nothing else. */
export function spin(shared) {
  Atomics.store(shared, 0, 1);
  for (;;) Atomics.add(shared, 1, 1);
}

export default (task) => `default of ${task}`;
