/**
 * Answers as they are stored, and the `key|filename` lists that stand for files.
 *
 * A text answer is `{optionId: text}`, a choice `{optionId: label, ...}`, an
 * upload `{optionId: "key|filename,key2|filename2"}`. Source: the seed's
 * `total_answer`.
 */
import { fileNameProblem, hasUnseenCharacters, quote } from "./file-name.ts";

/** Question oid -> option id -> answer. A question without an answer has no entry. */
export type TotalAnswer = Record<string, Record<string, string>>;

/** One uploaded file: where it lies, and what its owner called it. */
export interface FileAnswer {
  readonly key: string;
  readonly filename: string;
}

const maxKeyBytes = 400;

/**
 * Read one `key|filename`.
 *
 * @throws {SyntaxError} unless it has exactly one "|", and a key and a file name that can be taken
 */
export function parseFileAnswer(text: string): FileAnswer {
  const [key, filename, ...rest] = text.split("|");
  if (key === undefined || filename === undefined || rest.length > 0) {
    throw new SyntaxError(
      `Cannot read file answer ${quote(text)}: it has ${text.split("|").length - 1} "|", wanted key|filename`,
    );
  }
  checkFileAnswer({ key, filename }, "read");
  return { key, filename };
}

/**
 * Write one `key|filename`; `parseFileAnswer()` reads back the same.
 *
 * @throws {SyntaxError} when the key or the file name cannot be taken
 */
export function formatFileAnswer(file: FileAnswer): string {
  checkFileAnswer(file, "write");
  return `${file.key}|${file.filename}`;
}

/**
 * Read a list `key|filename,key2|filename2`; "" is the list of no files.
 *
 * @throws {SyntaxError} when an entry is empty or cannot be read
 */
export function parseFileAnswers(text: string): FileAnswer[] {
  return text === "" ? [] : text.split(",").map(parseFileAnswer);
}

/**
 * Write a list of files; `parseFileAnswers()` reads back the same.
 *
 * @throws {SyntaxError} when one of them cannot be written
 */
export function formatFileAnswers(files: readonly FileAnswer[]): string {
  return files.map(formatFileAnswer).join(",");
}

// A key comes back from the person's browser: one that climbs out of the
// store's folder must not get past the first reader.
function checkFileAnswer({ key, filename }: FileAnswer, action: "read" | "write"): void {
  const refuse = (is: string, wanted: string): never => {
    throw new SyntaxError(`Cannot ${action} file answer ${quote(`${key}|${filename}`)}: ${is}, ${wanted}`);
  };
  if (key === "") refuse("its key is empty", "wanted key|filename");
  if (/[|,]/.test(key)) refuse('its key contains "|" or ","', "wanted a key without them");
  if (hasUnseenCharacters(key))
    refuse("its key contains a character that cannot be seen", "wanted a key without one");
  if (key.includes("\\") || key.split("/").some((part) => part === "" || part === "." || part === "..")) {
    refuse("its key leads out of the store", 'wanted names with single "/" between them');
  }
  if (Buffer.byteLength(key) > maxKeyBytes)
    refuse("its key is too long", `wanted at most ${maxKeyBytes} bytes`);
  const problem = fileNameProblem(filename);
  if (problem !== undefined) throw new SyntaxError(problem);
}
