/**
 * Where the sockets of visible processes are: PID.sock in a folder that only its user can enter.
 *
 * Source: the XDG base directory specification, where a user's runtime folder is `$XDG_RUNTIME_DIR`.
 */
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The longest path that systems take for a socket, in bytes; macOS takes least. */
const MOST_PATH_BYTES = 103;

/**
 * Folders to look for sockets in, the one for new sockets first.
 *
 * A service is often started without the variable that its user's shell has, so a reader looks in both.
 *
 * @throws {Error} on a system without user ids
 */
export function socketFolders(): string[] {
  const uid = process.getuid?.();
  if (uid === undefined)
    throw new Error(`Cannot name a socket: ${process.platform} has no user ids, a UNIX system is wanted`);
  const own = join(tmpdir(), `gyre-${uid}`);
  const runtime = process.env.XDG_RUNTIME_DIR;
  return runtime === undefined || runtime === "" ? [own] : [join(runtime, "gyre"), own];
}

/**
 * The path of this process's socket; makes its folder where there is none.
 *
 * @throws {Error} when the folder is not this user's alone, or the path is longer than the system takes
 */
export function ownSocketPath(): string {
  const folder = socketFolders()[0] as string;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Anybody may make a folder in the system's temporary one, under a name that is ours.
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(
      `Cannot open a socket in ${folder}: it is another user's, a folder of this user is wanted`,
    );
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
  const path = join(folder, `${process.pid}.sock`);
  if (Buffer.byteLength(path) > MOST_PATH_BYTES)
    throw new Error(
      `Cannot open the socket ${path}: its path has ${Buffer.byteLength(path)} bytes, ${MOST_PATH_BYTES} at most are wanted (set XDG_RUNTIME_DIR)`,
    );
  return path;
}

/** The paths at which a process's socket may be. */
export function socketPathsOf(pid: number): string[] {
  return socketFolders().map((folder) => join(folder, `${pid}.sock`));
}

/** The process whose socket has this file name; `undefined` for any other name. */
export function pidOf(name: string): number | undefined {
  const digits = /^([1-9]\d*)\.sock$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
