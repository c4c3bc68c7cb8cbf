/**
 * The few functions of libuv and of the C library that raw descriptors need,
 * found in Node's own process through koffi, so that nothing is compiled.
 *
 * Pointers are numbers here: koffi gives an integer as one when it fits, and no
 * user address is above 2 ** 53.
 */
import { getSystemErrorName } from "node:util";
import { isMainThread } from "node:worker_threads";
import { GyreError } from "../base/index.ts";
import { loadPeer } from "./peer.ts";

/** Bits of `uv_poll_event`. */
export const UV_READABLE = 1;
export const UV_WRITABLE = 2;
export const UV_DISCONNECT = 4;

/** Of `uv_handle_type`. */
const UV_POLL = 8;

/** The number of the same command on each system that is supported. */
const F_DUPFD_CLOEXEC: Partial<Record<NodeJS.Platform, number>> = { linux: 1030, android: 1030, darwin: 67 };

/** Called with libuv's status, 0 or a negative error, and a mask of `UV_...` bits. */
export type UvListener = (status: number, events: number) => void;

/** What is used of koffi, alike in its versions 2 and 3. */
interface Koffi {
  load(path: null): {
    func(name: string, result: string, parameters: unknown[]): (...args: unknown[]) => number;
    symbol(name: string, type: string): unknown;
  };
  proto(name: null, result: string, parameters: string[]): unknown;
  pointer(type: unknown): unknown;
  register(callback: (handle: number, status: number, events: number) => void, type: unknown): unknown;
  errno(): number;
}

interface Uv {
  readonly duplicate: (fd: number) => number;
  readonly closeDescriptor: (fd: number) => number;
  readonly allocate: () => number;
  readonly release: (handle: number) => void;
  readonly init: (handle: number, fd: number) => number;
  readonly unref: (handle: number) => void;
  readonly start: (handle: number, events: number) => number;
  readonly stop: (handle: number) => number;
  readonly close: (handle: number) => void;
  readonly errno: () => number;
}

let uv: Uv | undefined;

/** Those that are not closed, by address: libuv's callback knows nothing else. */
const open = new Map<number, UvPoll>();

/**
 * A watch of one descriptor by libuv, on a number of its own for the same open file.
 *
 * libuv aborts the process when a number that it is about to watch was closed
 * meanwhile, and confuses two files when a number is closed and given out anew.
 * Nobody else knows the duplicate, so nobody can close it.
 *
 * It never keeps the process alive.
 */
export class UvPoll {
  readonly #uv: Uv;
  readonly #fd: number;
  readonly #handle: number;
  #closed = false;
  /** @internal */ readonly _listener: UvListener;

  /**
   * @throws {GyreError} `GYRE_NO_DESCRIPTORS` on a system or thread without, `GYRE_PEER_MISSING` without koffi
   * @throws what the system says, with its `code`
   */
  constructor(fd: number, listener: UvListener) {
    uv ??= load();
    this.#uv = uv;
    this._listener = listener;
    this.#fd = uv.duplicate(fd);
    if (this.#fd < 0) throw refusal(fd, -uv.errno());
    this.#handle = uv.allocate();
    const status = uv.init(this.#handle, this.#fd);
    if (status < 0) {
      uv.release(this.#handle);
      uv.closeDescriptor(this.#fd);
      throw refusal(fd, status);
    }
    uv.unref(this.#handle);
    if (open.size === 0) process.on("exit", closeAll);
    open.set(this.#handle, this);
  }

  /** Tell the listener of `events` in each turn of libuv while they hold; of none when 0, or closed. */
  start(events: number): void {
    if (!this.#closed) this.#uv.start(this.#handle, events);
  }

  stop(): void {
    if (!this.#closed) this.#uv.stop(this.#handle);
  }

  /** For good; the listener is not called again. Twice is harmless. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this.#handle);
    if (open.size === 0) process.off("exit", closeAll);
    // libuv forgets the duplicate in this very call, its own memory only in its next turn.
    this.#uv.close(this.#handle);
    this.#uv.closeDescriptor(this.#fd);
  }
}

/** Node still turns libuv while it takes down what is left, koffi and its callbacks among that. */
function closeAll(): void {
  for (const poll of open.values()) poll.close();
}

function refusal(fd: number, status: number): Error {
  const code = getSystemErrorName(status);
  const message = `Cannot watch descriptor ${fd}: the system refuses it with ${code}, one that can be polled is wanted`;
  return Object.assign(new Error(message), { code, errno: status });
}

function load(): Uv {
  const command = F_DUPFD_CLOEXEC[process.platform];
  if (command === undefined) {
    throw new GyreError(
      "GYRE_NO_DESCRIPTORS",
      `Cannot watch a descriptor: the system is ${process.platform}, Linux or macOS is wanted`,
    );
  }
  if (!isMainThread) {
    // A thread that is terminated runs no JavaScript any more, and Node aborts when libuv's handles are left.
    throw new GyreError(
      "GYRE_NO_DESCRIPTORS",
      "Cannot watch a descriptor: this is a worker thread, the main thread is wanted",
    );
  }
  const koffi = loadPeer("koffi", "watch a descriptor") as Koffi;
  const library = koffi.load(null);
  const pointer = "uintptr_t";
  const callbackType = koffi.pointer(koffi.proto(null, "void", [pointer, "int", "int"]));
  const callback = koffi.register((handle, status, events) => {
    open.get(handle)?._listener(status, events);
  }, callbackType);

  const loop = library.func("uv_default_loop", pointer, [])();
  const size = library.func("uv_handle_size", "size_t", ["int"])(UV_POLL);
  const fcntl = library.func("fcntl", "int", ["int", "int", "..."]);
  const calloc = library.func("calloc", pointer, ["size_t", "size_t"]);
  const init = library.func("uv_poll_init", "int", [pointer, pointer, "int"]);
  const start = library.func("uv_poll_start", "int", [pointer, "int", callbackType]);
  const close = library.func("uv_close", "void", [pointer, "void *"]);
  // libuv calls it when it needs the memory no longer: no JavaScript has to run for that.
  const free = library.symbol("free", "void");
  return {
    duplicate: (fd) => fcntl(fd, command, "int", 0),
    closeDescriptor: library.func("close", "int", ["int"]),
    allocate: () => calloc(1, size),
    release: library.func("free", "void", [pointer]),
    init: (handle, fd) => init(loop, handle, fd),
    unref: library.func("uv_unref", "void", [pointer]),
    start: (handle, events) => start(handle, events, callback),
    stop: library.func("uv_poll_stop", "int", [pointer]),
    close: (handle) => {
      close(handle, free);
    },
    errno: () => koffi.errno(),
  };
}
