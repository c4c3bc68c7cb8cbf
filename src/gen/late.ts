/** Failures that come when nobody is left to receive them: they are logged. */
import { CancelledError } from "../base/index.ts";
import { type Future, type Listener, RESOLVED } from "../future/index.ts";
import { IOLoop } from "../loop/index.ts";

/** Classes of errors that are not logged. */
export type QuietErrors = readonly (abstract new (...args: never[]) => unknown)[];

/** The failure of one source, for all limits that have passed before. */
class LateFailure implements Listener {
  readonly #loop = IOLoop.current();
  readonly #limitMs: number;
  #quietErrors: QuietErrors;

  constructor(limitMs: number, quietErrors: QuietErrors) {
    this.#limitMs = limitMs;
    this.#quietErrors = quietErrors;
  }

  /** One more limit has passed: only what no limit wants to hear of is quiet. */
  join(quietErrors: QuietErrors): void {
    this.#quietErrors = this.#quietErrors.filter((quiet) => quietErrors.includes(quiet));
  }

  settled(source: Future<unknown>): void {
    logFailure(source, this.#loop, this.#limitMs, this.#quietErrors);
  }

  isWaitedFor(): boolean {
    return false;
  }
}

const lateFailures = new WeakMap<Future<unknown>, LateFailure>();

/** Log the failure of `source`, should it come: once, however many limits have passed before. */
export function logLateFailure(source: Future<unknown>, limitMs: number, quietErrors: QuietErrors): void {
  const known = lateFailures.get(source);
  if (known !== undefined) {
    known.join(quietErrors);
    return;
  }
  const late = new LateFailure(limitMs, quietErrors);
  lateFailures.set(source, late);
  source._listen(late);
}

/** Log what `source` failed with, if it did. */
export function logFailure(
  source: Future<unknown>,
  loop: IOLoop,
  limitMs: number,
  quietErrors: QuietErrors,
): void {
  if (source._state === RESOLVED) return;
  source._take();
  const { _value: error } = source;
  for (const each of error instanceof CancelledError ? error.suppressed : [error]) {
    if (quietErrors.some((quiet) => each instanceof quiet)) continue;
    loop.log.error(`Error after the limit of ${limitMs} ms had passed`, each);
  }
}
