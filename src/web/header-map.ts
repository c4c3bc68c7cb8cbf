/** Header fields of a message: names in any case, several values a name. */
import { describe } from "../base/index.ts";

interface Field {
  readonly name: string;
  readonly values: string[];
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Anything but a tab and what is visible in Latin-1: a line end would begin a field of its own. */
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Is `text` a token as HTTP defines it: a method, a header name, a cookie's name? */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

export class HeaderMap {
  readonly #fields = new Map<string, Field>();

  /** The fields of a head as a parser gives them: name, value, name, value, ... They are not checked again. */
  static fromRaw(raw: readonly string[]): HeaderMap {
    const map = new HeaderMap();
    for (let at = 0; at + 1 < raw.length; at += 2) map.#append(raw[at] as string, raw[at + 1] as string);
    return map;
  }

  /** How many fields there are, repeated ones counted each. */
  get size(): number {
    let size = 0;
    for (const { values } of this.#fields.values()) size += values.length;
    return size;
  }

  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  /** The value; several are joined by ", ". */
  get(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase())?.values.join(", ");
  }

  /** Each value that came under `name`, in order. */
  getAll(name: string): readonly string[] {
    return this.#fields.get(name.toLowerCase())?.values ?? [];
  }

  /**
   * Put `value` in place of what `name` had.
   *
   * @throws {TypeError} when the name is no token, or the value holds CR, LF, NUL, another control or a character outside Latin-1
   */
  set(name: string, value: string | number): void {
    const text = checkField(name, value);
    this.#fields.set(name.toLowerCase(), { name, values: [text] });
  }

  /** Add a further value. @throws as `set` */
  add(name: string, value: string | number): void {
    this.#append(name, checkField(name, value));
  }

  delete(name: string): void {
    this.#fields.delete(name.toLowerCase());
  }

  clear(): void {
    this.#fields.clear();
  }

  *[Symbol.iterator](): Generator<[name: string, value: string], void, undefined> {
    for (const { name, values } of this.#fields.values()) for (const value of values) yield [name, value];
  }

  /** As one array: name, value, name, value, ... */
  toRaw(): string[] {
    const raw: string[] = [];
    for (const { name, values } of this.#fields.values()) for (const value of values) raw.push(name, value);
    return raw;
  }

  #append(name: string, value: string): void {
    const key = name.toLowerCase();
    const field = this.#fields.get(key);
    if (field === undefined) this.#fields.set(key, { name, values: [value] });
    else field.values.push(value);
  }
}

function checkField(name: string, value: string | number): string {
  if (typeof name !== "string" || !TOKEN.test(name)) {
    throw new TypeError(
      `Cannot set a header: the name is ${describe(name)}, letters, digits and hyphens are wanted`,
    );
  }
  if (typeof value !== "string" && typeof value !== "number") {
    throw new TypeError(
      `Cannot set the header ${name}: the value is ${describe(value)}, a string or number is wanted`,
    );
  }
  const text = String(value);
  const bad = NOT_IN_VALUE.exec(text);
  if (bad !== null) {
    const code = text.charCodeAt(bad.index).toString(16).padStart(2, "0");
    throw new TypeError(
      `Cannot set the header ${name}: the value holds the character 0x${code} at ${bad.index}, visible Latin-1 is wanted`,
    );
  }
  return text;
}
