/**
 * The lines at which coroutines wait, asked for again and again.
 *
 * An answer of V8 costs about 100 us. It is kept where it is sure to be the same:
 * for a function that waits at one place only, whichever coroutine runs it.
 */
import { type Coroutine, type Location, waitingLine } from "../gen/index.ts";

const generatorFunctions: object = Object.getPrototypeOf(function* () {});

export class WaitingLines {
  /** The one line at which each function waits; `undefined` for one that may wait at several. */
  readonly #only = new WeakMap<object, { at: Location | undefined } | undefined>();

  /** The line at which `work` waits; it must be suspended. */
  lineOf({ _body: body, _generator: generator }: Coroutine<unknown>): Location | undefined {
    if (generator === undefined) return undefined;
    if (!this.#only.has(body)) this.#only.set(body, waitsAtOnePlace(body) ? { at: undefined } : undefined);
    const only = this.#only.get(body);
    if (only === undefined) return waitingLine(generator);
    only.at ??= waitingLine(generator);
    return only.at;
  }
}

/** Is there one `yield` in all of its text? Words in strings and comments make it say no, which is right as well. */
function waitsAtOnePlace(body: object): boolean {
  if (Object.getPrototypeOf(body) !== generatorFunctions) return false;
  return (String(body).match(/\byield\b/g) ?? []).length === 1;
}
