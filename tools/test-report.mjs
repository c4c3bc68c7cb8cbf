// @ts-check
/**
 * The reporter inside each test process: Node's "spec" for the reader, and one JSON line an event on the file
 * descriptor that `HOUSE_EVENTS_FD` names, for `run-tests.mjs`, which counts over all files.
 *
 * A descriptor, because stdout also carries whatever the tests themselves print.
 */
import { writeSync } from "node:fs";
import { Readable } from "node:stream";
import { spec } from "node:test/reporters";

const fd = Number(process.env.HOUSE_EVENTS_FD);

/** What Node says of one file at its end; the sum over all files is said once instead. */
const tally = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* report(source) {
  yield* Readable.from(forward(source)).compose(/** @type {any} */ (new spec()));
}

/** @param {AsyncIterable<{ type: string, data: any }>} source */
async function* forward(source) {
  for await (const event of source) {
    const { type, data } = event;
    const kind = {
      "test:dequeue": "start",
      "test:complete": "end",
      "test:pass": "pass",
      "test:fail": "fail",
    }[type];
    if (kind !== undefined) {
      const { name, nesting, skip, todo } = data;
      // A group of tests (`describe`) is not counted as one.
      const isSuite = data.details?.type === "suite";
      writeSync(
        fd,
        `${JSON.stringify({ kind, name, nesting, isSuite, isSkipped: isSet(skip), isTodo: isSet(todo) })}\n`,
      );
    }
    if (type !== "test:diagnostic" || !tally.test(data.message)) yield event;
  }
}

/** `skip` and `todo` are `true` or a reason, which may be empty. @param {unknown} mark */
function isSet(mark) {
  return mark !== undefined && mark !== false;
}
