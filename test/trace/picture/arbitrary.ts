/** Recordings of nobody's program, with names that would break a drawing if they could. */
import fc from "fast-check";
import type { End, Recording, TraceEvent, Work } from "../../../src/trace/recording.ts";
import { recordingWith } from "./script.ts";

const NASTY = [
  "end",
  "END",
  "a;b",
  "#35;",
  "#",
  "%%{init: {}}%%",
  "%% x",
  "a\nb",
  "\r\u2028",
  "<script>alert(1)</script>",
  "]]>&amp;",
  '"><svg onload=x>',
  "a->>b: c",
  "as",
  "wrap:x",
  "nowrap:",
  ": :",
  "lane0",
  "participant x",
  "style:#1;",
  "classDef a:#b;",
  "@{",
  "note",
  "-x--)",
  "\u001b[31m",
  "\u202e\u200b",
  "\ud800",
  "猫🐈‍⬛",
  "e\u0301\u0301\u0301\u0301\u0301\u0301",
  "",
  " ",
  "ﬂ°°35¶ß",
  "x".repeat(10_000),
  "ー".repeat(200),
];

const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.tuple(fc.constantFrom(...NASTY), fc.constantFrom(...NASTY)).map(([a, b]) => `${a} ${b}`),
);
const sign = fc.constantFrom("", ">", "<", "=", "> ");
const what = fc.oneof(
  fc.constantFrom("sleep 5 ms", "sleep 9 ms, 5 ms left", "a promise", "x #1, y #2 and 3 more"),
  text,
);

interface Step {
  readonly kind: number;
  readonly who: number;
  readonly other: number;
  readonly passedUs: number;
  readonly text: string;
  readonly sign: string;
  readonly what: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(11),
  who: fc.nat(30),
  other: fc.nat(30),
  passedUs: fc.oneof(fc.constant(0), fc.nat(2_000), fc.nat(2_000_000)),
  text,
  sign,
  what,
});

/** Any events at all, most of which no program would make in that order, as where many were lost. */
export const anyRecording: fc.Arbitrary<Recording> = fc
  .tuple(fc.array(step, { maxLength: 80 }), fc.nat(3), fc.boolean())
  .map(([steps, dropped, cutOff]) => {
    const works: Work[] = [];
    const events: TraceEvent[] = [];
    let atUs = 0;
    for (const each of steps) {
      atUs += each.passedUs;
      if (works.length === 0 || each.kind < 2) {
        const owner = each.other % (works.length + 1);
        const labels = each.sign === "" ? [] : [each.text];
        const id = works.length + 1;
        works.push({ id, name: each.text, ownerId: owner === 0 ? undefined : owner, labels });
        if (each.kind < 1 || each.who > 3) events.push({ kind: "start", atUs, id });
      } else {
        events.push(eventOf(each, atUs, works.length));
      }
    }
    return recordingWith(works, events, { dropped, cutOff });
  });

function eventOf(each: Step, atUs: number, count: number): TraceEvent {
  const id = (each.who % count) + 1;
  const other = (each.other % count) + 1;
  const line = { file: `/srv/${each.text}`, line: each.other, column: 1 };
  switch (each.kind) {
    case 2:
    case 3:
      return { kind: "wait", atUs, id, on: each.other % 2 === 0 ? other : each.what, line };
    case 4:
      return { kind: "wait", atUs, id, on: each.what };
    case 5:
      return { kind: "wake", atUs, id, by: undefined };
    case 6:
      return { kind: "wake", atUs, id, by: other };
    case 7:
    case 8:
      return { kind: "step", atUs, id };
    case 9:
      return { kind: "end", atUs, id, how: (["result", "error", "cancel"] as const)[each.other % 3] as End };
    default:
      return { kind: "note", atUs, id: each.other === 0 ? undefined : id, text: each.sign + each.text };
  }
}
