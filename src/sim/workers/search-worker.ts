/** A thread that has a share of a search: see `workers.ts`. */
import { workerData } from "node:worker_threads";
import { loadPrograms } from "../load-programs.ts";
import { toSettings } from "../options.ts";
import { Search } from "../search.ts";
import { type FromShare, type ShareData, ShareState } from "./workers.ts";

const data = workerData as ShareData;
const { port, at, workers } = data;
const state = new ShareState(data.state, at);
let isOver = false;

// Who waits for this thread would do so for ever.
process.on("exit", () => {
  if (!isOver) problem(new Error(`Cannot search in threads: ${workers.module} ended the thread`));
});
process.on("uncaughtException", problem);
try {
  const { program, settings } = await load();
  say({ kind: "begun" });
  const search = new Search(program, settings);
  const result = search.runShare({
    at,
    count: workers.count,
    mayRun: (schedule) => state.mayRun(schedule),
    onFailure: (schedule) => state.failed(schedule),
  });
  isOver = true;
  say({ kind: "done", result });
} catch (error) {
  problem(error);
}

async function load(): Promise<{
  program: ConstructorParameters<typeof Search>[0];
  settings: ConstructorParameters<typeof Search>[1];
}> {
  const { module, program: wanted } = workers;
  const programs = await loadPrograms(module);
  const found = programs.find(({ name }) => name === wanted);
  if (found === undefined) {
    const names = programs.map(({ name }) => name).join(", ");
    throw new Error(
      `Cannot search in threads: ${module} has no program "${wanted}", one of ${names || "its functions"} is wanted`,
    );
  }
  const { program, options } = found;
  const { replay: _token, ...rest } = options;
  const own = toSettings(program, { ...rest, onProgress: (progress) => state.tell(progress) });
  for (const name of ["invariants", "faults"] as const) {
    const { length } = name === "faults" ? own.faults.rules : own.invariants;
    if (length !== data[name])
      throw new Error(
        `Cannot search in threads: "${wanted}" has ${length} ${name} in ${module}, and ${data[name]} here: functions cannot be sent, so they are wanted there (export { program, options })`,
      );
  }
  return { program, settings: { ...own, ...data.settings } };
}

function problem(error: unknown): void {
  if (isOver) return;
  isOver = true;
  const text = error instanceof Error ? error.message : String(error);
  say({
    kind: "problem",
    text: /^Cannot (?:search|simulate)/.test(text)
      ? text
      : `Cannot search in threads: ${workers.module} failed: ${text}`,
  });
}

function say(message: FromShare): void {
  port.postMessage(message);
  state.notify();
}
