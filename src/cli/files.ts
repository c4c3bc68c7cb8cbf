/** Files that a command is to write: looked at before there is anything to write. */
import { accessSync, closeSync, constants, openSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileProblem } from "../base/index.ts";

/**
 * @param action - what was asked for, as in "write the recording"
 * @throws {Error} with a sentence, when the file `path` could not be written
 */
export function checkWritable(path: string, action: string): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    accessSync(found === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw cannot(path, action, error);
  }
}

/**
 * Write `pieces`, one after the other: together they may be longer than a text can be.
 *
 * @throws {Error} with a sentence, when it cannot be written
 */
export function writePieces(path: string, pieces: Iterable<string>, action: string): void {
  try {
    const file = openSync(path, "w");
    try {
      for (const piece of pieces) writeFileSync(file, piece);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw cannot(path, action, error);
  }
}

function cannot(path: string, action: string, error: unknown): Error {
  return new Error(`Cannot ${action} ${path}: ${fileProblem(error, "write")}`, { cause: error });
}
