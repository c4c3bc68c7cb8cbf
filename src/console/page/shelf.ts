/** The recordings that readers have opened, a few at a time. */
import type { Recording } from "../../trace/index.ts";
import type { RecordingInfo } from "./wire.ts";

/** Each may have hundreds of megabytes as objects; the oldest makes room. */
const MOST = 4;

/** A recording, and what there is to say of it. */
export interface Held {
  readonly info: RecordingInfo;
  readonly recording: Recording;
}

export function infoOf(id: string, name: string, recording: Recording): RecordingInfo {
  const { program, works, events, dropped, endUs, cutOff } = recording;
  return {
    id,
    name,
    program,
    durationUs: endUs,
    events: events.length,
    coroutines: works.length,
    dropped,
    cutOff,
  };
}

export class Shelf {
  readonly #held = new Map<string, Held>();
  #count = 0;

  /** Keep `recording`. @returns what there is to say of it, with its new id */
  add(name: string, recording: Recording): RecordingInfo {
    const info = infoOf(`r${++this.#count}`, name, recording);
    this.#held.set(info.id, { info, recording });
    const [oldest] = this.#held.keys();
    if (this.#held.size > MOST && oldest !== undefined) this.#held.delete(oldest);
    return info;
  }

  get(id: string): Held | undefined {
    return this.#held.get(id);
  }

  list(): RecordingInfo[] {
    return [...this.#held.values()].map(({ info }) => info);
  }
}
