/** Real descriptors for tests: made by the C library, through koffi, because Node has no call for most of them. */
import { closeSync, readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import type { TestContext } from "node:test";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SHUT_WR = 1;
const F_SETFL = 4;
const O_NONBLOCK = process.platform === "darwin" ? 0x4 : 0x800;
const IN_CREATE = 0x100;

/** Why there are no descriptors here, for a test's `skip`. */
export const withoutDescriptors: string | false =
  process.platform === "linux" || process.platform === "darwin"
    ? false
    : `raw descriptors are for Linux and macOS, this is ${process.platform}`;

/** Why there are none of those that only Linux has. */
export const withoutLinux: string | false =
  process.platform === "linux" ? false : `only Linux has such descriptors, this is ${process.platform}`;

interface Koffi {
  load(path: null): { func(definition: string): (...args: unknown[]) => number };
  errno(): number;
}

/** Loaded when it is needed: some tests see whether somebody else has. */
function call(definition: string, ...args: unknown[]): number {
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  const result = koffi.load(null).func(definition)(...args);
  if (result < 0) throw new Error(`${definition} fails with errno ${koffi.errno()}`);
  return result;
}

/** What one test has open. All are non-blocking. */
export class SystemFiles {
  readonly #open = new Set<number>();

  /** The reading and the writing end of a pipe. */
  pipe(): [number, number] {
    const ends = new Int32Array(2);
    call("int pipe(_Out_ int *ends)", ends);
    return [this.#keep(ends[0] as number), this.#keep(ends[1] as number)];
  }

  /** Two stream sockets, each the other side of the other. */
  sockets(): [number, number] {
    const ends = new Int32Array(2);
    call(
      "int socketpair(int domain, int type, int protocol, _Out_ int *ends)",
      AF_UNIX,
      SOCK_STREAM,
      0,
      ends,
    );
    return [this.#keep(ends[0] as number), this.#keep(ends[1] as number)];
  }

  /** A counter that is readable while it is not 0. */
  counter(): number {
    return this.#keep(call("int eventfd(unsigned int start, int flags)", 0, 0));
  }

  /** Readable when a file was made in `folder`. */
  folderWatch(folder: string): number {
    const fd = this.#keep(call("int inotify_init1(int flags)", 0));
    call("int inotify_add_watch(int fd, const char *path, uint32_t mask)", fd, folder, IN_CREATE);
    return fd;
  }

  close(fd: number): void {
    this.#open.delete(fd);
    closeSync(fd);
  }

  /** Somebody else has closed these: their numbers may be others' by now. */
  forget(...fds: number[]): void {
    for (const fd of fds) this.#open.delete(fd);
  }

  closeAll(): void {
    for (const fd of this.#open) this.close(fd);
  }

  #keep(fd: number): number {
    this.#open.add(fd);
    call("int fcntl(int fd, int command, ...)", fd, F_SETFL, "int", O_NONBLOCK);
    return fd;
  }
}

/** Files that are closed after `test`. */
export function filesOf(test: Pick<TestContext, "after">): SystemFiles {
  const files = new SystemFiles();
  test.after(() => files.closeAll());
  return files;
}

/** Let the other side of a socket read to its end. */
export function endWriting(fd: number): void {
  call("int shutdown(int fd, int how)", fd, SHUT_WR);
}

/** Read all that is there. @returns how many bytes; "end" at the end of the file */
export function readAll(fd: number): number | "end" {
  const chunk = Buffer.alloc(65_536);
  for (let total = 0; ; ) {
    try {
      const count = readSync(fd, chunk);
      if (count === 0) return "end";
      total += count;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return total;
      throw error;
    }
  }
}

/** Write one byte. */
export function write(fd: number): void {
  writeSync(fd, "x");
}

/** Write until no more goes in. */
export function fill(fd: number): void {
  const chunk = Buffer.alloc(65_536);
  try {
    for (;;) writeSync(fd, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
}
