/** The seed's way to return a value: `throw new Return(value)`. */

/**
 * Throw it to end a coroutine with `value`, also from a plain function that the coroutine calls.
 *
 * In a generator `return value` does the same; this is for code carried over from Tornado.
 * Not an Error: nothing went wrong, and it needs no stack.
 *
 * Source: Tornado `gen.Return`.
 */
export class Return<T> {
  readonly value: T | undefined;

  constructor(value?: T) {
    this.value = value;
  }
}
