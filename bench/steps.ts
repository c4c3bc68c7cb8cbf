/** Steps of coroutines that do nothing else, and a recorder that is on as it is after a long time. */
import { coroutine, Future } from "gyre";
import { type RecordOptions, record } from "gyre/trace";

export const WORKERS = 100;
export const ROUNDS = 100;

/** Coroutines that are woken once a round, all of them in turns of the ready queue. */
export const steps = coroutine(function* steps() {
  const gates: Future<number>[] = [];
  let arrived = 0;
  let allThere = new Future<void>();
  const worker = coroutine(function* worker(at: number) {
    let sum = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const gate = new Future<number>();
      gates[at] = gate;
      if (++arrived === WORKERS) allThere.setResult();
      sum += yield* gate;
    }
    return sum;
  });
  const workers = Array.from({ length: WORKERS }, (_, at) => worker(at));
  for (let round = 0; round < ROUNDS; round++) {
    yield* allThere;
    allThere = new Future<void>();
    arrived = 0;
    for (const gate of gates.slice()) gate.setResult(1);
  }
  let sum = 0;
  for (const each of workers) sum += yield* each;
  return sum;
});

/** Record from now on, with a ring that is full: its memory is not new to the process any more. @returns what ends it */
export async function turnOnRecorder(options: RecordOptions = {}): Promise<() => void> {
  const recorder = record(options);
  while (recorder.statistics().dropped === 0) for (let i = 0; i < 10; i++) await steps();
  return () => recorder.stop();
}
