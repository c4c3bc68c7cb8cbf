/**
 * Raw file descriptors on Node: pipes, sockets, terminals, and what else the system can poll.
 *
 * libuv tells of them in a turn of its own; a poll of the loop gets what was
 * told since it began. What holds while the loop does not poll is not kept here:
 * the system keeps it, and tells it again when the loop polls.
 */
import { closeSync, fstatSync } from "node:fs";
import { type Descriptors, ERROR, type PollEvent, READ, WRITE } from "./poller.ts";
import { UV_DISCONNECT, UV_READABLE, UV_WRITABLE, UvPoll } from "./uv.ts";

/** How often it is looked whether a descriptor was closed while it is watched, in milliseconds. */
const LOOK_MS = 1000;
const NO_EVENTS: readonly PollEvent[] = [];

interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

interface Watch {
  readonly fd: number;
  /** Which file it was, as a number may be given out anew. */
  readonly file: FileIdentity;
  readonly poll: UvPoll;
  wanted: number;
  /** Was it closed while it was watched? */
  isGone: boolean;
}

/**
 * Descriptors watched by `uv_poll_t`, which koffi reaches: nothing is compiled.
 *
 * A descriptor becomes non-blocking when it is watched. ERROR holds when the
 * system says so, asked for or not; asked for also when the other side has shut
 * down its half; and, once a second, for a descriptor that was closed and not removed.
 *
 * Source: Tornado `PollIOLoop`. Differs: the kernel's registration is of a
 * duplicate, as closing a number that libuv watches would abort the process.
 */
export class UvDescriptors implements Descriptors {
  readonly #watches = new Map<number, Watch>();
  /** Not watched until the next poll: told while nobody polled, or stopped by libuv after an error. */
  readonly #resting = new Set<Watch>();
  readonly #happened = new Map<number, number>();
  readonly #wakePoll: () => boolean;
  #looks: NodeJS.Timeout | undefined = undefined;

  /** @param wakePoll - ends the loop's wait, soon; @returns whether there is one */
  constructor(wakePoll: () => boolean) {
    this.#wakePoll = wakePoll;
  }

  get size(): number {
    return this.#watches.size;
  }

  /**
   * @throws what the system says, with its `code`: EBADF for one that is not open, EPERM for a regular file
   * @throws {GyreError} `GYRE_PEER_MISSING` without koffi, `GYRE_NO_DESCRIPTORS` where there are none
   */
  register(fd: number, events: number): void {
    const file = identify(fd);
    const poll = new UvPoll(fd, (status, told) => this.#hear(watch, status, told));
    const watch: Watch = { fd, file, poll, wanted: events, isGone: false };
    this.#watches.set(fd, watch);
    this.#looks ??= setInterval(() => this.#look(), LOOK_MS).unref();
    poll.start(toUv(events));
  }

  /** @throws {Error} `EBADF` when it was closed since */
  modify(fd: number, events: number): void {
    const watch = this.#watches.get(fd) as Watch;
    if (isGone(watch))
      throw systemError(fd, "EBADF", "it was closed while it was watched, an open one is wanted");
    watch.wanted = events;
    this.#resting.delete(watch);
    watch.poll.start(toUv(events));
  }

  unregister(fd: number): void {
    const watch = this.#watches.get(fd);
    if (watch === undefined) return;
    this.#watches.delete(fd);
    this.#resting.delete(watch);
    this.#happened.delete(fd);
    watch.poll.close();
    if (this.#watches.size > 0) return;
    clearInterval(this.#looks);
    this.#looks = undefined;
  }

  closeFd(fd: number): void {
    closeSync(fd);
  }

  /** A poll begins: only what is told from now on counts for it. */
  begin(): void {
    if (this.#watches.size === 0) return;
    this.#happened.clear();
    for (const { poll, wanted } of this.#resting) poll.start(toUv(wanted));
    this.#resting.clear();
  }

  /** What was told since the poll began. */
  take(): readonly PollEvent[] {
    if (this.#happened.size === 0) return NO_EVENTS;
    const events: PollEvent[] = [];
    for (const [fd, told] of this.#happened) {
      // Other events may be wanted by now.
      const mask = told & ((this.#watches.get(fd) as Watch).wanted | ERROR);
      if (mask !== 0) events.push([fd, mask]);
    }
    this.#happened.clear();
    return events;
  }

  /** Watch nothing any more. */
  close(): void {
    for (const fd of [...this.#watches.keys()]) this.unregister(fd);
  }

  #hear(watch: Watch, status: number, told: number): void {
    // libuv has stopped it: while it is in error, each turn would tell so.
    if (status < 0) this.#resting.add(watch);
    this.#note(watch, status < 0 ? ERROR : fromUv(told));
  }

  #note(watch: Watch, mask: number): void {
    if (this.#wakePoll()) {
      this.#happened.set(watch.fd, (this.#happened.get(watch.fd) ?? 0) | mask);
      return;
    }
    // The loop does not poll: libuv would tell it again in each turn, and never wait.
    watch.poll.stop();
    this.#resting.add(watch);
  }

  /** The system tells nothing of a descriptor that was closed, so it is looked at now and then. */
  #look(): void {
    for (const watch of this.#watches.values()) {
      if (!isGone(watch)) continue;
      // The duplicate would keep the file open, and the other side would wait.
      watch.poll.close();
      this.#note(watch, ERROR);
    }
  }
}

/** Which file `fd` is. @throws when it is not open, or cannot be polled for certain */
function identify(fd: number): FileIdentity {
  let file: ReturnType<typeof fstatSync>;
  try {
    file = fstatSync(fd);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw systemError(fd, code, "it is not open, an open one is wanted");
  }
  if (file.isFile() || file.isDirectory()) {
    const kind = file.isFile() ? "regular file" : "directory";
    throw systemError(fd, "EPERM", `it is a ${kind}, a pipe, a socket or a device is wanted`);
  }
  return { dev: file.dev, ino: file.ino };
}

function systemError(fd: number, code: string, text: string): Error {
  return Object.assign(new Error(`Cannot watch descriptor ${fd}: ${text}`), { code });
}

/** Was it closed while it was watched? Then it is so for good, whatever its number becomes. */
function isGone(watch: Watch): boolean {
  if (watch.isGone) return true;
  try {
    const { dev, ino } = fstatSync(watch.fd);
    watch.isGone = dev !== watch.file.dev || ino !== watch.file.ino;
  } catch {
    watch.isGone = true;
  }
  return watch.isGone;
}

function toUv(events: number): number {
  return (
    ((events & READ) === 0 ? 0 : UV_READABLE) |
    ((events & WRITE) === 0 ? 0 : UV_WRITABLE) |
    ((events & ERROR) === 0 ? 0 : UV_DISCONNECT)
  );
}

function fromUv(events: number): number {
  return (
    ((events & UV_READABLE) === 0 ? 0 : READ) |
    ((events & UV_WRITABLE) === 0 ? 0 : WRITE) |
    ((events & UV_DISCONNECT) === 0 ? 0 : ERROR)
  );
}
