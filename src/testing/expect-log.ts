/** Saying in a test that something will be logged. */
import { type Coroutine, type CoroutineGenerator, coroutine } from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import { TestLog } from "./test-log.ts";

export interface ExpectLogOptions {
  /** Fail when nothing matches? Default true. */
  readonly required?: boolean;
}

/**
 * Run `body`; what it makes the loop log or report and `pattern` matches does not fail the test.
 *
 * Source: Tornado `ExpectLog`.
 *
 * @param pattern - matched against the text of a log line or report, with its error
 * @throws {Error} when nothing matched, unless not `required`; whatever `body` throws comes first
 * @throws {TypeError} outside of a test of `simulated` or `realTime`
 */
export function expectLog<T>(
  pattern: RegExp,
  body: () => CoroutineGenerator<T>,
  options: ExpectLogOptions = {},
): Coroutine<Awaited<T>> {
  return runExpecting(pattern, body, options) as Coroutine<Awaited<T>>;
}

const runExpecting = coroutine(function* expectLog(
  pattern: RegExp,
  body: () => CoroutineGenerator<unknown>,
  { required = true }: ExpectLogOptions,
) {
  const log = IOLoop.current().log;
  if (!(log instanceof TestLog)) {
    throw new TypeError(
      "Cannot expect a log line: the loop's log is not a test's, a test of simulated() is wanted",
    );
  }
  const end = log.expect(pattern);
  let met = false;
  let result: unknown;
  try {
    result = yield body();
  } finally {
    met = end();
  }
  if (required && !met) throw new Error(`Cannot end the test: nothing was logged that matches ${pattern}`);
  return result;
});
