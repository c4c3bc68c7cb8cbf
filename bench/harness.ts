/**
 * Side by side: contenders take turns in one process, round by round, so that a
 * slow moment of the machine hits all of them.
 *
 * What it says: the median over the rounds of each contender's time, and of the
 * ratio within a round. What would make it wrong: a contender whose work is
 * optimised away (each returns a value, which is checked), or too few warm-up
 * rounds (the first third of all rounds is not counted). Garbage is left to be
 * collected when it will: a forced collection at a moment when nothing is alive
 * throws away the optimised code of whatever is written in JavaScript, and so
 * measures the compiler, not the contender.
 */

/** One way to do the work; `run` does it once and gives a value that is compared with the others'. */
export interface Contender {
  readonly name: string;
  readonly run: () => PromiseLike<unknown> | unknown;
}

/** One question. The first contender is gyre, the others are what it is measured against. */
export interface Question {
  readonly title: string;
  readonly contenders: readonly [Contender, ...Contender[]];
  /** How often `run` is called in one turn. */
  readonly calls: number;
}

const short = process.argv.includes("--short");

/** Ask `question` and print a line for each contender: microseconds a call, and gyre's time as a ratio of it. */
export async function ask({ title, contenders, calls }: Question): Promise<void> {
  const rounds = short ? 9 : 45;
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  await checkAgreement(title, contenders);
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contenders) {
      const micros = await turn(run, short ? Math.ceil(calls / 4) : calls);
      if (round >= rounds / 3) (times.get(name) as number[]).push(micros);
    }
  }
  console.log(`\n${title}`);
  const [gyre] = contenders;
  const own = times.get(gyre.name) as number[];
  for (const { name } of contenders) {
    const theirs = times.get(name) as number[];
    const ratios = own.map((time, at) => time / (theirs[at] as number));
    const tail =
      name === gyre.name
        ? ""
        : `   gyre takes ${median(ratios).toFixed(2)}x its time (${spread(ratios)} over ${ratios.length} rounds)`;
    console.log(`  ${name.padEnd(12)} ${median(theirs).toFixed(1).padStart(9)} us${tail}`);
  }
}

async function checkAgreement(title: string, contenders: readonly Contender[]): Promise<void> {
  const results = await Promise.all(contenders.map(async ({ run }) => JSON.stringify(await run())));
  if (new Set(results).size !== 1)
    throw new Error(`${title}: the contenders disagree: ${results.join(" / ")}`);
}

async function turn(run: Contender["run"], calls: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) await run();
  return Number(process.hrtime.bigint() - start) / 1000 / calls;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
}
