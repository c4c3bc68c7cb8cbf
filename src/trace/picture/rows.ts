/**
 * From events to rows: each event is a message, a part of one, or no more than
 * a change of what a lane does.
 *
 * The hard part is that one message is several events. A return is the `end` of
 * the child and the `wake` of who waits, in either order; a request is a note
 * and the `wait` behind it; an answer a `wake` and the note behind that. So a
 * row stays open to be completed, and its lanes' states are those just before
 * the next row.
 */
import type { Location } from "../../gen/index.ts";
import type { End, EndEvent, NoteEvent, TraceEvent, WaitEvent, WakeEvent } from "../recording.ts";
import type { Actor, ActorState, Cast, Wait } from "./actor.ts";
import type { LaneState, Row, RowKind } from "./model.ts";

interface DraftRow {
  kind: RowKind;
  atUs: number;
  from: number | undefined;
  to: number | undefined;
  text: string;
  how: End | undefined;
  line: Location | undefined;
  states: readonly LaneState[];
  waits: readonly (Wait | undefined)[];
}

/** Where one coroutine is, and what is still open of its messages. */
interface Life {
  state: ActorState;
  /** What it waits for, until it is woken. */
  wait?: Wait | undefined;
  /** The coroutines it waits for, until its next step. */
  awaited: readonly number[];
  /** Its request to the world in this step: the line where it waits for it is to come. */
  request?: DraftRow | undefined;
  /** The world's answer that woke it: what it says may come. */
  answer?: DraftRow | undefined;
  /** What it said of its result. */
  result?: string;
  /** The row of its end. */
  end?: DraftRow;
  /** Where somebody waited for its end, told before the end. */
  endLine?: Location | undefined;
}

/** A share of the whole time in which nobody sees a difference. */
const SOON = 0.01;

/** All rows of a drawing, in order; and whether any goes to or comes from the world, the lane behind the last. */
export function rowsOf(cast: Cast, originUs: number): { rows: Row[]; hasWorld: boolean } {
  const maker = new RowMaker(cast);
  for (const event of cast.events) maker.read(event);
  const rows = maker.finish(cast.endUs);
  const soonUs = ((rows.at(-1)?.atUs ?? originUs) - originUs) * SOON;
  // That a root begins needs no row of its own where its first message tells it at once.
  const told = rows.filter((row, index) => {
    const next = rows[index + 1];
    if (row.kind !== "begin" || next === undefined || next.from !== row.from || next.to === undefined)
      return true;
    return next.atUs - row.atUs > soonUs;
  });
  return { rows: told, hasWorld: maker.hasWorld };
}

class RowMaker {
  hasWorld = false;
  readonly #cast: Cast;
  readonly #world: number;
  readonly #rows: DraftRow[] = [];
  /** Who stands in each lane now. */
  readonly #standing: (Actor | undefined)[];
  readonly #over = new Set<Actor>();
  readonly #lives = new Map<Actor, Life>();
  /** Who waits for the coroutine of an id; from their wait to their next step. */
  readonly #waiters = new Map<number, Actor[]>();
  #atUs = 0;

  constructor(cast: Cast) {
    this.#cast = cast;
    this.#world = cast.lanes.length;
    this.#standing = cast.lanes.map((members) => members.find((actor) => actor.atFirst !== "none"));
  }

  read(event: TraceEvent): void {
    this.#atUs = event.atUs;
    const actor = event.id === undefined ? undefined : this.#cast.actors.get(event.id);
    if (actor === undefined) {
      if (event.kind === "note") this.#add("note", undefined, undefined, event.text.replace(/^[<=>]\s*/, ""));
      return;
    }
    if (event.kind === "start") this.#start(actor);
    else if (event.kind === "wait") this.#wait(actor, event);
    else if (event.kind === "wake") this.#wake(actor, event);
    else if (event.kind === "step") this.#step(actor);
    else if (event.kind === "end") this.#end(actor, event);
    else this.#note(actor, event);
  }

  /** The rows, with a last one for those that are not over when the recording ends. */
  finish(endUs: number): DraftRow[] {
    this.#atUs = endUs;
    const isAlive = this.#standing.some((actor) => actor !== undefined && !this.#over.has(actor));
    if (isAlive) this.#add("more", undefined, undefined, "not over");
    const last = this.#rows.at(-1);
    if (last !== undefined) last.states = this.#states();
    return this.#rows;
  }

  #start(actor: Actor): void {
    const { owner } = actor;
    const isCalled = owner !== undefined && this.#lifeOf(owner).state !== "none";
    if (actor.folded === 1) {
      // What it says first of all stands in the same row.
      if (isCalled)
        this.#lifeOf(actor).request = this.#add(
          "request",
          actor.lane,
          this.#world,
          this.#cast.nameOf(actor.work.id),
        );
    } else if (actor.folded === 0) {
      if (isCalled) this.#add("call", owner.lane, actor.lane, "call");
      else this.#add("begin", actor.lane, undefined, "");
      this.#standing[actor.lane] = actor;
    }
    this.#lifeOf(actor).state = "running";
  }

  #wait(actor: Actor, event: WaitEvent): void {
    const wait = this.#cast.waits.waits.get(event) as Wait;
    const life = this.#lifeOf(actor);
    for (const id of wait.ids) {
      const waiters = this.#waiters.get(id);
      if (waiters === undefined) this.#waiters.set(id, [actor]);
      else waiters.push(actor);
    }
    if (actor.folded === 0 && wait.words === undefined) {
      if (wait.isNoted && life.request !== undefined) life.request.line = wait.line;
      else this.#add("request", actor.lane, this.#world, requestText(String(wait.on))).line = wait.line;
    }
    life.request = undefined;
    life.answer = undefined;
    life.wait = wait;
    life.awaited = wait.ids;
    life.state = "waiting";
  }

  #wake(actor: Actor, event: WakeEvent): void {
    const life = this.#lifeOf(actor);
    const { wait } = life;
    life.wait = undefined;
    const ended = this.#endedFor(actor, wait, event);
    if (ended !== undefined) {
      if (this.#receiverOf(ended) === actor || this.#lifeOf(ended).end?.to === actor.lane) {
        this.#lineOfEnd(ended, wait?.line);
        return;
      }
    }
    if (actor.folded > 0) return;
    const isCancel = this.#cast.waits.cancels.has(event) && ended === undefined;
    const by = event.by === undefined ? undefined : this.#cast.actors.get(event.by);
    if (event.by === undefined) {
      const answer = this.#add("answer", this.#world, actor.lane, isCancel ? "cancel" : "");
      if (wait?.words !== undefined) answer.line = wait.line;
      if (!isCancel) life.answer = answer;
    } else if (by === undefined) {
      const text = `${isCancel ? "cancel " : ""}by ${this.#cast.nameOf(event.by)}`;
      this.#add("answer", this.#world, actor.lane, text).line = wait?.line;
    } else {
      // What its end set off comes from who took its result.
      const from = this.#lifeOf(by).end?.to ?? by.lane;
      if (from === actor.lane) return;
      const what = ended === undefined && typeof wait?.on === "string" ? wait.on : "";
      const row = this.#add(isCancel ? "cancel" : "wake", from, actor.lane, isCancel ? "cancel" : what);
      if (!isCancel) row.line = wait?.line;
    }
  }

  /** Whose end it is that wakes `actor`, if it is that. */
  #endedFor(actor: Actor, wait: Wait | undefined, event: WakeEvent): Actor | undefined {
    const by = event.by === undefined ? undefined : this.#cast.actors.get(event.by);
    const isLast = this.#cast.waits.byLastStep.has(event);
    if (by !== undefined && isLast) {
      if (wait === undefined || wait.ids.includes(by.work.id)) return by;
      // What one of them did before its end is something else.
      if (this.#over.has(by) && by.owner === actor && isOfMany(wait)) return by;
    }
    for (const id of wait?.ids ?? []) {
      const awaited = this.#cast.actors.get(id);
      if (awaited !== undefined && this.#over.has(awaited)) return awaited;
    }
    return undefined;
  }

  #lineOfEnd(ended: Actor, line: Location | undefined): void {
    const { end } = this.#lifeOf(ended);
    if (end === undefined) this.#lifeOf(ended).endLine = line;
    else end.line ??= line;
  }

  /** Who takes the result of `actor`: its owner, if that waits for it; or else who does. */
  #receiverOf(actor: Actor): Actor | undefined {
    const waiters = this.#waiters.get(actor.work.id)?.filter((waiter) => !this.#over.has(waiter)) ?? [];
    const { owner } = actor;
    if (owner !== undefined && (waiters.includes(owner) || this.#mayWaitFor(owner))) return owner;
    return waiters[0];
  }

  /** Does it wait for something that could be one of its children? */
  #mayWaitFor(owner: Actor): boolean {
    const { state, wait } = this.#lifeOf(owner);
    return state === "waiting" && (wait === undefined || isOfMany(wait));
  }

  #step(actor: Actor): void {
    this.#lifeOf(actor).state = "running";
    this.#leaveWaits(actor);
  }

  #leaveWaits(actor: Actor): void {
    const life = this.#lifeOf(actor);
    for (const id of life.awaited) {
      const waiters = this.#waiters.get(id)?.filter((waiter) => waiter !== actor) ?? [];
      if (waiters.length === 0) this.#waiters.delete(id);
      else this.#waiters.set(id, waiters);
    }
    life.awaited = [];
    life.wait = undefined;
  }

  #end(actor: Actor, event: EndEvent): void {
    const life = this.#lifeOf(actor);
    const receiver = this.#receiverOf(actor);
    const isHeard = receiver !== undefined && receiver.lane !== actor.lane;
    const said = life.result ?? (event.how === "error" ? "error" : event.how === "cancel" ? "cancelled" : "");
    const isOrphan = actor.owner !== undefined && this.#over.has(actor.owner) && !isHeard;
    const orphaned = isOrphan ? ", its owner has ended" : "";
    let row: DraftRow | undefined;
    if (actor.folded === 0 && isHeard) row = this.#add("return", actor.lane, receiver.lane, said);
    else if (actor.folded === 0) row = this.#add("end", actor.lane, undefined, (said || "done") + orphaned);
    else if (actor.folded === 1) row = this.#foldedEnd(actor, said);
    if (row !== undefined) {
      row.how = event.how;
      row.line ??= life.endLine;
      life.end = row;
    }
    life.state = "none";
    this.#over.add(actor);
    this.#leaveWaits(actor);
  }

  #foldedEnd(actor: Actor, said: string): DraftRow {
    const name = this.#cast.nameOf(actor.work.id);
    const { owner } = actor;
    if (owner !== undefined && !this.#over.has(owner)) {
      return this.#add("answer", this.#world, actor.lane, said === "" ? name : `${name}: ${said}`);
    }
    return this.#add("note", undefined, undefined, `${name}: ${said || "done"}, its owner has ended`);
  }

  #note(actor: Actor, event: NoteEvent): void {
    const life = this.#lifeOf(actor);
    const sign = /^[<=>]/.exec(event.text)?.[0];
    const text = (sign === undefined ? event.text : event.text.slice(1)).trim();
    if (sign === "=") {
      life.result = text;
    } else if (actor.folded > 0) {
      this.#foldedNote(actor, life, sign, text);
    } else if (sign === ">") {
      life.request = this.#add("request", actor.lane, this.#world, text);
    } else if (sign === "<") {
      if (life.answer === undefined) this.#add("answer", this.#world, actor.lane, text);
      else life.answer.text = text;
      life.answer = undefined;
    } else {
      this.#add("note", actor.lane, undefined, text);
    }
  }

  /** At the fold, with the name of who says it. */
  #foldedNote(actor: Actor, life: Life, sign: string | undefined, text: string): void {
    const said = `${this.#cast.nameOf(actor.work.id)}: ${text}`;
    if (sign === undefined) this.#add("note", actor.lane, undefined, `${actor.work.name}: ${text}`);
    else if (sign === "<") this.#add("answer", this.#world, actor.lane, said);
    else if (life.request === undefined) this.#add("request", actor.lane, this.#world, said);
    else life.request.text = said;
    life.request = undefined;
  }

  #lifeOf(actor: Actor): Life {
    let life = this.#lives.get(actor);
    if (life === undefined) {
      life = { state: actor.atFirst, awaited: [] };
      this.#lives.set(actor, life);
    }
    return life;
  }

  #add(kind: RowKind, from: number | undefined, to: number | undefined, text: string): DraftRow {
    const before = this.#rows.at(-1);
    const states = this.#states();
    const waits = this.#standing.map((actor) => actor && this.#lifeOf(actor).wait);
    if (before !== undefined) before.states = states;
    // One that begins by waiting has no better row to say what for.
    if (before?.kind === "begin") before.waits = waits;
    if (from === this.#world || to === this.#world) this.hasWorld = true;
    const atUs = this.#atUs;
    const row = { kind, atUs, from, to, text, how: undefined, line: undefined, states, waits };
    this.#rows.push(row);
    return row;
  }

  #states(): LaneState[] {
    const states = this.#standing.map((actor): LaneState => (actor ? this.#lifeOf(actor).state : "none"));
    return [...states, "world"];
  }
}

/** Is it for what names but some of those that it is of, or none? Most likely they are the children of who waits. */
function isOfMany(wait: Wait | undefined): boolean {
  return typeof wait?.on === "string" && wait.words !== undefined;
}

/** What is asked of the world: how long to sleep, not how much of it is left. */
function requestText(on: string): string {
  return on.replace(/^(sleep \d+ ms), \d+ ms left$/, "$1");
}
