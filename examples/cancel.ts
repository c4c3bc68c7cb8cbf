/** A cancel reaches the innermost wait first, and every `finally` on the way runs, and may wait. */
import { coroutine, sleep } from "gyre";

const download = coroutine(function* download(name: string) {
  try {
    yield* sleep(60_000);
  } finally {
    yield* sleep(5); // the partial file is removed
    console.log(`${name}: partial file removed`);
  }
});

const job = coroutine(function* job() {
  try {
    yield* download("film.mp4");
    console.log("never printed");
  } finally {
    console.log("job: lock released");
  }
});

const running = job();
await sleep(10);
running.cancel("the user left");
await running.then(undefined, (error) => console.log(String(error)));
// prints: film.mp4: partial file removed
// prints: job: lock released
// prints: CancelledError: The work was cancelled: the user left
