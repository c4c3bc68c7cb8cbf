/**
 * How long does a process take longer when it imports the library?
 *
 * Fresh processes, one after the other: an empty one, then one for each library,
 * and again. The figure is the median over the rounds of the difference to the
 * empty one. Imported is what a program that uses coroutines imports; the files are
 * in the page cache after the first round, which is not counted.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isShort, median, tell } from "../harness.ts";
import { findPython } from "../tornado.ts";

const ROUNDS = isShort ? 2 : 15;

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Launch {
  readonly program: string;
  readonly args: readonly string[];
}

function node(...packages: string[]): Launch {
  const code = packages.map((name) => `import ${JSON.stringify(name)};`).join("");
  return { program: process.execPath, args: ["--input-type=module", "--eval", code] };
}

/** Milliseconds from start to end. */
function timeOf({ program, args }: Launch): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot measure the import: ${program} ended with ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const launches: { [name: string]: { readonly launch: Launch; readonly empty: Launch } } = {};
const packages = {
  gyre: ["gyre"],
  co: ["co"],
  bluebird: ["bluebird"],
  Effect: ["effect"],
  Effection: ["effection"],
  "redux-saga": ["redux-saga", "redux-saga/effects"],
};
const empty = node();
for (const [name, needed] of Object.entries(packages)) launches[name] = { launch: node(...needed), empty };

const python = findPython();
if (python !== undefined) {
  const { program } = python;
  launches.Tornado = {
    launch: { program, args: ["-c", "import tornado.gen, tornado.ioloop, tornado.queues"] },
    empty: { program, args: ["-c", ""] },
  };
}

const times: { [name: string]: number[] } = {};
for (let round = 0; round <= ROUNDS; round++) {
  const empties = new Map<Launch, number>();
  for (const [name, { launch, empty }] of Object.entries(launches)) {
    const emptyMs = empties.get(empty) ?? timeOf(empty);
    empties.set(empty, emptyMs);
    const ms = timeOf(launch) - emptyMs;
    times[name] ??= [];
    if (round > 0) times[name].push(ms);
  }
}

const figures = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
tell({
  title: "import",
  unit: "ms",
  figures,
  goals: [{ atMost: 25 }],
  versions: python === undefined ? {} : { Tornado: python.version },
  absent: python === undefined ? ["Tornado"] : [],
});
