/** The watchdog's thread: see `watchdog.ts`. */
import type { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { Standstill } from "../base/index.ts";
import { ACTIVE, TURN, type WatchdogData, type WatchdogMessage } from "./watchdog.ts";

const { turns, thresholdMs, interrupt, cannot } = workerData as WatchdogData;

/** Asked for at once, because a thread that is interrupted later must not wait for the module. */
const inspector = await import("node:inspector").catch((error: unknown) => String(error));

const standstill = new Standstill(thresholdMs, Atomics.load(turns, TURN), performance.now());
let handled = false;
let asking = false;
let stopping = false;

let timer = setTimeout(tick, standstill.nextLookMs);

function tick(): void {
  look();
  timer = setTimeout(tick, standstill.nextLookMs);
}

function look(): void {
  const turn = Atomics.load(turns, TURN);
  if (!standstill.isAt(turn)) handled = false;
  standstill.look(turn, performance.now());
  if (Atomics.load(turns, ACTIVE) === 0) standstill.reset();
  if (handled || asking || !standstill.isLong) return;
  handled = true;
  void ask(turn);
}

parentPort?.on("message", (message: "stop" | "end") => {
  if (message === "end") {
    parentPort?.close();
    return;
  }
  clearTimeout(timer);
  stopping = true;
  if (!asking) say("stopped");
});

/** Have the main thread say what it is busy with. */
async function ask(turn: number): Promise<void> {
  asking = true;
  const refused = cannot ?? (await interruptMain(`${interrupt}(${turn})`));
  asking = false;
  // Outside of the loop's turns one cannot tell a thread that blocks from one that waits.
  if (refused !== undefined && (turn & 1) === 1) say({ blocked: refused });
  if (stopping) say("stopped");
}

/** @returns why it could not be done */
async function interruptMain(expression: string): Promise<string | undefined> {
  if (typeof inspector === "string") return inspector;
  let session: Session | undefined;
  try {
    // Connected for this question only: with a session open Node waits for a debugger at its end.
    session = new inspector.Session();
    session.connectToMainThread();
    await new Promise<void>((resolve, reject) => {
      session?.post("Runtime.evaluate", { expression }, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    session?.disconnect();
  }
}

function say(message: WatchdogMessage): void {
  parentPort?.postMessage(message);
}
