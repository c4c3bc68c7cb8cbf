/**
 * How many programs the properties try, and which: the same ones each time, unless the environment asks for others.
 *
 * `FC_SEED` picks others, `FC_RUNS` so many, `FC_PATH` the one that a failure named beside its seed.
 */
import type { Parameters } from "fast-check";

const SEED = 20_260_401;

export function settings<T>(runs: number): Parameters<T> {
  const { FC_SEED: seed, FC_RUNS: wanted, FC_PATH: path } = process.env;
  return {
    seed: Number(seed ?? SEED),
    numRuns: Number(wanted ?? runs),
    // What was not right stands in the message, beside the program.
    includeErrorInReport: true,
    ...(path === undefined ? {} : { path }),
  };
}
