/** Drawings as Mermaid text, read back by Mermaid itself. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import mermaid from "mermaid";
import { draw } from "../../../src/trace/picture/index.ts";
import type { Recording } from "../../../src/trace/recording.ts";
import { anyRecording } from "./arbitrary.ts";
import { recordingOf, recordingWith } from "./script.ts";

/** What Mermaid understood. */
interface Read {
  /** The titles of the lanes. */
  readonly actors: readonly string[];
  /** The texts of messages and notes, and the headings of loops. */
  readonly texts: readonly string[];
}

async function read(text: string): Promise<Read> {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { getActors, getMessages } = db as unknown as {
    getActors(): Map<string, { description: string }>;
    getMessages(): { message: string }[];
  };
  return {
    actors: [...getActors.call(db).values()].map((actor) => decoded(actor.description)),
    texts: getMessages
      .call(db)
      .map(({ message }) => decoded(message))
      .filter((message) => message !== ""),
  };
}

/** Mermaid keeps the numbers of characters in a form of its own until it draws them. */
function decoded(text: string): string {
  return text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));
}

/** How many messages and notes `text` has, by its lines. */
function countLines(text: string): number {
  return text.split("\n").filter((line) => /^ *(?:lane\d+-|Note over|loop )/.test(line)).length;
}

before(async () => {
  // The first diagram of a kind has it loaded.
  await mermaid.parse("sequenceDiagram\n a->>b: c");
});

describe('draw() as "mermaid"', () => {
  it("draws the model's lanes, messages and bars", () => {
    const recording = recordingOf(`
      0.0  start handle #1
      0.0  start fetchUser #2 of #1
      0.2  #2 note > http GET /u/7
      0.2  #2 wait a promise @app.ts:13
      0.2  #1 wait #2 @app.ts:19
      41.0 #2 wake
      41.0 #2 step
      41.2 #2 note = {id:7}
      41.3 #2 end result
      41.3 #1 wake by #2
      41.3 #1 step
      41.9 #1 end result`);
    assert.equal(
      draw(recording, { format: "mermaid" }),
      `sequenceDiagram
  participant lane0 as handle #35;1
  participant lane1 as fetchUser #35;2
  participant lane2 as world
  lane0->>lane1: 0.0 ms#58; call
  activate lane0
  activate lane1
  lane1->>lane2: 0.2 ms#58; http GET /u/7
  deactivate lane0
  deactivate lane1
  lane2-->>lane1: 41.0 ms
  activate lane1
  lane1-->>lane0: 41.3 ms#58; #123;id#58;7#125;
  activate lane0
  deactivate lane1
  Note over lane0: 41.9 ms#58; done
  deactivate lane0
  Note over lane0,lane2: handle #35;1#58; busy 1.1 ms of 41.9#44; 97 #37; waiting on http
`,
    );
  });

  it("is read by Mermaid as it was meant: titles, texts, loops", async () => {
    const turns = [0, 1, 2, 3].map(
      (at) => `${at} #1 note > GET /p;${at}\n${at} #1 wait x\n${at} #1 wake\n${at} #1 step`,
    );
    const text = draw(recordingOf(`0 start end #1 [a;b]\n${turns.join("\n")}\n5 #1 end error`), {
      format: "mermaid",
    });
    assert.deepEqual(await read(text), {
      actors: ["end #1 a;b", "world"],
      texts: [
        "x4, until 3.0 ms",
        "0.0 ms: GET /p;*",
        "0.0 ms",
        "5.0 ms: error",
        "end #1: busy 5.0 ms of 5.0",
      ],
    });
  });

  it("is read by Mermaid whatever the names are, with no message more or less", async () => {
    await fc.assert(
      fc.asyncProperty(anyRecording, async (recording) => {
        const text = draw(recording, { format: "mermaid" });
        const found = await read(text);
        assert.equal(found.texts.length, countLines(text));
        for (const each of [...found.actors, ...found.texts]) assert.doesNotMatch(each, /[\p{Cc}\u2028]/u);
      }),
      { numRuns: 150 },
    );
  });

  it("stays below the size that Mermaid refuses, and says how many rows are left out", async () => {
    const names = "猫;#<>".repeat(10);
    const turns = Array.from(
      { length: 1_000 },
      (_, at) => `${at} #1 note ${"abcdefghijklm"[(at * at * at) % 13]}${names}`,
    );
    const recording: Recording = recordingOf(`0 start worker #1\n${turns.join("\n")}\n1001 #1 end result`);
    const text = draw(recording, { format: "mermaid" });
    assert.ok(text.length <= 50_000, `${text.length} characters`);
    const { texts } = await read(text);
    assert.ok(texts.some((each) => /^\d+ rows are left out$/.test(each)));
  });

  it("draws about 300 rows at most", () => {
    const turns = Array.from(
      { length: 2_000 },
      (_, at) => `${at} #1 note ${"abcdefghijklm"[(at * at * at) % 13]}`,
    );
    const text = draw(recordingOf(`0 start worker #1\n${turns.join("\n")}\n2001 #1 end result`), {
      format: "mermaid",
    });
    const count = countLines(text);
    assert.ok(count > 200 && count <= 310, `${count} lines`);
  });

  it("is a diagram also when nothing was recorded", async () => {
    const text = draw(recordingWith([], []), { format: "mermaid" });
    assert.deepEqual(await read(text), { actors: ["world"], texts: ["no coroutine was recorded"] });
  });
});
