/** What the compiler knows: these tests fail when the file does not compile. */
import { describe, it } from "node:test";
import type { Future } from "../../src/future/index.ts";
import {
  all,
  Callback,
  type Coroutine,
  type CoroutineGenerator,
  call,
  coroutine,
  Multi,
  type Resolved,
  returnFuture,
  run,
  sleep,
  Task,
  until,
  Wait,
  WaitIterator,
  withCallback,
  withTimeout,
  YieldFuture,
} from "../../src/gen/index.ts";
import type { IOLoop } from "../../src/loop/index.ts";
import type { Same } from "./same-type.ts";

/** Compiles only when `A` and `B` are one type, `any` included. */
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

interface User {
  readonly id: number;
}

declare const user: Future<User>;
declare const text: Future<string>;
declare const promise: Promise<number>;
declare const loop: IOLoop;

/** The type of `yield* source`. */
type Star<S> = S extends { [Symbol.iterator](): Iterator<unknown, infer T, never> } ? T : never;

describe("the types", () => {
  it("of a coroutine function keep parameters, `this` and the awaited result", () => {
    const generator = coroutine(function* (id: number, name?: string) {
      yield sleep(1);
      return name === undefined ? { id } : name;
    });
    same<Parameters<typeof generator>, [id: number, name?: string | undefined]>();
    same<ReturnType<typeof generator>, Coroutine<string | { id: number }>>();

    const async = coroutine(async (id: number) => ({ id }));
    same<ReturnType<typeof async>, Coroutine<{ id: number }>>();

    const plain = coroutine((id: number) => String(id));
    same<ReturnType<typeof plain>, Coroutine<string>>();

    const flattened = coroutine(function* () {
      yield sleep(1);
      return promise;
    });
    same<ReturnType<typeof flattened>, Coroutine<number>>();

    const method = coroutine(function* (this: User) {
      yield sleep(1);
      return this.id;
    });
    same<ThisParameterType<typeof method>, User>();
    same<ReturnType<typeof method>, Coroutine<number>>();
  });

  it("of yield* are those of the results", () => {
    same<Star<Future<User>>, User>();
    same<Star<Coroutine<User>>, User>();
    const find = coroutine(function* (id: number) {
      yield sleep(1);
      return { id } as User;
    });
    void function* (): CoroutineGenerator<void> {
      const found = yield* find(7);
      same<typeof found, User>();
      const nothing = yield* sleep(1);
      same<typeof nothing, void>();
      const later = yield* until(promise);
      same<typeof later, number>();
      const future = yield* new YieldFuture(user);
      same<typeof future, User>();
      const given = yield* new Wait<string>("key");
      same<typeof given, string>();
      const callback = yield* new Callback("key");
      same<typeof callback, (...args: unknown[]) => void>();
      const task = yield* new Task<User>(() => {});
      same<typeof task, User>();
      const next = yield* new WaitIterator<User>(user).next();
      same<typeof next, User>();
    };
  });

  it("of a plain yield are any, so that code carried over from Tornado compiles", () => {
    coroutine(function* () {
      const found = yield user;
      same<typeof found, unknown extends typeof found ? typeof found : never>();
      const id: number = found.id;
      return id;
    });
  });

  it("of all and Multi are the results in the shape of the members", () => {
    void function* (): CoroutineGenerator<void> {
      const list = yield* all([user, text, promise]);
      same<typeof list, [User, string, number]>();
      const record = yield* all({ user, nested: [text, new Wait<boolean>("key")] });
      same<typeof record, { user: User; nested: [string, boolean] }>();
      const many = yield* all([] as Future<User>[]);
      same<typeof many, User[]>();
      const point = yield* new Multi([user, text]);
      same<(typeof point)[number], User | string>();
    };
  });

  it("of withTimeout are those of what it limits", () => {
    void function* (): CoroutineGenerator<void> {
      const found = yield* withTimeout(50, user);
      same<typeof found, User>();
      const both = yield* withTimeout(50, [user, text] as const);
      same<typeof both, [User, string]>();
      const later = yield* withTimeout(50, promise);
      same<typeof later, number>();
    };
  });

  it("of call and run are those of generator, async and plain functions", () => {
    function* find(id: number): CoroutineGenerator<User> {
      yield sleep(1);
      return { id };
    }
    same<ReturnType<typeof call<[number], User>>, Coroutine<User>>();
    void function* (): CoroutineGenerator<void> {
      const found = yield* call(find, 7);
      same<typeof found, User>();
      const async = yield* call(async (name: string) => name.length, "name");
      same<typeof async, number>();
      const plain = yield* call((a: number) => String(a), 7);
      same<typeof plain, string>();
      // @ts-expect-error: the argument is of another type
      call(find, "7");
    };
    void (() => {
      const found = run(function* () {
        return yield* user;
      });
      same<typeof found, Promise<User>>();
    });
  });

  it("of loop.run and loop.runSync are those of generator, async and plain functions", () => {
    void (() => {
      const generator = loop.runSync(function* () {
        return yield* user;
      });
      same<typeof generator, User>();
      const plain = loop.runSync(() => 7);
      same<typeof plain, number>();
      const work = loop.runSync(() => user);
      same<typeof work, User>();
      const promised = loop.run(function* () {
        return yield* text;
      });
      same<typeof promised, Promise<string>>();
      const async = loop.run(async () => 7);
      same<typeof async, Promise<number>>();
    });
  });

  it("of returnFuture and withCallback move the callback", () => {
    const future = returnFuture((_id: number, callback: (found: User) => void) => callback({ id: 7 }));
    same<Parameters<typeof future>, [_id: number]>();
    same<ReturnType<typeof future>, Future<User>>();
    const callback = withCallback(future);
    same<Parameters<typeof callback>, [_id: number, callback: (result: User) => void]>();
  });

  it("of Resolved look through everything that may be yielded", () => {
    same<Resolved<Future<User>>, User>();
    same<Resolved<Promise<Promise<User>>>, User>();
    same<Resolved<Wait<User>>, User>();
    same<Resolved<CoroutineGenerator<User>>, User>();
    same<Resolved<Map<string, Future<User>>>, Map<string, User>>();
    same<Resolved<5>, never>();
  });

  it("make a Future of one kind no Future of another", () => {
    void (() => {
      // @ts-expect-error: a Future of strings
      const wrong: Future<number> = text;
      return wrong;
    });
  });
});
