/** Files that a command is to write: looked at before there is anything to write. */
import { accessSync, constants, statSync, writeFileSync } from "node:fs";
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

/** @throws {Error} with a sentence, when it cannot be written */
export function writeText(path: string, text: string, action: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw cannot(path, action, error);
  }
}

function cannot(path: string, action: string, error: unknown): Error {
  return new Error(`Cannot ${action} ${path}: ${fileProblem(error, "write")}`, { cause: error });
}
