/**
 * A token: the decisions of one run in few characters, for a person to hand on.
 *
 * What is kept is the decisions and not a seed, so it outlives a change of the
 * strategies. `g1.` and base64url of: two bytes that check all others, two of the
 * program's name, three of the run's steps, a byte of options, and for each
 * decision that is not 0 how many zeros come before it, its value, and how often
 * that repeats: in one number if the value is small.
 */
import { describe } from "../base/index.ts";
import { TokenError } from "./errors.ts";
import { hashOf } from "./steps.ts";

const VERSION = 1;
const HEAD_BYTES = 8;
const REORDERS_READY = 1;
/** Values below it are told with the zeros before them. */
const SMALL = 8;

export interface Token {
  readonly choices: readonly number[];
  /** The name of the program that it belongs to. */
  readonly program: string;
  /** Of the run's steps: the last 24 bits of their hash. */
  readonly hash: number;
  /** May what is ready be reordered? */
  readonly reordersReady: boolean;
}

/** What a token says, but for the program's name, which it has 16 bits of only. */
export type ReadToken = Omit<Token, "program">;

export function formatToken(token: Token): string {
  const bytes: number[] = [...bytesOf(hashOf(token.program), 2), ...bytesOf(token.hash, 3)];
  bytes.push(token.reordersReady ? REORDERS_READY : 0);
  for (const { zeros, value, times } of groupsOf(token.choices)) {
    const head = zeros * SMALL + Math.min(value, SMALL) - 1;
    pushNumber(bytes, 2 * head + (times > 1 ? 1 : 0));
    if (value >= SMALL) pushNumber(bytes, value);
    if (times > 1) pushNumber(bytes, times);
  }
  return `g${VERSION}.${Buffer.from([...bytesOf(checkOf(bytes), 2), ...bytes]).toString("base64url")}`;
}

/** So many zeros and then the value, and that so many times. */
interface Group {
  readonly zeros: number;
  readonly value: number;
  times: number;
}

function groupsOf(choices: readonly number[]): Group[] {
  const groups: Group[] = [];
  let zeros = 0;
  for (const value of choices) {
    if (value === 0) {
      zeros++;
      continue;
    }
    const last = groups.at(-1);
    if (last?.zeros === zeros && last.value === value) last.times++;
    else groups.push({ zeros, value, times: 1 });
    zeros = 0;
  }
  return groups;
}

/**
 * @param program - the name of the program that it is to be used for
 * @throws {TokenError} when it is cut off, of a newer version, of another program, or no token at all
 */
export function parseToken(text: string, program: string): ReadToken {
  const { bytes, choices } = bodyOf(text);
  if (!isOf(bytes, program)) {
    throw new TokenError(
      "GYRE_SIM_TOKEN_PROGRAM",
      `Cannot replay ${text}: it was made of another program, one of ${program === "" ? "a program without a name" : `"${program}"`} is wanted`,
    );
  }
  return { choices, hash: numberOf(bytes, 4, 3), reordersReady: bytes[7] === REORDERS_READY };
}

/**
 * Is `text` a token of the program called `program`, and not of another one?
 *
 * @throws {TokenError} when it is cut off, of a newer version, or no token at all
 */
export function isTokenOf(text: string, program: string): boolean {
  return isOf(bodyOf(text).bytes, program);
}

function isOf(bytes: Uint8Array, program: string): boolean {
  return numberOf(bytes, 2, 2) === (hashOf(program) & 0xffff);
}

function bodyOf(text: string): { bytes: Buffer; choices: number[] } {
  if (typeof text !== "string") {
    throw new TokenError(
      "GYRE_SIM_TOKEN_FORM",
      `Cannot replay ${describe(text)}: it is no token, one such as "g1.AbC..." is wanted`,
    );
  }
  const match = /^g(\d+)\.([A-Za-z0-9_-]*)$/.exec(text.trim());
  if (match === null) {
    throw new TokenError(
      "GYRE_SIM_TOKEN_FORM",
      `Cannot replay ${JSON.stringify(text.slice(0, 100))}: it is no token, one such as "g1.AbC..." is wanted`,
    );
  }
  const version = Number(match[1]);
  if (version !== VERSION) {
    throw new TokenError(
      "GYRE_SIM_TOKEN_VERSION",
      `Cannot replay the token: it is of version ${version}, ${VERSION} is wanted (replay it with the gyre that made it)`,
    );
  }
  const bytes = Buffer.from(match[2] as string, "base64url");
  // The last character has bits that no byte needs.
  const isWhole = bytes.length >= HEAD_BYTES && bytes.toString("base64url") === match[2];
  const choices = isWhole ? choicesOf(bytes) : undefined;
  if (choices === undefined || numberOf(bytes, 0, 2) !== (checkOf(bytes.subarray(2)) & 0xffff)) {
    throw new TokenError(
      "GYRE_SIM_TOKEN_CUT",
      "Cannot replay the token: it is cut off or has been changed, the whole line is wanted",
    );
  }
  return { bytes, choices };
}

/** More zeros than a run has decisions are a token that was changed. */
const MOST_CHOICES = 1_000_000;

function choicesOf(bytes: Uint8Array): number[] | undefined {
  const choices: number[] = [];
  const numbers = numbersOf(bytes.subarray(HEAD_BYTES));
  if (numbers === undefined) return undefined;
  const rest = numbers.values();
  for (const number of rest) {
    const head = number >> 1;
    const small = (head % SMALL) + 1;
    const value = small < SMALL ? small : (rest.next().value ?? 0);
    const times = number % 2 === 0 ? 1 : (rest.next().value ?? 0);
    const zeros = Math.floor(head / SMALL);
    if (value === 0 || times === 0 || choices.length + times * (zeros + 1) > MOST_CHOICES) return undefined;
    for (let time = 0; time < times; time++) {
      for (let zero = 0; zero < zeros; zero++) choices.push(0);
      choices.push(value);
    }
  }
  return choices;
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function pushNumber(bytes: number[], value: number): void {
  let left = value;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  bytes.push(left);
}

function numbersOf(bytes: Uint8Array): number[] | undefined {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const byte of bytes) {
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if (shift > 28) return undefined;
    if ((byte & 0x80) !== 0) continue;
    numbers.push(value);
    value = 0;
    shift = 0;
  }
  return shift === 0 ? numbers : undefined;
}

function bytesOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => (value >>> (8 * at)) & 0xff);
}

function numberOf(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let at = 0; at < count; at++) value |= (bytes[from + at] as number) << (8 * at);
  return value;
}

function checkOf(bytes: Iterable<number>): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash ^ (hash >>> 16);
}
