/** A thread that tries to watch a descriptor, and says with which error that ends. */
import { parentPort } from "node:worker_threads";
import { type GyreError, IOLoop, READ } from "../../src/index.ts";

try {
  IOLoop.current().addHandler(0, () => undefined, READ);
} catch (error) {
  const { code, message } = error as GyreError;
  parentPort?.postMessage({ code, message });
}
