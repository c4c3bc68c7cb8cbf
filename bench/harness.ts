/**
 * Side by side: contenders take turns, round by round, so that a slow moment of
 * the machine hits all of them; each in a process of its own, so that none pays
 * for the garbage, the heap or the half-compiled code of another.
 *
 * What it says: the least and the median of each contender's times over the
 * rounds, and the median of its ratio to gyre's time within a round. What would
 * make it wrong: a contender whose work is optimised away (each returns a value,
 * which is checked), too few warm-up rounds (the first third of all rounds is
 * not counted), or other work on the machine. Garbage is left to be collected
 * when it will: a forced collection at a moment when nothing is alive throws away
 * the optimised code of whatever is written in JavaScript, and so measures the
 * compiler, not the contender.
 */
import { type Answer, openPlayer, type Player, part, playHere, playToEnd, type Work } from "./player.ts";
import { type Goal, publish, type Row } from "./row.ts";

/** One way to do the work. */
export interface Contender {
  readonly name: string;
  /** Do it once, and give a value that is compared with the others'. */
  readonly run: Work;
}

/** A contender that is no JavaScript. */
export interface Foreigner {
  readonly name: string;
  readonly version: string;
  readonly open: () => Player;
}

/** A contender that this machine has not. */
export interface Absent {
  readonly name: string;
  readonly isAbsent: true;
}

/** One question. The first contender is gyre, the others are what it is measured against. */
export interface Question {
  readonly title: string;
  readonly contenders: readonly [Contender, ...(Contender | Foreigner | Absent)[]];
  readonly goals?: readonly Goal[];
  /** Turns of each contender. Default 45, 9 in a quick look. */
  readonly rounds?: number;
}

/** A quick look was asked for: less work, and figures that only say whether something is far off. */
export const isShort: boolean = process.argv.includes("--short");

/** How long a turn shall be, in milliseconds: far above the clock's grain, far below a slow moment of the machine. */
const TURN_MS = isShort ? 8 : 20;
/** A contender of which one call takes longer, in milliseconds, has a turn in every fifth round only. */
const SLOW_MS = isShort ? 100 : 1000;

/** Ask `question`, print a line for each contender, and publish the row. */
export async function ask({
  title,
  contenders,
  goals = [],
  rounds = isShort ? 9 : 45,
}: Question): Promise<void> {
  if (part !== undefined) {
    if (part.title !== title) return;
    const mine = contenders.find(({ name }) => name === part?.name) as Contender;
    return playToEnd(mine.run);
  }
  const present = contenders.filter((one): one is Contender | Foreigner => !("isAbsent" in one));
  const players = present.map((one) => open(one, title));
  const times = present.map((): (number | undefined)[] => []);
  try {
    checkAgreement(title, present, await playEach(players));
    // The first call compiles; only the second says how long one takes.
    const second = await playEach(players);
    const calls = second.map(callsInTurn);
    // gyre is never left out: there is no ratio without its time in that round.
    const slow = second.map(({ micros }, at) => at > 0 && micros > SLOW_MS * 1000);
    for (let round = 0; round < rounds; round++) {
      for (const [at, player] of players.entries()) {
        if (slow[at] && round % 5 !== 4) continue;
        const answer = await player.play(calls[at] as number);
        // Code gets faster while it warms up, so each turn sets the length of the next.
        calls[at] = callsInTurn(answer);
        if (round >= rounds / 3) (times[at] as (number | undefined)[])[round] = answer.micros;
      }
    }
  } finally {
    for (const player of players) player.end();
  }
  const versions: { [name: string]: string } = {};
  for (const one of present) if ("version" in one) versions[one.name] = one.version;
  const absent = contenders.filter((one) => "isAbsent" in one).map(({ name }) => name);
  const names = present.map(({ name }) => name);
  const { figures, ratios } = report(title, names, times);
  publish({ figures, ratios, title, unit: "us", goals, versions, absent });
}

/** Processes in which a cost is measured, and turns of each of them with it. */
const COST_PROCESSES = isShort ? 1 : 9;
const COST_ROUNDS = isShort ? 9 : 25;

/** Pieces of a turn in `askCost`. */
const PIECES = 8;

/** What something costs that can be on or off while the work is done. */
export interface CostQuestion {
  readonly title: string;
  /** Some milliseconds of work. */
  readonly run: Work;
  /**
   * Switch on what is to be paid for, and bring it to where it is after a long time; none of that is timed.
   *
   * @returns what switches it off
   */
  readonly turnOn: () => PromiseLike<TurnOff> | TurnOff;
  readonly mostPercent?: number;
}

type TurnOff = () => PromiseLike<void> | void;

/** What the process of a cost is called, which has it both on and off. */
const ON_AND_OFF = "with and without";

/**
 * Ask what it costs: turn by turn with it and without in one process, so that both have the same heap and the same
 * compiled code, and the least time of each, as what else the machine does only adds to them. The median of several
 * processes, one after the other, as each may be compiled in its own way.
 */
export async function askCost({ title, run, turnOn, mostPercent }: CostQuestion): Promise<void> {
  const measure: Work = () => leastsOf(run, turnOn);
  if (part !== undefined) {
    if (part.title === title) await playToEnd(measure);
    return;
  }
  console.log(`\n${title}`);
  const percents: number[] = [];
  for (let opened = 0; opened < COST_PROCESSES; opened++) {
    const player = openPlayer({ title, name: ON_AND_OFF });
    try {
      const { on, off } = (await player.play(1)).value as Leasts;
      const percent = (on / off - 1) * 100;
      percents.push(percent);
      console.log(`  with ${micros(on)}, without ${micros(off)}: ${percent.toFixed(1)} % more`);
    } finally {
      player.end();
    }
  }
  publish({
    title,
    unit: "%",
    figures: { gyre: median(percents) },
    ratios: {},
    goals: mostPercent === undefined ? [] : [{ atMost: mostPercent }],
    versions: {},
    absent: [],
  });
}

/** The least times of a call, in microseconds. */
interface Leasts {
  on: number;
  off: number;
}

async function leastsOf(run: Work, turnOn: CostQuestion["turnOn"]): Promise<Leasts> {
  const player = playHere(run);
  const leasts: Leasts = { on: Number.POSITIVE_INFINITY, off: Number.POSITIVE_INFINITY };
  const turn = async (which: keyof Leasts, calls: number): Promise<void> => {
    const turnOff: TurnOff = which === "on" ? await turnOn() : () => {};
    // Each turn begins with work that is not timed.
    await player.play(Math.ceil(calls / 4));
    for (let piece = 0; piece < PIECES; piece++)
      leasts[which] = Math.min(leasts[which], (await player.play(calls)).micros);
    await turnOff();
  };
  // The first ones compile, and switching makes V8 compile again.
  for (const which of ["on", "off", "on", "off"] as const) await turn(which, 10);
  const calls = Math.ceil(callsInTurn(await player.play(1)) / PIECES);
  for (let round = 0; round < COST_ROUNDS; round++) {
    await turn("off", calls);
    await turn("on", calls);
  }
  return leasts;
}

function open(contender: Contender | Foreigner, title: string): Player {
  if ("open" in contender) return contender.open();
  // A quick look does without the second that it takes to start them all.
  return isShort ? playHere(contender.run) : openPlayer({ title, name: contender.name });
}

/** One call of each, one after the other. */
async function playEach(players: readonly Player[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const player of players) answers.push(await player.play(1));
  return answers;
}

function callsInTurn({ micros }: Answer): number {
  return Math.max(1, Math.round((TURN_MS * 1000) / micros));
}

function checkAgreement(
  title: string,
  contenders: readonly { readonly name: string }[],
  answers: readonly Answer[],
): void {
  const values = answers.map(({ value }) => JSON.stringify(value));
  if (new Set(values).size === 1) return;
  const said = contenders.map(({ name }, at) => `${name} says ${values[at]}`).join(", ");
  throw new Error(`Cannot measure "${title}": the contenders disagree: ${said}`);
}

/** Print a line for each. @param times - microseconds by contender and round, gyre's first; holes where one had no turn */
function report(
  title: string,
  names: readonly string[],
  times: readonly (readonly (number | undefined)[])[],
): Pick<Row, "figures" | "ratios"> {
  const own = times[0] as readonly number[];
  const figures: { [name: string]: number } = {};
  const ratios: { [name: string]: number } = {};
  console.log(`\n${title}`);
  for (const [at, name] of names.entries()) {
    const turns = [...(times[at] as (number | undefined)[]).entries()];
    const theirs = turns.flatMap(([, time]) => time ?? []);
    figures[name] = median(theirs);
    const line = `  ${name.padEnd(18)} ${micros(Math.min(...theirs))} least ${micros(median(theirs))} median`;
    if (at === 0) {
      console.log(line);
      continue;
    }
    const each = turns.flatMap(([round, time]) => (time === undefined ? [] : time / (own[round] as number)));
    ratios[name] = median(each);
    console.log(
      `${line}   ${median(each).toFixed(2)}x gyre's time (${spread(each)} over ${each.length} rounds)`,
    );
  }
  return { figures, ratios };
}

/** Print and publish figures that are no times of calls side by side; `figures` holds gyre's first. */
export function tell(row: Omit<Row, "ratios" | "versions"> & { readonly versions?: Row["versions"] }): void {
  const [own, ...others] = Object.entries(row.figures);
  if (own === undefined) return;
  console.log(`\n${row.title}`);
  console.log(`  ${own[0].padEnd(18)} ${own[1].toFixed(1).padStart(10)} ${row.unit}`);
  const ratios: { [name: string]: number } = {};
  for (const [name, figure] of others) {
    const ratio = figure / own[1];
    ratios[name] = ratio;
    console.log(
      `  ${name.padEnd(18)} ${figure.toFixed(1).padStart(10)} ${row.unit}   ${ratio.toFixed(2)}x gyre's`,
    );
  }
  publish({ versions: {}, ...row, ratios });
}

/** The middle one; of none, not a number. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function micros(time: number): string {
  return `${time.toFixed(1).padStart(10)} us`;
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
}
