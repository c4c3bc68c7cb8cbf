import { parentPort } from "node:worker_threads";
import { startConsole } from "../../src/console/index.ts";

await startConsole().catch((error: Error) => parentPort?.postMessage(error.message));
