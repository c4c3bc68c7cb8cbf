/**
 * Names of uploaded files: which are taken, what they tell, and what a file is
 * called once it is stored.
 *
 * A name is accepted as it stands or refused with the reason. It is never
 * repaired: a repaired name would be one that its owner does not find again.
 * Source: the seed's `rename_upload_file_func` and `is_video_or_image`.
 */
import type { UploadQuestion } from "./survey.ts";
import { isCid } from "./survey.ts";

/** A stored name adds about 30 bytes to this, and file systems end at 255. */
export const maxFileNameBytes = 200;

export type MediaKind = "image" | "video" | "other";

/** A file name cut at its last dot; `suffix` has no dot. */
export interface FileNameParts {
  readonly name: string;
  readonly suffix: string;
}

const imageSuffixes = new Set([
  "avif",
  "bmp",
  "gif",
  "heic",
  "heif",
  "jpeg",
  "jpg",
  "png",
  "svg",
  "tif",
  "tiff",
  "webp",
]);
const videoSuffixes = new Set(["3gp", "avi", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "ogv", "webm"]);

// Bidirectional controls are refused with the control characters: they let
// "gpj.exe" be shown as "exe.jpg". Lone surrogates have no UTF-8 form.
const unseenCharacters = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const suffixPattern = /^[A-Za-z0-9]{1,16}$/;

/** `text` in double quotes, cut when long, with its unseen characters made visible. */
export function quote(text: string): string {
  const characters = Array.from(text);
  const shown = characters.length > 60 ? `${characters.slice(0, 57).join("")}...` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    },
  );
}

/** Whether `text` holds characters that cannot be seen: controls, text direction marks, half characters. */
export function hasUnseenCharacters(text: string): boolean {
  return unseenCharacters.test(text);
}

/**
 * Say why `filename` cannot be taken; undefined when it can.
 *
 * The sentence is meant for the person who chose the file.
 */
export function fileNameProblem(filename: string): string | undefined {
  const refuse = (is: string, wanted: string): string =>
    `Cannot accept file ${quote(filename)}: ${is}, ${wanted}`;
  if (filename.trim() === "") return refuse("its name is empty", 'wanted a name such as "roof.jpg"');
  if (unseenCharacters.test(filename)) {
    return refuse(
      "its name contains a character that cannot be seen",
      "wanted a name without control characters",
    );
  }
  for (const separator of ["|", ","]) {
    if (filename.includes(separator))
      return refuse(`its name contains "${separator}"`, "wanted a name without it");
  }
  if (/[/\\]/.test(filename)) return refuse("its name is a path", 'wanted a plain name without "/" and "\\"');
  const bytes = Buffer.byteLength(filename);
  if (bytes > maxFileNameBytes)
    return refuse(`its name is ${bytes} bytes long`, `wanted at most ${maxFileNameBytes}`);
  const { name, suffix } = cutAtLastDot(filename);
  if (!suffixPattern.test(suffix))
    return refuse("its name has no suffix", 'wanted one such as ".jpg" at its end');
  if (name.trim() === "") return refuse("its name is only a suffix", `wanted a name before ".${suffix}"`);
  return undefined;
}

/**
 * Cut `filename` into name and suffix.
 *
 * @throws {SyntaxError} when `fileNameProblem()` has something to say
 */
export function splitFileName(filename: string): FileNameParts {
  const problem = fileNameProblem(filename);
  if (problem !== undefined) throw new SyntaxError(problem);
  return cutAtLastDot(filename);
}

/** Whether the suffix of `filename` is one that `question` takes; upper and lower case are the same. */
export function acceptsFile(question: UploadQuestion, filename: string): boolean {
  return question.accept.includes(`.${cutAtLastDot(filename).suffix.toLowerCase()}`);
}

/** What a browser would show for `filename`, by its suffix; a `key|filename` answer will do as well. */
export function mediaKind(filename: string): MediaKind {
  const suffix = cutAtLastDot(filename).suffix.toLowerCase();
  if (imageSuffixes.has(suffix)) return "image";
  return videoSuffixes.has(suffix) ? "video" : "other";
}

/** Whether a person has to review `filename`. Others see it before that too, marked as in review. */
export function isVideoOrImage(filename: string): boolean {
  return mediaKind(filename) !== "other";
}

/**
 * The key under which a submitted file is stored: `seq-cid-name-random.suffix`.
 *
 * @param parts - `seq`: number of the respondent, from 1; `random`: six digits, 100000 to 999999
 * @throws {RangeError} when `seq` or `random` is out of range
 * @throws {SyntaxError} when `cid`, or the file name, is one that cannot be taken
 */
export function destinationKey(parts: FileNameParts & { seq: number; cid: string; random: number }): string {
  const { seq, cid, name, random, suffix } = parts;
  const refuse = (is: string, wanted: string): string =>
    `Cannot name file ${quote(`${name}.${suffix}`)}: ${is}, ${wanted}`;
  if (!Number.isSafeInteger(seq) || seq < 1)
    throw new RangeError(refuse(`seq is ${seq}`, "wanted an integer from 1"));
  if (!Number.isInteger(random) || random < 100_000 || random > 999_999) {
    throw new RangeError(refuse(`random is ${random}`, "wanted an integer of six digits"));
  }
  if (!isCid(cid)) throw new SyntaxError(refuse(`cid is ${quote(cid)}`, 'wanted one such as "Q3"'));
  const problem = fileNameProblem(`${name}.${suffix}`);
  if (problem !== undefined) throw new SyntaxError(problem);
  return `${seq}-${cid}-${name}-${random}.${suffix}`;
}

function cutAtLastDot(filename: string): FileNameParts {
  const dot = filename.lastIndexOf(".");
  if (dot === -1) return { name: filename, suffix: "" };
  return { name: filename.slice(0, dot), suffix: filename.slice(dot + 1) };
}
