/**
 * How long ago coroutines were started.
 *
 * None of them pays for that: ids are counted in the order of starting, so a note
 * of the time and the last id, made now and then, says of each how old it is at least.
 */
import { lastStartedId } from "../gen/index.ts";

interface Sample {
  readonly atMs: number;
  readonly lastId: number;
}

/** When there are more, every second one goes: the older a coroutine is, the less its age has to be exact. */
const MOST_SAMPLES = 4096;

export class Ages {
  #samples: Sample[] = [];

  /** Note the time; to be called now and then. */
  sample(atMs: number): void {
    const lastId = lastStartedId();
    const last = this.#samples.at(-1);
    // Nothing was started since: an earlier time would say more.
    if (last !== undefined && last.lastId === lastId) return;
    this.#samples.push({ atMs, lastId });
    if (this.#samples.length > MOST_SAMPLES) this.#samples = this.#samples.filter((_, at) => at % 2 === 0);
  }

  /**
   * How old the coroutine `id` is at least, in milliseconds.
   *
   * @returns `undefined` for one that was started before the first sample, or after the last
   */
  ageOf(id: number, nowMs: number): number | undefined {
    const samples = this.#samples;
    const [first] = samples;
    if (first === undefined || id <= first.lastId) return undefined;
    let low = 0;
    let high = samples.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((samples[middle] as Sample).lastId < id) low = middle + 1;
      else high = middle;
    }
    const sample = samples[low];
    return sample === undefined ? undefined : Math.max(nowMs - sample.atMs, 0);
  }
}
