/** Recordings on disk: one file each, written and read piece by piece. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { fileProblem } from "../base/index.ts";
import { formatRecording, parseRecording, type TextLine } from "./format.ts";
import type { Recording } from "./recording.ts";
import { RecordingError } from "./recording-error.ts";

/** Characters, or bytes, that are in memory at once besides the recording itself. */
const PIECE = 64 * 1024;

/**
 * Write `recording` into the file `path`, which is replaced. Blocks until it is written.
 *
 * @throws {Error} with a sentence when that cannot be done
 */
export function writeRecording(path: string, recording: Recording): void {
  try {
    writeFile(path, recording);
  } catch (error) {
    throw new Error(`Cannot write the recording ${path}: ${fileProblem(error, "write")}`, { cause: error });
  }
}

function writeFile(path: string, recording: Recording): void {
  const file = openSync(path, "w");
  try {
    let piece = "";
    for (const line of formatRecording(recording)) {
      piece += line;
      if (piece.length < PIECE) continue;
      writeSync(file, piece);
      piece = "";
    }
    if (piece !== "") writeSync(file, piece);
  } finally {
    closeSync(file);
  }
}

/**
 * Read the recording in the file `path`. One that was cut off is read up to there, and says so.
 *
 * @throws {RecordingError} `GYRE_BAD_RECORDING` when the file is not there, cannot be read, is no recording, or is broken
 */
export function readRecording(path: string): Recording {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    return parseRecording(linesOf(file, path), path);
  } finally {
    closeSync(file);
  }
}

function* linesOf(file: number, path: string): Generator<TextLine, void, undefined> {
  const bytes = Buffer.alloc(PIECE);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for (;;) {
    let count: number;
    try {
      count = readSync(file, bytes);
    } catch (error) {
      throw unreadable(path, error);
    }
    if (count === 0) break;
    const lines = (rest + decoder.write(bytes.subarray(0, count))).split("\n");
    rest = lines.pop() as string;
    for (const text of lines) yield { text, isWhole: true };
  }
  rest += decoder.end();
  if (rest !== "") yield { text: rest, isWhole: false };
}

function unreadable(path: string, error: unknown): RecordingError {
  return new RecordingError(`Cannot read the recording ${path}: ${fileProblem(error)}`, undefined, {
    cause: error,
  });
}
