/** What `gyre run` runs: it says what it got, and then does what its first argument names. */
import { coroutine, sleep } from "gyre";

interface Order {
  readonly what: string;
}

const [, file, what = "waits", ...others] = process.argv;
const order: Order = { what };

const cook = coroutine(function* cook(dish: string) {
  yield* sleep(dish === "soup" ? 1 : 1_000_000); // cook waits here
});

const serve = coroutine(function* serve() {
  yield cook(order.what);
});

console.log(JSON.stringify({ file, others, flags: process.execArgv.length }));
if (what === "waits") {
  process.on("SIGTERM", () => process.exit(7));
  console.log("ready");
  await serve();
} else if (what === "soup") {
  await serve();
  process.exitCode = 5;
} else throw new Error("thrown on purpose");
