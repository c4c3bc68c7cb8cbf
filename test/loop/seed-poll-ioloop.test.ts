/** The seed's `PollIOLoop.start`, branch by branch: each test names the branch that it covers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IOLoop, READ, WRITE } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import { runChild } from "./child.ts";
import { rig, systemError } from "./rig.ts";

describe("the seed's PollIOLoop.start", () => {
  describe("at its beginning", () => {
    // seed: `if not logging.getLogger().handlers: logging.basicConfig()`
    it("writes what a callback throws to standard error when no log was set up", (t) => {
      const write = t.mock.method(process.stderr, "write", () => true);
      const loop = new IOLoop({ poller: new SimPoller() });
      loop.addCallback(function upload() {
        throw new Error("no such file");
      });
      loop.start();
      write.mock.restore();
      const text = write.mock.calls.map((call) => String(call.arguments[0])).join("");
      assert.match(text, /^gyre: Error in callback "upload"\nError: no such file\n/);
    });

    // seed: the same `if`, when there are handlers
    it("writes nothing to standard error when a log was set up", (t) => {
      const write = t.mock.method(process.stderr, "write", () => true);
      const { loop, takeErrors } = rig(t);
      loop.addCallback(() => {
        throw new Error("no such file");
      });
      loop.start();
      write.mock.restore();
      takeErrors();
      assert.equal(write.mock.callCount(), 0);
    });

    // seed: `if self._stopped: self._stopped = False; return`
    it("returns at once when stop() came before, and runs nothing", (t) => {
      const { loop, events, note } = rig(t);
      loop.addCallback(note("callback"));
      loop.stop();
      loop.start();
      assert.deepEqual(events, []);
    });

    // seed: `self._stopped = False` in that branch
    it("forgets such a stop(), so that the next start runs", (t) => {
      const { loop, events, note } = rig(t);
      loop.addCallback(note("callback"));
      loop.stop();
      loop.start();
      loop.start();
      assert.deepEqual(events, ["callback"]);
    });

    // seed: `IOLoop._current.instance = self`
    it("makes the loop the current one", (t) => {
      const { loop, events } = rig(t);
      loop.addCallback(() => events.push(IOLoop.current() === loop));
      loop.start();
      assert.deepEqual(events, [true]);
    });

    // seed: `self._running = True`
    it("sets running", (t) => {
      const { loop, events } = rig(t);
      loop.addCallback(() => events.push(loop.running));
      loop.start();
      assert.deepEqual(events, [true]);
    });

    // seed: `signal.set_wakeup_fd(self._waker.write_fileno())`, and `if old_wakeup_fd != -1`: on Node a listener
    // runs on the loop's own thread, and disturbs nobody else's; what remains is that the sleeping loop must wake.
    it("is woken by a signal that comes while it sleeps", { skip: noSignals() }, async () => {
      const outcome = await runChild(
        `const loop = new IOLoop();
         process.on("SIGUSR2", (name) => loop.addCallbackFromSignal((got) => { console.log(got); loop.stop(); }, name));
         loop.addCallback(() => setImmediate(() => console.log("sleeps")));
         await loop.start();
         process.exit();`,
        { onLine: (line, child) => line === "sleeps" && child.kill("SIGUSR2") },
      );
      assert.deepEqual(outcome, { lines: ["sleeps", "SIGUSR2"], stderr: "", end: 0 });
    });

    // seed: the race that set_wakeup_fd closes, a signal between the end of a pass and the wait of the poll
    it("is woken by a signal that comes just before it sleeps", { skip: noSignals() }, async () => {
      const outcome = await runChild(
        `const loop = new IOLoop();
         process.on("SIGUSR2", () => loop.addCallbackFromSignal(() => loop.stop()));
         loop.addCallback(() => process.kill(process.pid, "SIGUSR2"));
         await loop.start();
         console.log("ended");
         process.exit();`,
      );
      assert.deepEqual(outcome, { lines: ["ended"], stderr: "", end: 0 });
    });
  });

  describe("its callbacks", () => {
    // seed: `callbacks = self._callbacks; self._callbacks = []`
    it("are those that were there when the pass began: what they add comes after a poll", (t) => {
      const { loop, poller, events, note } = rig(t);
      loop.addCallback(() => {
        events.push("first");
        loop.addCallback(() => events.push(`added, after ${poller.polls.length} poll`));
      });
      loop.addCallback(note("second"));
      loop.start();
      assert.deepEqual(events, ["first", "second", "added, after 1 poll"]);
    });

    // seed: `self._run_callback(callback)`, which logs
    it("run on after one that throws", (t) => {
      const { loop, events, note, takeErrors } = rig(t);
      const error = new Error("first");
      loop.addCallback(() => {
        throw error;
      });
      loop.addCallback(note("second"));
      loop.start();
      assert.deepEqual(events, ["second"]);
      assert.deepEqual(takeErrors(), [error]);
    });
  });

  describe("its timeouts", () => {
    // seed: `if self._timeouts[0].callback is None: heappop; self._cancellations -= 1`
    it("that were cancelled are taken off the head, and counted off", (t) => {
      const { loop } = rig(t);
      const first = loop.callLater(5, () => assert.fail("a removed timeout runs"));
      loop.callLater(10, () => undefined);
      loop.removeTimeout(first);
      assert.equal(loop.statistics().removedTimers, 1);
      loop.start();
      assert.equal(loop.statistics().removedTimers, 0);
    });

    // seed: `elif self._timeouts[0].deadline <= now: heappop; self._run_callback(timeout.callback)`
    it("that are due run, also at their very deadline", (t) => {
      const { loop, poller, events, note } = rig(t);
      loop.callAt(4, note("past"));
      loop.callAt(5, note("now"));
      poller.advance(5);
      loop.start();
      assert.deepEqual(events, ["past", "now"]);
      assert.deepEqual(poller.polls, []);
    });

    // seed: `seconds = self._timeouts[0].deadline - now; poll_timeout = min(seconds, poll_timeout); break`
    it("that are not due say how long the poll may take", (t) => {
      const { loop, poller } = rig(t);
      loop.callLater(250, () => undefined);
      loop.callLater(900, () => undefined);
      loop.start();
      assert.deepEqual(poller.polls, [250, 650]);
    });

    // seed: `poll_timeout = 3600.0` and `min(seconds, poll_timeout)`
    it("that are far away let it poll for an hour at most", (t) => {
      const { loop, poller } = rig(t);
      loop.callLater(5_400_000, () => undefined);
      loop.start();
      assert.deepEqual(poller.polls, [3_600_000, 1_800_000]);
    });

    // seed: `if self._timeouts:` is false, `poll_timeout = 3600.0`
    it("when there are none let it poll for an hour", (t) => {
      const { loop, poller } = rig(t, { stopWhenIdle: false });
      poller.answers.push(() => {
        loop.stop();
        return [];
      });
      loop.start();
      assert.deepEqual(poller.polls, [3_600_000]);
    });

    // seed: `if self._cancellations > 512 and self._cancellations > (len(self._timeouts) >> 1)`
    it("are purged when more than 512 are cancelled, and more than half of all", (t) => {
      assert.equal(removedAfterOnePass(rig(t).loop, { removed: 513, kept: 512 }), 0);
    });

    // seed: the same `if`, first half
    it("are not purged when 512 are cancelled", (t) => {
      assert.equal(removedAfterOnePass(rig(t).loop, { removed: 512, kept: 10 }), 512);
    });

    // seed: the same `if`, second half
    it("are not purged when half of all are cancelled", (t) => {
      assert.equal(removedAfterOnePass(rig(t).loop, { removed: 600, kept: 600 }), 600);
    });

    // seed: `heapq.heapify(self._timeouts)`
    it("run in order after a purge", (t) => {
      const { loop, events, note } = rig(t);
      const deadlines = Array.from({ length: 1500 }, (_, i) => 100 + ((i * 7919) % 1500));
      const timeouts = deadlines.map((atMs) => loop.callAt(atMs, note(atMs)));
      const kept = deadlines.filter((_, i) => i % 3 === 0);
      for (const [i, timeout] of timeouts.entries()) if (i % 3 !== 0) loop.removeTimeout(timeout);
      loop.start();
      assert.deepEqual(
        events,
        kept.sort((a, b) => a - b),
      );
    });
  });

  describe("before it polls", () => {
    // seed: `if self._callbacks: poll_timeout = 0.0`
    it("asks for no time when a callback was added, though a timeout is far", (t) => {
      const { loop, poller } = rig(t);
      loop.callLater(500, () => undefined);
      loop.addCallback(() => loop.addCallback(() => undefined));
      loop.start();
      assert.deepEqual(poller.polls, [0, 500]);
    });

    // seed: the same `if`: "any callbacks or timeouts called add_callback"
    it("asks for no time when a timeout added a callback", (t) => {
      const { loop, poller } = rig(t);
      loop.callLater(0, () => loop.addCallback(() => undefined));
      loop.callLater(500, () => undefined);
      loop.start();
      assert.deepEqual(poller.polls, [0, 500]);
    });

    // seed: `if not self._running: break`
    it("ends without a poll when a callback stopped it", (t) => {
      const { loop, poller } = rig(t, { stopWhenIdle: false });
      loop.addCallback(() => loop.stop());
      loop.start();
      assert.deepEqual(poller.polls, []);
    });
  });

  describe("its blocking threshold", () => {
    // seed: `signal.setitimer(signal.ITIMER_REAL, 0, 0)` before the poll
    it("is cleared while it polls", async () => {
      const { lines, stderr } = await runChild(
        `const loop = new IOLoop();
         let reports = 0;
         loop.onReport(() => reports++);
         loop.setBlockingThreshold(40);
         await loop.run(() => sleep(400));
         console.log(reports);`,
      );
      assert.deepEqual(lines, ["0"], stderr);
    });

    // seed: `signal.setitimer(signal.ITIMER_REAL, self._blocking_signal_threshold, 0)` after the poll
    it("is set after the poll", async () => {
      const { lines, stderr } = await runChild(
        `const loop = new IOLoop();
         let reported = "";
         loop.onReport(({ kind }) => { reported = kind; });
         loop.setBlockingThreshold(40);
         await loop.run(function* () {
           yield sleep(5);
           const end = performance.now() + 20_000;
           while (reported === "" && performance.now() < end);
         });
         console.log(reported);`,
      );
      assert.deepEqual(lines, ["blocked"], stderr);
    });

    // seed: `signal.setitimer(signal.ITIMER_REAL, 0, 0)` after the loop
    it("is cleared when the loop has ended", async () => {
      const { lines, stderr } = await runChild(
        `const loop = new IOLoop();
         let reports = 0;
         loop.onReport(() => reports++);
         loop.setBlockingThreshold(40);
         await loop.run(() => sleep(200));
         const end = performance.now() + 300;
         while (performance.now() < end);
         console.log(reports);`,
      );
      assert.deepEqual(lines, ["0"], stderr);
    });
  });

  describe("when the poll throws", () => {
    // seed: `if getattr(e, 'errno', None) == errno.EINTR ...: continue`
    it("goes on after EINTR", (t) => {
      const { loop, poller, events, note } = rig(t);
      loop.callLater(10, note("timeout"));
      poller.answers.push(() => {
        throw systemError("EINTR");
      });
      loop.start();
      assert.deepEqual(events, ["timeout"]);
      assert.deepEqual(poller.polls, [10, 10]);
    });

    // seed: `else: raise`
    it("ends with any other error", (t) => {
      const { loop } = broken(t);
      assert.throws(() => loop.start(), { code: "EBADF" });
    });

    // seed: the lines after the loop, which that `raise` passes over there
    it("can be started again after an error", (t) => {
      const { loop, events, note } = broken(t);
      assert.throws(() => loop.start());
      loop.addCallback(note("callback"));
      loop.start();
      assert.deepEqual(events, ["callback", "timeout"]);
    });

    // seed: `IOLoop._current.instance = old_current`, which that `raise` passes over there
    it("restores the loop that was current before after an error", (t) => {
      const { loop } = broken(t);
      const before = IOLoop.current();
      assert.throws(() => loop.start());
      assert.equal(IOLoop.current(), before);
    });
  });

  describe("its handlers", () => {
    // seed: `fd, events = self._events.popitem(); self._handlers[fd](fd, events)`
    it("get the descriptor and what holds of it", (t) => {
      const { loop, poller, events } = rig(t);
      loop.addHandler(7, (fd, mask) => events.push([fd, mask], once(poller, fd)), READ | WRITE);
      poller.raise(7, WRITE);
      loop.start();
      assert.deepEqual(events, [[7, WRITE], "lowered"]);
    });

    // seed: `self._events.update(event_pairs)`
    it("get one call for a descriptor that the poll names twice", (t) => {
      const { loop, poller, events } = rig(t);
      loop.addHandler(7, (fd, mask) => events.push([fd, mask]), READ | WRITE);
      poller.answers.push(() => [
        [7, READ],
        [7, WRITE],
      ]);
      loop.start();
      assert.deepEqual(events, [[7, READ | WRITE]]);
    });

    // seed: "that handler may perform actions on other file descriptors"
    it("can be removed by an earlier one, and are then not called", (t) => {
      const { loop, poller, events } = rig(t);
      loop.addHandler(7, () => events.push("seven", loop.removeHandler(8)), READ);
      loop.addHandler(8, () => events.push("eight"), READ);
      poller.answers.push(() => [
        [7, READ],
        [8, READ],
      ]);
      loop.start();
      assert.deepEqual(events, ["seven", undefined]);
    });

    // seed: the same, for an action on the descriptor itself
    it("can remove themselves", (t) => {
      const { loop, poller, events } = rig(t);
      loop.addHandler(7, () => events.push("seven", loop.removeHandler(7)), READ);
      poller.raise(7, READ);
      loop.start();
      assert.deepEqual(events, ["seven", undefined]);
    });

    // seed: `self._events` is read one by one, so what is added anew has no event yet
    it("that are added anew by an earlier one get no event of this poll", (t) => {
      const { loop, poller, events, note } = rig(t);
      const again = (): void => {
        loop.removeHandler(8);
        loop.addHandler(8, note("new"), READ);
      };
      loop.addHandler(7, again, READ);
      loop.addHandler(8, note("old"), READ);
      poller.answers.push(() => [
        [7, READ],
        [8, READ],
      ]);
      loop.start();
      assert.deepEqual(events, []);
    });

    // seed: "there may be reentrant calls to this IOLoop that update self._events"
    it("may run a loop of their own, and the others are called after it", (t) => {
      const { loop, poller, events, note } = rig(t);
      const inner = rig(t);
      inner.loop.addCallback(() => events.push("inner", loop.addCallback(note("added meanwhile"))));
      loop.addHandler(7, () => events.push(inner.loop.start().done()), READ);
      loop.addHandler(8, note("eight"), READ);
      poller.answers.push(() => [
        [7, READ],
        [8, READ],
      ]);
      loop.start();
      assert.deepEqual(events, ["inner", undefined, true, "eight", "added meanwhile"]);
    });

    // seed: `except (OSError, IOError) as e: if e.args[0] == errno.EPIPE: pass`
    it("may throw EPIPE, which is passed over", (t) => {
      const { loop, takeLogged } = throwing(t, systemError("EPIPE"));
      loop.start();
      assert.deepEqual(takeLogged(), []);
    });

    // seed: `else: app_log.error("Exception in I/O handler for fd %s", fd, exc_info=True)`
    it("have other errors of the system logged with the descriptor", (t) => {
      const error = systemError("ECONNRESET");
      const { loop, takeLogged } = throwing(t, error);
      loop.start();
      assert.deepEqual(takeLogged(), [{ message: "Error in I/O handler for descriptor 7", error }]);
    });

    // seed: `except Exception: app_log.error(...)`
    it("have any other error logged with the descriptor", (t) => {
      const error = new TypeError("wrong");
      const { loop, takeLogged } = throwing(t, error);
      loop.start();
      assert.deepEqual(takeLogged(), [{ message: "Error in I/O handler for descriptor 7", error }]);
    });

    // seed: `while self._events:` goes on after an `except`
    it("are called after one that throws", (t) => {
      const { loop, events, takeErrors } = throwing(t, new Error("seven"));
      loop.start();
      assert.deepEqual(events, ["eight"]);
      takeErrors();
    });
  });

  describe("after its end", () => {
    // seed: `self._stopped = False`
    it("can be started and stopped again", (t) => {
      const { loop, events } = rig(t, { stopWhenIdle: false });
      for (const name of ["first", "second"]) {
        loop.addCallback(() => events.push(name, loop.stop()));
        loop.start();
      }
      assert.deepEqual(events, ["first", undefined, "second", undefined]);
    });

    // seed: `IOLoop._current.instance = old_current`
    it("has restored the loop that was current before", (t) => {
      const { loop, events } = rig(t);
      const inner = rig(t);
      inner.loop.addCallback(() => events.push(IOLoop.current() === inner.loop));
      loop.addCallback(() => {
        inner.loop.start();
        events.push(IOLoop.current() === loop);
      });
      loop.start();
      assert.deepEqual(events, [true, true]);
    });

    // seed: `old_current` is None
    it("leaves the process's own loop current when none was before", (t) => {
      const { loop } = rig(t);
      const before = IOLoop.current();
      loop.start();
      assert.equal(IOLoop.current(), before);
    });
  });
});

/** A timeout is left, and the first poll fails. */
function broken(t: Parameters<typeof rig>[0]): ReturnType<typeof rig> {
  const made = rig(t);
  made.loop.callLater(10, made.note("timeout"));
  made.poller.answers.push(() => {
    throw systemError("EBADF");
  });
  return made;
}

/** Descriptor 7's handler throws `error`, descriptor 8's notes "eight", in one poll. */
function throwing(t: Parameters<typeof rig>[0], error: Error): ReturnType<typeof rig> {
  const made = rig(t);
  made.loop.addHandler(
    7,
    () => {
      throw error;
    },
    READ,
  );
  made.loop.addHandler(8, made.note("eight"), READ);
  made.poller.answers.push(() => [
    [7, READ],
    [8, READ],
  ]);
  return made;
}

function once(poller: SimPoller, fd: number): string {
  poller.lower(fd);
  return "lowered";
}

/** How many removed timeouts are in memory after a pass in which nothing is due. */
function removedAfterOnePass(loop: IOLoop, { removed, kept }: { removed: number; kept: number }): number {
  // The first one stays, so that none is swept from the top.
  for (let i = 0; i < kept; i++) loop.callLater(1000, () => undefined);
  const timeouts = Array.from({ length: removed }, () => loop.callLater(2000, () => undefined));
  for (const timeout of timeouts) loop.removeTimeout(timeout);
  loop.addCallback(() => loop.stop());
  loop.start();
  const left = loop.statistics().removedTimers;
  loop.close();
  return left;
}

function noSignals(): string | false {
  return process.platform === "win32" && "the system has no signals";
}
