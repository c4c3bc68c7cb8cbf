import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { type Recording, RecordingError, readRecording, writeRecording } from "../../src/trace/index.ts";
import { anyRecording, recordingOf } from "./recordings.ts";

const folder = mkdtempSync(join(tmpdir(), "gyre-recordings-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "run.gyre");

const small = recordingOf(
  [
    { id: 1, name: "main" },
    { id: 2, name: "child", ownerId: 1, labels: ["r-7", "slow"] },
  ],
  [
    { kind: "start", atUs: 0, id: 1 },
    { kind: "start", atUs: 0.125, id: 2 },
    { kind: "wait", atUs: 1, id: 2, on: "sleep 5 ms", line: { file: "/app/a.ts", line: 3, column: 9 } },
    { kind: "wait", atUs: 2, id: 1, on: 2 },
    { kind: "wake", atUs: 5000, id: 2, by: undefined },
    { kind: "step", atUs: 5001, id: 2 },
    { kind: "note", atUs: 5001, id: 2, text: "> hello" },
    { kind: "wait", atUs: 5001, id: 2, on: "a lock", held: { name: "lock 2", by: 1 } },
    {
      kind: "wait",
      atUs: 5001,
      id: 2,
      on: "lock a",
      line: { file: "/app/a.ts", line: 4, column: 9 },
      held: { name: "lock a", by: 1 },
    },
    { kind: "end", atUs: 5002, id: 2, how: "error", orphans: [1] },
    { kind: "wake", atUs: 5002, id: 1, by: 2 },
    { kind: "note", atUs: 5003, id: undefined, text: "outside" },
  ],
  { dropped: 17 },
);

function reread(recording: Recording): Recording {
  writeRecording(path, recording);
  return readRecording(path);
}

/** Write `text` as a file, and give the error of reading it. */
function errorOf(text: string): RecordingError {
  writeFileSync(path, text);
  try {
    readRecording(path);
  } catch (error) {
    assert.ok(error instanceof RecordingError);
    assert.equal(error.code, "GYRE_BAD_RECORDING");
    return error;
  }
  return assert.fail("it was read");
}

describe("writeRecording() and readRecording()", () => {
  it("give back what was recorded", () => {
    assert.deepEqual(reread(small), small);
  });

  it("give back any recording", () => {
    fc.assert(
      fc.property(anyRecording({ lossy: true }), (any) => assert.deepEqual(reread(any), any)),
      {
        numRuns: 200,
      },
    );
  });

  it("leave names with markup, control characters and 10 kB as they are", () => {
    const texts = [
      "<script>alert(1)</script>",
      "\u0000\u0007\u001b[2J\r\n\u2028",
      "x".repeat(10_000),
      "",
      "\ud800",
    ];
    const works = texts.map((name, at) => ({ id: at + 1, name, labels: [name] }));
    const events = texts.flatMap((text, at) => [
      { kind: "wait", atUs: 1, id: at + 1, on: text, line: { file: text, line: 1, column: 1 } } as const,
      { kind: "note", atUs: 2, id: at + 1, text } as const,
    ]);
    const odd = recordingOf(works, events);
    assert.deepEqual(reread(odd), odd);
  });

  it("write one line for each event, and each text once", () => {
    const waits = [1, 2, 3].map((atUs) => ({ kind: "wait", atUs, id: 1, on: "a promise" }) as const);
    writeRecording(path, recordingOf([{ id: 1 }], waits));
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    // The header, one coroutine, one text, three events, the end.
    assert.equal(lines.length, 7);
    assert.equal(readFileSync(path, "utf8").split("a promise").length, 2);
  });

  it("say of a recording that was cut off in a line that it was, and give what is there", () => {
    writeRecording(path, small);
    const lines = readFileSync(path, "utf8").split("\n");
    const last = lines.slice(0, -3).join("\n").length;
    truncateSync(path, last - 4);
    const read = readRecording(path);
    assert.equal(read.cutOff, true);
    assert.equal(read.dropped, 0);
    assert.deepEqual(read.works, small.works);
    assert.deepEqual(read.events, small.events.slice(0, read.events.length));
    assert.equal(read.events.length, small.events.length - 2);
  });

  it("read what is left of a recording that was cut off anywhere behind its first line", () => {
    writeRecording(path, small);
    const whole = readFileSync(path);
    const firstLine = whole.indexOf("\n") + 1;
    for (let bytes = firstLine; bytes < whole.length - 1; bytes++) {
      writeFileSync(path, whole.subarray(0, bytes));
      const read = readRecording(path);
      assert.equal(read.cutOff, true, `${bytes} bytes`);
      assert.deepEqual(read.events, small.events.slice(0, read.events.length));
    }
  });

  it("keep until when was recorded", () => {
    assert.equal(reread({ ...small, endUs: 20e6 }).endUs, 20e6);
  });

  it("take the last event for the end where that is not said", () => {
    writeRecording(path, { ...small, endUs: 20e6 });
    const text = readFileSync(path, "utf8");
    const lastUs = small.events.at(-1)?.atUs;
    writeFileSync(path, text.replace(/,"atUs":20000000\}/, "}"));
    assert.equal(readRecording(path).endUs, lastUs);
    writeFileSync(path, text.slice(0, text.lastIndexOf('{"end"')));
    assert.deepEqual([readRecording(path).endUs, readRecording(path).cutOff], [lastUs, true]);
  });

  it("keep that it was cut off", () => {
    assert.equal(reread({ ...small, cutOff: true }).cutOff, true);
  });

  it("give a coroutine to events whose own is not listed", () => {
    const events = [{ kind: "wake", atUs: 0, id: 3, by: 9 } as const];
    const read = reread(recordingOf([], events));
    assert.deepEqual(
      read.works.map(({ id, name }) => [id, name]),
      [
        [3, "unknown"],
        [9, "unknown"],
      ],
    );
  });
});

describe("readRecording()", () => {
  const header = `${JSON.stringify({ gyre: "recording", version: 1, program: small.program })}\n`;

  it("says that the file is not there", () => {
    const missing = join(folder, "none.gyre");
    assert.throws(() => readRecording(missing), {
      name: "RecordingError",
      message: `Cannot read the recording ${missing}: there is no such file`,
    });
  });

  it("says why the system cannot read it", () => {
    assert.throws(() => readRecording(folder), {
      name: "RecordingError",
      message: /: it is a folder, a file is wanted$/,
    });
  });

  it("says that the file is empty", () => {
    assert.match(errorOf("").message, /run\.gyre: it is empty/);
  });

  it("says that the file is none of ours", () => {
    const others = ["hello\n", "{}\n", "[1,2]\n", "null\n", '{"traceEvents":[]}', header.slice(0, -10), "\n"];
    for (const text of others)
      assert.match(errorOf(text).message, /it is none, a file that gyre's recorder saved/);
  });

  it("says that a newer gyre made it", () => {
    const { message } = errorOf('{"gyre":"recording","version":7,"program":{}}\n["what",1]\n');
    assert.match(message, /made by a newer gyre, version 7, this one reads up to 1$/);
  });

  it("names a broken line in the midst by its number", () => {
    const broken = errorOf(`${header}["work",1,"a",null]\n[0,1,\n[4,2,1]\n`);
    assert.match(broken.message, /line 3 is broken, it is no JSON/);
    assert.equal(broken.line, 3);
  });

  it("names a line that says nothing it knows", () => {
    const lines = [
      "[99,1,1]",
      '[0,"1",1]',
      "[0,1,0]",
      "[0,1,1.5]",
      "[1,1,1]",
      "[2,1,1,0]",
      "[5,1,1,3]",
      "[6,1,1,7]",
      "[1,1,1,1,0]",
      '["work",0,"a",null]',
      '["work",1,2,null]',
      '["work",1,"a","b"]',
      '["text",-1,"a"]',
      "{}",
      "7",
      "null",
      '{"end":{"events":1,"dropped":0}}',
    ];
    for (const line of lines) {
      const broken = errorOf(`${header}${line}\n[4,2,1]\n`);
      assert.equal(broken.line, 2, line);
      assert.match(broken.message, /line 2 is broken, /);
    }
  });

  it("names a line behind the end", () => {
    assert.equal(errorOf(`${header}{"end":{"events":0,"dropped":0}}\n[4,2,1]\n`).line, 3);
  });

  it("names a header that does not say what was recorded", () => {
    assert.equal(errorOf('{"gyre":"recording","version":1,"program":{"name":"a"}}\n').line, 1);
    assert.equal(errorOf('{"gyre":"recording","version":0,"program":{}}\n').line, 1);
  });

  it("reads texts whose characters are in two pieces of the file", () => {
    const texts = Array.from({ length: 3000 }, (_, at) => "é名😀".repeat(at % 50));
    const notes = texts.map((text, atUs) => ({ kind: "note", atUs, id: undefined, text }) as const);
    const long = recordingOf([], notes);
    assert.deepEqual(reread(long), long);
  });
});
