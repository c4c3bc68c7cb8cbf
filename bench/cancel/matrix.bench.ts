/**
 * Which library does what when something is cancelled?
 *
 * A measurement of behaviour, not of time: each cell runs one case of `cases.ts` on one library, on real timers, and
 * compares the events with what is right. What would make it wrong: a case that is not said in the library's own
 * idiom (each library's file tells what it uses), or a machine that is busy for so long that the timers of one
 * case, which are milliseconds apart, are late enough to pass each other.
 */
import { bluebird } from "./bluebird.ts";
import { type CaseName, cases, type Library, LONG_MS, pause } from "./cases.ts";
import { effect } from "./effect.ts";
import { effection } from "./effection.ts";
import { gyre } from "./gyre.ts";
import { reduxSaga } from "./redux-saga.ts";

const libraries: readonly Library[] = [gyre, effect, effection, reduxSaga, bluebird];
const names = Object.keys(cases) as CaseName[];

/** For what comes after a case has ended: clean-ups that nobody waited for. */
const AFTERWARDS_MS = 60;

/** Where failures go that nobody has taken. */
let onStray: (event: string) => void = () => {};
process.on("unhandledRejection", () => onStray("unhandled rejection"));
process.on("uncaughtException", () => onStray("uncaught exception"));

/** What `library` does in the case `name`, in a few words. */
async function cell(library: Library, name: CaseName): Promise<string> {
  const run = library.run[name];
  if (run === undefined) return "-";
  const events: string[] = [];
  const note = (event: string): void => {
    events.push(event);
  };
  onStray = note;
  let ended = false;
  const end = Promise.resolve(run(note)).finally(() => {
    ended = true;
  });
  await Promise.race([end, pause(LONG_MS / 2)]);
  await pause(AFTERWARDS_MS);
  onStray = () => {};
  if (!ended) note("hangs");
  const outcome = events.join(", ");
  const { right, wrong }: (typeof cases)[CaseName] = cases[name];
  if ((right as readonly string[]).includes(outcome)) return "ok";
  return (wrong as { readonly [events: string]: string })[outcome] ?? `wrong: ${outcome || "nothing"}`;
}

const rows = [["", ...libraries.map((library) => `${library.name} ${library.version}`)]];
for (const name of names) {
  const row: string[] = [cases[name].title];
  for (const library of libraries) row.push(await cell(library, name));
  rows.push(row);
}

const widths = libraries.map((_library, at) => Math.max(...rows.map((row) => row[at + 1]?.length ?? 0)));
widths.unshift(Math.max(...rows.map(([title]) => title?.length ?? 0)));
console.log();
for (const row of rows) console.log(`  ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join("  ")}`);

const failed = rows.slice(1).filter((row) => row[1] !== "ok");
for (const [title, does] of failed) console.error(`gyre is wrong in "${title}": ${does}`);
// Work that some could not stop would keep the process for its last second.
process.exit(failed.length === 0 ? 0 : 1);
