/** A value of its own for each coroutine: what a global variable cannot be. */
import { captureContexts, changedContexts, restoreContexts } from "./state.ts";

/**
 * A variable whose value belongs to the running coroutine or callback.
 *
 * What is started or registered begins with a copy of the values in force there;
 * what it sets afterwards is seen by itself and by what it starts, never by who
 * started it. Costs one look-up in a map.
 *
 * Source: Python `contextvars.ContextVar`.
 */
export class ContextVar<T> {
  readonly name: string;
  readonly #initial: T;

  /** @param initial - the value where none was set */
  constructor(name: string, initial: T) {
    this.name = name;
    this.#initial = initial;
  }

  /** The value in force. */
  get(): T {
    const { variables } = captureContexts();
    return variables.has(this) ? (variables.get(this) as T) : this.#initial;
  }

  /** Set it for the rest of the running coroutine or callback. */
  set(value: T): void {
    const variables = new Map(captureContexts().variables).set(this, value);
    restoreContexts(changedContexts({ variables }));
  }

  /** Run `fn` with `value` in force, for it and for all that it starts. */
  run<R>(value: T, fn: () => R): R {
    const before = captureContexts();
    this.set(value);
    try {
      return fn();
    } finally {
      restoreContexts(before);
    }
  }
}
