/**
 * From a recording to the model of a drawing, for one request.
 *
 * One row is one message, never one millisecond; what repeats is one block.
 */
import { circlesAt, inWords } from "../circles.ts";
import type { Recording, Work } from "../recording.ts";
import type { Actor, Cast } from "./actor.ts";
import { castOf } from "./cast.ts";
import { type Choice, choose } from "./choose.ts";
import { insertGaps, leaveOut } from "./gaps.ts";
import type { Sequence } from "./model.ts";
import { mergeRepeats } from "./repeats.ts";
import { rowsOf } from "./rows.ts";
import { summarize } from "./summary.ts";
import { unitFor } from "./time.ts";

/** Circles of waits that are told of. */
const MOST_CIRCLES = 10;

export interface SequenceOptions {
  /** A label, `name #id`, `#id` or an id; default: all requests if they are few, else the one with the most events. */
  readonly request?: string | undefined;
  /** Lanes at most, the world included. Default 8. */
  readonly lanes?: number;
  /** Rows at most; those in the middle are left out. Default 1,000. */
  readonly rows?: number;
}

/**
 * The model of one request.
 *
 * @throws {RangeError} when `request` matches nothing, or too much; it lists what could be meant
 */
export function sequenceOf(recording: Recording, options: SequenceOptions = {}): Sequence {
  const choice = choose(recording, options.request);
  const cast = castOf(recording, choice, (options.lanes ?? 8) - 1);
  const originUs = cast.events[0]?.atUs ?? 0;
  const { rows, hasWorld } = rowsOf(cast, originUs);
  const unit = unitFor((rows.at(-1)?.atUs ?? originUs) - originUs);
  const lanes = cast.lanes.map((members) => ({ title: titleOf(members), isWorld: false }));
  if (hasWorld) lanes.push({ title: "world", isWorld: true });
  const summaries = choice.roots.flatMap((root) => {
    const actor = cast.actors.get(root.id);
    return actor === undefined ? [] : [summarize(cast, actor, unit)];
  });
  const blocks = leaveOut(insertGaps(mergeRepeats(rows), lanes), options.rows ?? 1_000);
  return { unit, originUs, lanes, blocks, summaries, remarks: remarksOf(recording, choice, cast) };
}

/** `fetch #3`; `fetch #3, #5` or `fetch x37` where several share a lane; with the labels of a lone one. */
function titleOf(members: readonly Actor[]): string {
  const [first] = members;
  if (first === undefined) return "";
  const { name, labels } = first.work;
  if (members.length > 2) return `${name} x${members.length}`;
  const ids = members.map((member) => `#${member.work.id}`).join(", ");
  return [`${name} ${ids}`, ...(members.length === 1 ? labels : [])].join(" ");
}

/** `name #id` of each, as far as a line goes. */
function listed(works: readonly Work[]): string {
  const shown = works.slice(0, 4).map(({ name, id }) => `${name} #${id}`);
  return shown.join(", ") + (works.length > 4 ? `, and ${works.length - 4} more` : "");
}

function remarksOf(recording: Recording, choice: Choice, cast: Cast): string[] {
  const remarks: string[] = [];
  if (cast.actors.size === 0) remarks.push("no coroutine was recorded");
  if (!choice.isAsked && choice.candidates > choice.roots.length) {
    remarks.push(`the one of ${choice.candidates} requests in which most happened`);
  }
  if (choice.others.length > 0)
    remarks.push(`not drawn, as it looks like no request: ${listed(choice.others)}`);
  if (cast.folded.length > 0) {
    const counts = new Map<string, number>();
    for (const { work } of cast.folded) counts.set(work.name, (counts.get(work.name) ?? 0) + 1);
    const names = [...counts].slice(0, 4).map(([name, count]) => (count === 1 ? name : `${name} x${count}`));
    const more = counts.size > 4 ? `, and ${counts.size - 4} more` : "";
    remarks.push(`folded into the lane that started them: ${names.join(", ")}${more}`);
  }
  const alive = [...cast.actors.values()].flatMap(({ how, work }) => (how === undefined ? [work] : []));
  if (alive.length > 0) remarks.push(`not over when the recording ends: ${listed(alive)}`);
  const names = new Map(recording.works.map(({ id, name }) => [id, name]));
  for (const circle of circlesAt(recording).slice(0, MOST_CIRCLES))
    if (circle.some(({ id }) => cast.actors.has(id))) remarks.push(`deadlock: ${inWords(circle, names)}`);
  if (recording.cutOff) remarks.push("the recording is cut off: its file ends early");
  if (recording.dropped > 0) {
    const events = recording.dropped === 1 ? "event was" : "events were";
    remarks.push(
      `${recording.dropped} ${events} lost, as the recorder was full: what is drawn may have holes`,
    );
  }
  return remarks;
}
