/**
 * Reads a page the views made, strictly: what a forgiving browser would repair is an error here.
 */
import assert from "node:assert/strict";

export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Text of it and all within, entities decoded. */
  text: string;
}

const voidTags = new Set(["meta", "link", "input", "img", "br", "path", "rect"]);
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const token =
  /<!doctype html>|<(\/?)([a-z][a-z0-9]*)((?: [a-z][a-z0-9-]*(?:="[^"<>]*")?)*)\s*(\/?)>|([^<>]+)/giy;

function decode(text: string): string {
  return text.replace(/&([a-z0-9#]*);?/g, (whole, name: string) => {
    const character = entities[name];
    assert.ok(character !== undefined && whole.endsWith(";"), `${whole} is no entity`);
    return character;
  });
}

/** All elements of `page` in document order. Fails unless every tag is closed and every attribute quoted. */
export function readPage(page: string): Element[] {
  const all: Element[] = [];
  const open: Element[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < page.length) {
    const at = token.lastIndex;
    const match = token.exec(page);
    assert.ok(match !== null, `Cannot read the page at: ${page.slice(at, at + 80)}`);
    const [, slash, tag, attributeText = "", selfClosing, text] = match;
    if (text !== undefined) for (const element of open) element.text += decode(text);
    if (tag === undefined) continue;
    if (slash === "/") {
      assert.equal(
        open.pop()?.tag,
        tag,
        `</${tag}> closes another element at: ${page.slice(at - 80, at + 20)}`,
      );
      continue;
    }
    const attributes = new Map<string, string>();
    for (const [, name = "", value = ""] of attributeText.matchAll(/ ([a-z][a-z0-9-]*)(?:="([^"]*)")?/gi)) {
      assert.ok(!attributes.has(name), `<${tag}> has ${name} twice`);
      attributes.set(name, decode(value));
    }
    const element: Element = { tag, attributes, text: "" };
    all.push(element);
    if (selfClosing !== "/" && !voidTags.has(tag)) open.push(element);
  }
  assert.deepEqual(
    open.map((element) => element.tag),
    [],
  );
  return all;
}

/** The elements with this tag and with all of these attribute values. */
export function find(
  page: string,
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
): Element[] {
  return readPage(page).filter(
    (element) =>
      element.tag === tag &&
      Object.entries(attributes).every(([name, value]) => element.attributes.get(name) === value),
  );
}

/** The one element with this tag and these attribute values. */
export function findOne(
  page: string,
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
): Element {
  const found = find(page, tag, attributes);
  assert.equal(found.length, 1, `${found.length} <${tag}> with ${JSON.stringify(attributes)}`);
  return found[0] as Element;
}
