/** Which request is drawn, and what no drawing may do. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { columnsOf } from "../../../src/base/words.ts";
import { draw } from "../../../src/trace/picture/index.ts";
import { anyRecording } from "./arbitrary.ts";
import { recordingOf } from "./script.ts";

const requests = recordingOf(`
  0 start handle #1 [req-a]
  1 #1 end result
  2 start handle #2 [req-b]
  2 start query #3 of #2 [req-b]
  3 #3 end result
  4 #2 end result
  5 start handle #4 [req-a]
  6 #4 end result
  7 start tick #5
  8 #5 end result`);

/** The line with the lanes' titles. */
function lanesOf(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

describe("draw()", () => {
  it("draws all requests when they are few", () => {
    const text = draw(recordingOf("0 start a #1\n0 start b #2\n1 #1 end result\n1 #2 end result"));
    assert.match(lanesOf(text), /a #1 +b #2$/);
  });

  it("draws the one in which most happened when they are many, and says so", () => {
    const other = { id: 9, name: "handle", ownerId: undefined, labels: ["req-c"] };
    const events = [{ kind: "start", atUs: 9000, id: 9 }] as const;
    const text = draw({
      ...requests,
      works: [...requests.works, other],
      events: [...requests.events, ...events],
    });
    assert.match(lanesOf(text), /handle #2 req-b +query #3 req-b$/);
    assert.match(text, /the one of 4 requests in which most happened/);
  });

  it("takes what has no label for no request where others have one, and names it", () => {
    const text = draw(requests);
    assert.doesNotMatch(lanesOf(text), /tick/);
    assert.match(text, /not drawn, as it looks like no request: tick #5$/m);
  });

  it("takes what does not end for no request where there are many and others do", () => {
    const ticks = Array.from({ length: 9 }, (_, at) => `${at} #1 wait sleep\n${at} #1 wake\n${at} #1 step`);
    const works = [2, 3, 4].map((id) => `${id} start handle #${id}\n${id} #${id} end result`);
    const text = draw(recordingOf(`0 start tick #1\n${[...ticks, ...works].join("\n")}`));
    assert.match(lanesOf(text), /handle #2, #3|handle x3/);
    assert.doesNotMatch(lanesOf(text), /tick/);
  });

  it("says that one may be missing as the recording has lost its beginning, or its end", () => {
    const text = "0 start a #1\n2500 #1 end result";
    assert.throws(() => draw(recordingOf(text, { cutOff: true }), { request: "r-9" }), {
      message:
        /it is not in the recording, which was cut off 2\.5 s after it began \(did the request come later\?\), one/,
    });
    assert.throws(() => draw(recordingOf(text, { dropped: 7 }), { request: "r-9" }), {
      message: /which has lost its 7 oldest events \(did the request come earlier\?\), one/,
    });
  });

  it("finds a request by its label, from the outermost coroutine that has it", () => {
    assert.match(lanesOf(draw(requests, { request: "req-b" })), /handle #2 req-b +query #3 req-b$/);
  });

  it("finds a coroutine by name and id, by #id and by id, inner ones too", () => {
    for (const request of ["query #3", "#3", "3"]) {
      assert.match(lanesOf(draw(requests, { request })), /time +query #3 req-b$/);
    }
  });

  it("draws all that one label is on while they are few", () => {
    assert.match(lanesOf(draw(requests, { request: "req-a" })), /time +handle #1, #4$/);
  });

  it("lists what could be meant when nothing matches", () => {
    assert.throws(() => draw(requests, { request: "req-x" }), {
      name: "RangeError",
      message:
        'Cannot draw the request "req-x": it is not in the recording, one of these is wanted:\n' +
        "  handle #1 (req-a)\n  handle #2 (req-b)\n  handle #4 (req-a)\n  tick #5",
    });
    assert.throws(() => draw(recordingOf(""), { request: "7" }), {
      message:
        'Cannot draw the request "7": it is not in the recording, a recording with a coroutine is wanted',
    });
  });

  it("lists what matches when that is too much", () => {
    const starts = Array.from({ length: 30 }, (_, index) => `${index} start job #${index + 1} [nightly]`);
    assert.throws(() => draw(recordingOf(starts.join("\n")), { request: "nightly" }), {
      name: "RangeError",
      message:
        /^Cannot draw the request "nightly": 30 coroutines match it, one of these is wanted:\n {2}job #1 \(nightly\)\n[\s\S]*\n {2}and 10 more$/,
    });
  });

  it("refuses columns and formats that are none", () => {
    for (const columns of [39, 1_001, 80.5, Number.NaN]) {
      assert.throws(() => draw(requests, { columns }), {
        name: "RangeError",
        message: `Cannot draw: columns is ${columns}, a whole number from 40 to 1,000 is wanted`,
      });
    }
    assert.throws(() => draw(requests, { format: "png" as "svg" }), {
      name: "RangeError",
      message: 'Cannot draw: the format is "png", "text", "ascii", "mermaid" or "svg" is wanted',
    });
  });

  it("has the columns it is given as its limit, and no character that a terminal acts on", () => {
    fc.assert(
      fc.property(anyRecording, fc.integer({ min: 40, max: 200 }), (recording, columns) => {
        for (const line of draw(recording, { columns }).trimEnd().split("\n")) {
          assert.ok(columnsOf(line) <= columns, `${columnsOf(line)} columns: ${line}`);
          assert.doesNotMatch(line, /[\p{Cc}\p{Cs}\u2028\u202e]/u);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("has nothing but ASCII when that is asked for", () => {
    fc.assert(
      fc.property(anyRecording, (recording) => {
        assert.match(draw(recording, { format: "ascii" }), /^[\x20-\x7e\n]*$/);
      }),
      { numRuns: 200 },
    );
  });

  it("draws a long recording in rows that are counted, not shown", () => {
    const notes = Array.from(
      { length: 5_000 },
      (_, at) => `${at} #1 note ${"abcdefghijklm"[(at * at * at) % 13]}`,
    );
    const lines = draw(recordingOf(`0 start worker #1\n${notes.join("\n")}\n5000 #1 end result`)).split("\n");
    assert.ok(lines.length < 1_100, `${lines.length} lines`);
    assert.ok(lines.some((line) => /… .*\d+ rows are left out$/.test(line)));
  });
});
