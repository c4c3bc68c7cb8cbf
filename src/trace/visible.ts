/** Have others look at what runs: another thread, by one function of the global object. */
import { sampleAges, snapshot } from "./live.ts";
import { setKeepLabels } from "./note.ts";
import type { SnapshotOptions } from "./snapshot.ts";

/** Under this name of the global object another thread finds it. */
const LIVE = Symbol.for("gyre.live");
/** How often the time is noted, in milliseconds: ages are exact to that. */
const SAMPLE_MS = 1000;

interface LiveHolder {
  /** Takes `SnapshotOptions` as JSON, or nothing, and gives a `Snapshot`, or `{ "error": ... }`, as JSON. */
  [LIVE]?: ((options?: string) => string) | undefined;
}

let users = 0;
let samples: NodeJS.Timeout | undefined;

/**
 * Let others look at what runs from now on: puts a function under `Symbol.for("gyre.live")` of the global object,
 * which a debugger, or a thread of the same process by way of the inspector, can call whatever runs, and notes the
 * time now and then, so that ages of coroutines are known. Keeps nothing alive.
 *
 * @returns what ends it; twice is harmless
 */
export function makeVisible(): () => void {
  const holder = globalThis as LiveHolder;
  if (users++ === 0) {
    holder[LIVE] = answer;
    setKeepLabels(true);
    sampleAges();
    samples = setInterval(sampleAges, SAMPLE_MS).unref();
  }
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (--users > 0) return;
    delete holder[LIVE];
    setKeepLabels(false);
    clearInterval(samples);
  };
}

/** Called in the midst of anything: must not throw. */
function answer(options = "{}"): string {
  try {
    return JSON.stringify(snapshot(JSON.parse(options) as SnapshotOptions));
  } catch (error) {
    return JSON.stringify({ error: String(error) });
  }
}
