/** A program with a console, in the state that its argument names; says "ready PID" when it is about to be in it. */
import { execFileSync } from "node:child_process";
import { coroutine, Future, Lock, sleep } from "gyre";
import { startConsole } from "gyre/console";
import { label } from "gyre/trace";

const [, , state = "waits", options = "{}"] = process.argv;

const fetchUser = coroutine(function* fetchUser(id: number) {
  label(`user-${id}`);
  yield* sleep(1_000_000); // fetchUser waits here
});

const handle = coroutine(function* handle() {
  yield fetchUser(7); // handle waits here
});

const spin = coroutine(function* spin() {
  yield* sleep(1);
  while (true); // spin blocks here
});

const states: { readonly [state: string]: () => unknown } = {
  waits: () => handle(),
  hangs: () => [handle(), spin()],
  starves: () => {
    handle();
    const again = (): unknown => Promise.resolve().then(again);
    setTimeout(again, 1);
  },
  blocks: () =>
    setInterval(function block() {
      const end = performance.now() + 200;
      while (performance.now() < end);
    }, 300),
  // In a call of the system, where no JavaScript can be interrupted.
  sleeps: () => setTimeout(() => execFileSync("sleep", ["60"]), 1),
  many: () => Array.from({ length: 1000 }, () => handle()),
  deadlocks: () => {
    const locks = [new Lock(), new Lock()] as const;
    const take = coroutine(function* take(first: Lock, second: Lock) {
      yield* first.acquire();
      yield* sleep(1);
      yield* second.acquire();
    });
    take(locks[0], locks[1]);
    take(locks[1], locks[0]);
  },
  ends: () => {},
  throws: () =>
    setTimeout(() => {
      throw new Error("thrown on purpose");
    }, 1),
  exits: () => setTimeout(() => process.exit(3), 1),
};

const started = await startConsole(JSON.parse(options));
console.log(
  JSON.stringify({
    problems: started.problems,
    socketPath: started.socketPath,
    address: started.address,
  }),
);
states[state]?.();
console.log("ready", process.pid);
// A process that nothing keeps alive ends, whatever its console does.
if (!["ends", "throws", "exits"].includes(state)) {
  setInterval(() => {}, 1000);
  await new Future<void>();
}
