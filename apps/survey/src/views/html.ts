/**
 * HTML from tagged templates: what is put in is text, and is escaped.
 *
 * Only what `html` or `attributes` made goes in as markup. There is no way to
 * turn a string into markup by hand, so there is none to forget.
 */

/** A piece of markup; made by `html` and `attributes` only. */
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Html = Markup;

/** What may stand in a template; undefined, null and false are shown as nothing. */
export type Renderable = Html | string | number | false | null | undefined | readonly Renderable[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` with the characters that mean something in HTML written as entities, for content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/**
 * Markup from a template.
 *
 * @throws {TypeError} for a value that has no text, and for one in an attribute without quotes, which no escaping makes safe
 */
export function html(strings: TemplateStringsArray, ...values: readonly Renderable[]): Html {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) {
    if (text.endsWith("=")) {
      throw new TypeError(`Cannot render ${text.slice(-20)}: its value has no quotes, wanted ="..."`);
    }
    text += render(value) + (strings[index + 1] ?? "");
  }
  return new Markup(text);
}

/**
 * Attributes with a space before each; true gives a bare one, false and undefined give none.
 *
 * @throws {TypeError} for a name that is no attribute's
 */
export function attributes(given: Readonly<Record<string, string | number | boolean | undefined>>): Html {
  let text = "";
  for (const [name, value] of Object.entries(given)) {
    if (!/^[a-z][a-z-]*$/.test(name))
      throw new TypeError(`Cannot render attribute "${name}": wanted a-z and -`);
    if (value === undefined || value === false) continue;
    text += value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`;
  }
  return new Markup(text);
}

function render(value: Renderable): string {
  if (value === undefined || value === null || value === false) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number" || value instanceof Markup) return String(value);
  if (Array.isArray(value)) return value.map(render).join("");
  throw new TypeError(`Cannot render a ${typeof value}: wanted text, a number, markup or a list of them`);
}
