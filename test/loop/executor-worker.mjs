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

/** Never ends by itself, and lets its thread do nothing else. */
export function spin(shared) {
  Atomics.store(shared, 0, 1);
  for (;;) Atomics.add(shared, 1, 1);
}

export default (task) => `default of ${task}`;
