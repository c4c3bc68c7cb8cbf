/** A loop in a worker thread that blocks, until the report of it has come. */
import { parentPort } from "node:worker_threads";
import { IOLoop } from "../../src/loop/index.ts";

const loop = new IOLoop();
let isReported = false;
loop.setBlockingThreshold(50);
loop.onReport((report) => {
  isReported = true;
  parentPort?.postMessage(report.text);
});

function block(): void {
  if (isReported) return;
  const endMs = performance.now() + 300;
  while (performance.now() < endMs);
  loop.callLater(5, block);
}

loop.addCallback(block);
void loop.start();
