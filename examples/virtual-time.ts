/** A day of hourly reports, on a loop whose clock jumps: no real time passes, and nothing is patched. */
import { coroutine, IOLoop, sleep } from "gyre";
import { SimPoller } from "gyre/sim";

const reporter = coroutine(function* reporter(hours: number) {
  for (let hour = 1; hour <= hours; hour++) yield* sleep(3_600_000);
  return "all reports written";
});

const loop = new IOLoop({ poller: new SimPoller() });
console.log(loop.runSync(() => reporter(24)));
// prints: all reports written
console.log(loop.time() / 3_600_000, "hours on the loop's clock");
// prints: 24 hours on the loop's clock
