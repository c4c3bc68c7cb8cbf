/**
 * A contender in a process of its own, which does its work when its turn comes.
 *
 * The process runs the measurement's own file again with `--play=`, finds the
 * contender by its title and name, and answers over Node's channel between
 * processes. It takes the time itself, so that the channel does not count.
 */
import { fork } from "node:child_process";
import { once } from "node:events";

/** What a turn gives: the microseconds of one call, and the value of the last one. */
export interface Answer {
  readonly micros: number;
  readonly value: unknown;
}

export interface Player {
  /** Do the work `calls` times, one after the other. */
  play(calls: number): Promise<Answer>;
  end(): void;
}

/** The work of a contender, once. */
export type Work = () => PromiseLike<unknown> | unknown;

const FLAG = "--play=";

/** Which contender of which question. */
export interface Part {
  readonly title: string;
  readonly name: string;
}

const flag = process.argv.find((arg) => arg.startsWith(FLAG));

/** The part of this process; none in the one that asks. */
export const part: Part | undefined =
  flag === undefined ? undefined : (JSON.parse(flag.slice(FLAG.length)) as Part);

/** Do `work` in this process. */
export function playHere(work: Work): Player {
  return { play: (calls) => play(work, calls), end: () => {} };
}

/** Start a process for `part`, which is of the file that runs. */
export function openPlayer(part: Part): Player {
  const child = fork(process.argv[1] as string, [...process.argv.slice(2), FLAG + JSON.stringify(part)]);
  let answered: (answer: Answer) => void = () => {};
  let ended: (error: Error) => void = () => {};
  child.on("message", (answer) => answered(answer as Answer));
  child.on("exit", (code) =>
    ended(new Error(`Cannot measure "${part.title}": the process of ${part.name} ended with code ${code}`)),
  );
  return {
    play: (calls) =>
      new Promise((resolve, reject) => {
        answered = resolve;
        ended = reject;
        child.send(calls);
      }),
    end: () => {
      child.kill();
    },
  };
}

/** Be the contender that does `work`, until the process that asks lets go of this one. */
export async function playToEnd(work: Work): Promise<never> {
  process.on("message", (calls) => {
    play(work, calls as number).then(
      // Nobody is left to hear it when the one that asked has failed meanwhile.
      (answer) => process.send?.(answer, () => {}),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  await once(process, "disconnect");
  process.exit();
}

async function play(work: Work, calls: number): Promise<Answer> {
  let value: unknown;
  const start = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) value = await work();
  return { micros: Number(process.hrtime.bigint() - start) / 1000 / calls, value };
}
