/** One run again, this time with everything that is needed to explain it: lines, and a picture. */

import { type Coroutine, formatLocation, waitingLine } from "../../gen/index.ts";
import type { IOLoop, Timeout } from "../../loop/index.ts";
import { currentRecorder, draw, type Recording, record } from "../../trace/index.ts";
import { NEXT, READY } from "../choices.ts";
import { LivelockError } from "../errors.ts";
import type { SearchSettings } from "../options.ts";
import { type Program, type RunEnd, runOnce } from "../run.ts";
import type { Sim } from "../sim.ts";
import { Follow } from "../strategies/follow.ts";
import { sleeperOf, timerInWords } from "../timer-in-words.ts";
import { worksOf } from "../works-of.ts";
import type { Records, Watch } from "../world.ts";
import type { DeviationLine } from "./failure.ts";
import { whoGoesOn } from "./goes-on.ts";
import { Hints } from "./hints.ts";

/** Room for some 30,000 coroutines' steps; of a longer run the last ones are drawn. */
const RECORD_BYTES = 1024 * 1024;

export interface Explained {
  readonly end: RunEnd;
  readonly deviations: readonly DeviationLine[];
  /** Draws it when it is first called, which takes longer than a run; empty where another recorder is on. */
  readonly drawing: () => string;
  /** The first decision that could not be taken. */
  readonly divergedAt: number | undefined;
  /** What could happen there, or at the last decision that was taken. */
  readonly enabled: readonly string[];
  /** What was read, changed by another one, and written back; who goes on in a run that does not end. */
  readonly hints: readonly string[];
}

/**
 * Run the `choices` of `program` again.
 *
 * @param plainAfterwards - from the first that cannot be taken on, take none of the others
 */
export function explain(
  program: Program,
  choices: readonly number[],
  records: Records,
  settings: SearchSettings,
  plainAfterwards = false,
): Explained {
  const strategy = new Follow(choices, plainAfterwards);
  const explanation = new Explanation(records, strategy);
  const end = runOnce(program, strategy, records, settings, (sim) => explanation.begin(sim));
  const drawing = explanation.end(end.baseId);
  const { deviations, divergedAt, enabled } = explanation;
  const hints = explanation.hintsOf(end).map((text) => renumberedText(text, end.baseId));
  return { end, drawing, deviations, divergedAt, enabled, hints };
}

class Explanation {
  readonly deviations: DeviationLine[] = [];
  divergedAt: number | undefined = undefined;
  enabled: readonly string[] = [];
  readonly #hints = new Hints();
  readonly #records: Records;
  readonly #strategy: Follow;
  #recorder: ReturnType<typeof record> | undefined;
  #recording: Recording | undefined;

  constructor(records: Records, strategy: Follow) {
    this.#records = records;
    this.#strategy = strategy;
  }

  begin(sim: Sim): Watch {
    sim._world.listener = this.#hints;
    if (currentRecorder() === undefined) this.#recorder = record({ loop: sim, maxBytes: RECORD_BYTES });
    return (kind, value, labels, world) => {
      const texts = labels();
      if (this.divergedAt === undefined) {
        this.divergedAt = this.#strategy.divergedAt;
        this.enabled = texts;
      }
      if (value === 0) return;
      const inWords = (at: number): string => {
        const text = texts[at] as string;
        const operation = kind === NEXT ? world.operationOf(at) : undefined;
        const node = sim.nodes.find(({ name }) => text === `the next timer of ${name}`);
        const timer = kind === NEXT && operation === undefined ? nextTimer(node?.loop ?? sim) : undefined;
        const which =
          node === undefined || timer === undefined ? "" : `: ${timerInWords(timer, world.baseId)}`;
        const line = lineOf(timer === undefined ? operation?.waiter() : sleeperOf(timer));
        return `${text}${which}${line === undefined ? "" : ` at ${line}`}`;
      };
      this.deviations.push({
        at: this.#records.choices.length,
        chosen: inWords(value),
        instead: inWords(0),
        isOrder: kind === NEXT || kind === READY,
      });
    };
  }

  hintsOf({ failing, sim }: RunEnd): string[] {
    const texts = this.#hints.texts();
    if (failing?.error instanceof LivelockError && this.#recording !== undefined) {
      const works = [sim, ...sim.nodes.map(({ loop }) => loop)].flatMap(worksOf);
      const alive = new Map(works.map((work) => [work.id, work as Coroutine<unknown>]));
      const text = whoGoesOn(this.#recording, (id) => {
        const work = alive.get(id);
        return work && { name: work.name, line: lineOf(work) };
      });
      if (text !== undefined) texts.push(text);
    }
    return texts;
  }

  /** @returns what draws the run */
  end(baseId: number): () => string {
    this.#recorder?.stop();
    const recording = this.#recorder?.recording();
    this.#recording = recording;
    let text: string | undefined;
    return () => {
      text ??= recording === undefined ? "" : drawn(recording, baseId);
      return text;
    };
  }
}

function drawn(recording: Recording, baseId: number): string {
  try {
    return draw(renumbered(recording, baseId), { format: "text" });
  } catch {
    // A run without coroutines cannot be drawn, which is no reason to say nothing.
    return "";
  }
}

/** What `loop` does next by itself, if that is a timer. */
function nextTimer({ _turns: turns }: IOLoop): Timeout | undefined {
  return turns.size > 0 || turns.ready.size > 0 ? undefined : turns.timers.first();
}

/** The line at which a coroutine waits. */
function lineOf(work: Coroutine<unknown> | undefined): string | undefined {
  const generator = work?._generator;
  const line = generator === undefined ? undefined : waitingLine(generator);
  return line === undefined ? undefined : formatLocation(line);
}

/** Coroutines counted from 1, as in the text of the failure. */
function renumbered(recording: Recording, baseId: number): Recording {
  const own = (id: number): number => (id > baseId ? id - baseId : id);
  return {
    ...recording,
    works: recording.works.map((work) => ({
      ...work,
      id: own(work.id),
      ownerId: work.ownerId === undefined ? undefined : own(work.ownerId),
    })),
    events: recording.events.map((event) => {
      if (event.kind === "note") return { ...event, id: event.id === undefined ? undefined : own(event.id) };
      const moved = { ...event, id: own(event.id) };
      if (moved.kind === "wait") {
        return {
          ...moved,
          on: typeof moved.on === "number" ? own(moved.on) : renumberedText(moved.on, baseId),
        };
      }
      if (moved.kind === "wake") return { ...moved, by: moved.by === undefined ? undefined : own(moved.by) };
      return moved;
    }),
  };
}

/** `text` with the numbers of coroutines, such as `#1203`, counted from 1 in this run. */
export function renumberedText(text: string, baseId: number): string {
  return text.replace(/#(\d+)\b/g, (whole, id: string) =>
    Number(id) > baseId ? `#${Number(id) - baseId}` : whole,
  );
}
