/** What coroutines do, on `node:diagnostics_channel`: where monitoring tools listen. */
import { channel } from "node:diagnostics_channel";
import { CANCELLED, RESOLVED } from "../future/index.ts";
import { Coroutine } from "../gen/index.ts";
import type { Watched } from "../loop/index.ts";
import type { End } from "./recording.ts";
import { inWords } from "./waits.ts";
import { type Watcher, watch } from "./watchers.ts";

/** A coroutine in a message. */
export interface ChannelWork {
  readonly id: number;
  readonly name: string;
}

/** The messages of each channel. */
export interface CoroutineMessages {
  readonly "gyre:coroutine:start": ChannelWork & { readonly owner: ChannelWork | undefined };
  /** `on`: the id of the coroutine that it waits for, else what it waits for in words. */
  readonly "gyre:coroutine:suspend": ChannelWork & { readonly on: number | string };
  /** `by`: whose step did it; `undefined` when it was a timer, a promise, I/O. */
  readonly "gyre:coroutine:wake": ChannelWork & { readonly by: ChannelWork | undefined };
  readonly "gyre:coroutine:resume": ChannelWork;
  readonly "gyre:coroutine:end": ChannelWork & { readonly how: End };
}

const starts = channel("gyre:coroutine:start");
const suspends = channel("gyre:coroutine:suspend");
const wakes = channel("gyre:coroutine:wake");
const resumes = channel("gyre:coroutine:resume");
const ends = channel("gyre:coroutine:end");

const publisher: Watcher = {
  started(work, owner) {
    if (starts.hasSubscribers) starts.publish({ ...infoOf(work), owner: owner && infoOf(owner) });
  },
  suspended(work, source) {
    if (!suspends.hasSubscribers) return;
    suspends.publish({ ...infoOf(work), on: source instanceof Coroutine ? source.id : inWords(source) });
  },
  woken(work, by) {
    if (wakes.hasSubscribers) wakes.publish({ ...infoOf(work), by: by && infoOf(by) });
  },
  resumed(work) {
    if (resumes.hasSubscribers) resumes.publish(infoOf(work));
  },
  ended(work, state) {
    if (!ends.hasSubscribers) return;
    const how: End = state === RESOLVED ? "result" : state === CANCELLED ? "cancel" : "error";
    ends.publish({ ...infoOf(work), how });
  },
};

let users = 0;
let unwatch: (() => void) | undefined;

/**
 * Publish what coroutines do, from now on, on the channels `gyre:coroutine:start`, `:suspend`, `:wake`, `:resume` and
 * `:end` of `node:diagnostics_channel`. Before this is called they cost nothing; afterwards, a look whether
 * somebody has subscribed.
 *
 * A subscriber is called in the midst of things: it must be quick, and start and settle nothing. The messages are
 * those of `CoroutineMessages`.
 *
 * @returns what ends it; twice is harmless
 */
export function publishEvents(): () => void {
  if (users++ === 0) unwatch = watch(publisher);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (--users === 0) unwatch?.();
  };
}

function infoOf({ id, name }: Watched): ChannelWork {
  return { id, name };
}
