/** From an HTTP method to the method of a handler, as a coroutine with a name that reports can use. */
import { ExceptionStackContext } from "../context/index.ts";
import { bodyOf, type Coroutine, coroutine, isCoroutineFunction } from "../gen/index.ts";
import type { RequestHandler } from "./handler.ts";

/** The HTTP methods that a handler may have, and the names of its methods for them. */
const NAMES: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "head",
  POST: "post",
  PUT: "put",
  PATCH: "patch",
  DELETE: "delete",
  OPTIONS: "options",
};

/** May a handler have a method for it? */
export function isHandled(httpMethod: string): boolean {
  return Object.hasOwn(NAMES, httpMethod);
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
/** A method of a handler, started as a coroutine. */
export type Step = (this: RequestHandler, ...args: unknown[]) => Coroutine<unknown>;

/** The steps of each class, made once: a name and a coroutine function cost more than a call. */
const steps = new WeakMap<object, Map<string, Step>>();

/**
 * The step that answers `httpMethod`, named "UploadHandler.post"; `undefined` when the handler has none.
 *
 * HEAD falls back to `get`, whose body is then not sent.
 */
export function findMethod(handler: RequestHandler, httpMethod: string): Step | undefined {
  if (!isHandled(httpMethod)) return undefined;
  const name = NAMES[httpMethod] as string;
  return findStep(handler, name) ?? (name === "head" ? findStep(handler, "get") : undefined);
}

/** The methods that the handler answers, for the `Allow` header. */
export function allowedMethods(handler: RequestHandler): string {
  return Object.keys(NAMES)
    .filter((httpMethod) => findMethod(handler, httpMethod) !== undefined)
    .join(", ");
}

/** The method `name` of the handler as a step; `undefined` when there is none. */
export function findStep(handler: RequestHandler, name: string): Step | undefined {
  const method = (handler as unknown as Record<string, unknown>)[name];
  if (typeof method !== "function") return undefined;
  const owner = handler.constructor;
  // A method that is a field of each instance cannot be kept for the class.
  if (Object.hasOwn(handler, name)) return makeStep(owner.name, name, method as Method);
  let known = steps.get(owner);
  if (known === undefined) {
    known = new Map();
    steps.set(owner, known);
  }
  let step = known.get(name);
  if (step === undefined) {
    step = makeStep(owner.name, name, method as Method);
    known.set(name, step);
  }
  return step;
}

/** A coroutine function that runs `body` under `name`. */
export function namedCoroutine<A extends unknown[]>(
  name: string,
  body: (...args: A) => unknown,
): (...args: A) => Coroutine<unknown> {
  // Takes its place instead of starting a child of its own, so that what it starts has the named one as owner.
  const inner = (bodyOf(body) ?? body) as (...args: A) => unknown;
  function named(this: unknown, ...args: A): unknown {
    return inner.apply(this, args);
  }
  Object.defineProperty(named, "name", { value: name });
  return coroutine(named) as (...args: A) => Coroutine<unknown>;
}

function makeStep(className: string, name: string, method: Method): Step {
  return namedCoroutine(`${className === "" ? "handler" : className}.${name}`, method) as Step;
}

/**
 * A handler's method after which the request goes on until `finish()` is called: `get = asynchronous(function () {...})`.
 *
 * For methods that answer in a callback. What such a callback throws goes to
 * `writeError`, as long as it was registered on the loop. A method that waits by
 * itself (a coroutine, a generator or async one) needs no `asynchronous`, and is not changed
 * by it: its request ends with it.
 *
 * Source: Tornado `web.asynchronous`.
 */
export function asynchronous<This extends RequestHandler, A extends unknown[], R>(
  method: (this: This, ...args: A) => R,
): (this: This, ...args: A) => R | undefined {
  if (isCoroutineFunction(method)) return method;
  return function start(this: This, ...args: A): R | undefined {
    const context = new ExceptionStackContext((error) => this._ending.failLater(error));
    let result: R | undefined;
    let thrown: { error: unknown } | undefined;
    context.run(() => {
      try {
        result = method.apply(this, args);
      } catch (error) {
        // Not later: it belongs to the method, which still runs.
        thrown = { error };
      }
    });
    if (thrown !== undefined) throw thrown.error;
    if (result === undefined) this._ending.autoFinish = false;
    return result;
  };
}
