/** The seed's `Task`, branch by branch: each test names the branch that it covers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyReuseError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { Arguments, coroutine, moment, sleep, Task } from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

describe("the seed's Task", () => {
  // seed: Task.__init__, `self.func = func`
  it("refuses what cannot be called", () => {
    assert.throws(() => new Task("upload" as never), TypeError);
  });

  // seed: Task.__init__, nothing is run
  it("calls nothing before it is yielded", (t) => {
    const { events } = simulation(t);
    new Task(() => events.push("called"));
    assert.deepEqual(events, []);
  });

  // seed: Task.start, `self.func(*self.args, **self.kwargs)`
  it("calls its function inside the yield, with its arguments and then the callback", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const answer = (a: number, b: number, callback: (sum: number) => void): void => {
        events.push("called");
        callback(a + b);
      };
      events.push("before");
      events.push(yield new Task(answer, 3, 4));
    });
    assert.deepEqual(events, ["before", "called", 7]);
  });

  // seed: Task.start, `runner.register_callback(self.key)`
  it("has its key pending while it runs, so that it cannot be started twice at once", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      const task = new Task((callback: () => void) => loop.callLater(1, callback));
      try {
        yield [task, task];
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.ok(caught instanceof KeyReuseError);
  });

  // seed: Task.start, `runner.result_callback(self.key)`
  it("resumes with what the callback is given later", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      return yield new Task((callback: (value: string) => void) => loop.callLater(5, callback, "later"));
    });
    assert.equal(result, "later");
    assert.equal(loop.time(), 5);
  });

  // seed: Task.start, `runner.result_callback(self.key)` (several arguments)
  it("gives several arguments of the callback as Arguments", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      return yield new Task((callback: (...args: unknown[]) => void) => callback("a", "b"));
    });
    assert.deepEqual(result, new Arguments(["a", "b"]));
  });

  // seed: Task.start, `self.func` is a gen.coroutine (`yield gen.Task(rename_upload_file_func, ...)`)
  it("gives the result of a coroutine function, which gets no callback", (t) => {
    const { loop } = simulation(t);
    const rename = coroutine(function* (...names: string[]) {
      yield sleep(5);
      return names.join("|");
    });
    const result = loop.runSync(function* () {
      return yield new Task(rename, "dest", "orig");
    });
    assert.equal(result, "dest|orig");
  });

  // seed: Task.start, `self.func` is a gen.coroutine that fails
  it("throws at the yield what a coroutine function fails with", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("cannot rename");
    const rename = coroutine(function* () {
      yield moment;
      throw failure;
    });
    const caught = loop.runSync(function* () {
      try {
        yield new Task(rename);
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // seed: Task.start, `self.func` raises (GEN-069, phase 1)
  it("throws at the yield what its function throws", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("phase 1");
    const caught = loop.runSync(function* () {
      try {
        yield new Task(() => {
          throw failure;
        });
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // seed: Task.is_ready, `return self.runner.is_ready(self.key)`
  it("is not ready before the callback came, and is afterwards", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      let answer: () => void = () => {};
      const task = new Task((callback: () => void) => {
        answer = callback;
      });
      loop.addCallback(() => {
        assert.equal(task.isReady(), false);
        answer();
      });
      yield task;
    });
  });

  // seed: Task.get_result, `return self.runner.pop_result(self.key)`
  it("frees its key with the result, so that the same Task may be yielded again", (t) => {
    const { loop } = simulation(t);
    let calls = 0;
    const results = loop.runSync(function* () {
      const task = new Task((callback: (value: number) => void) => callback(++calls));
      return [yield task, yield task];
    });
    assert.deepEqual(results, [1, 2]);
  });

  // seed: Task, a second call of the callback
  it("ignores a second call of its callback", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const first = yield new Task((callback: (value: string) => void) => {
        callback("first");
        callback("second");
        loop.addCallback(callback, "third");
      });
      const settled = new Future<string>();
      loop.callLater(1, () => settled.setResult("own"));
      return [first, yield settled];
    });
    assert.deepEqual(result, ["first", "own"]);
  });
});
