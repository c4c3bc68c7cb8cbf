/** How a coroutine function is told from another function. */

const coroutineFunctions = new WeakSet<object>();

/** Was `fn` made by `coroutine`? Source: Tornado `gen.is_coroutine_function`. */
export function isCoroutineFunction(fn: unknown): boolean {
  return typeof fn === "function" && coroutineFunctions.has(fn);
}

/** Give `fn` the name and length of `body`, which it runs, and the mark. */
export function markCoroutineFunction<F extends (...args: never[]) => unknown>(
  fn: F,
  body: (...args: never[]) => unknown,
): F {
  Object.defineProperties(fn, { name: { value: body.name }, length: { value: body.length } });
  coroutineFunctions.add(fn);
  return fn;
}
