/** How a coroutine function is told from another function. */

type Body = (...args: never[]) => unknown;

const bodies = new WeakMap<object, Body>();

/** Was `fn` made by `coroutine`? Source: Tornado `gen.is_coroutine_function`. */
export function isCoroutineFunction(fn: unknown): boolean {
  return bodyOf(fn) !== undefined;
}

/** The function that the coroutine function `fn` runs; `undefined` when `fn` is none. */
export function bodyOf(fn: unknown): Body | undefined {
  return typeof fn === "function" ? bodies.get(fn) : undefined;
}

/** Give `fn` the name and length of `body`, which it runs, and the mark. */
export function markCoroutineFunction<F extends Body>(fn: F, body: Body): F {
  Object.defineProperties(fn, { name: { value: body.name }, length: { value: body.length } });
  bodies.set(fn, body);
  return fn;
}
