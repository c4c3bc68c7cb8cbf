/**
 * The bug that gyre was written for, in thirty lines: a handler starts the work
 * that updates a value, does not wait for it, and caches the value of before.
 */
import { coroutine, sleep } from "gyre";

const cache = new Map<string, string>();

const rename = coroutine(function* rename(answer: Map<string, string>) {
  yield* sleep(20); // the file store answers
  answer.set("photo", "7-Q3-roof-482913.png");
});

const submit = coroutine(function* submit() {
  const answer = new Map([["photo", "uploads/a81f|roof.png"]]);
  rename(answer); // started, and never waited for
  cache.set("answer", answer.get("photo") as string);
});

await submit();
await sleep(50);
console.log(cache.get("answer"));
// prints: uploads/a81f|roof.png

const submitRight = coroutine(function* submitRight() {
  const answer = new Map([["photo", "uploads/a81f|roof.png"]]);
  yield rename(answer);
  cache.set("answer", answer.get("photo") as string);
});

await submitRight();
console.log(cache.get("answer"));
// prints: 7-Q3-roof-482913.png
