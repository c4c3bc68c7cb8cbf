import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";

const folder = new URL("../../../../src/console/page/static/", import.meta.url);
const files = readdirSync(folder)
  .filter((name) => !name.endsWith(".json"))
  .map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) }));

describe("the page's files", () => {
  it("have at most 60 kB in all, gzipped one by one", () => {
    const sizes = files.map(({ bytes }) => gzipSync(bytes).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total > 0 && total <= 60_000, `${total} bytes`);
  });

  it("name no other server", () => {
    for (const { name, bytes } of files) {
      const addresses = bytes.toString().match(/https?:\/\/[^"'\s)]+/g) ?? [];
      // The name of SVG, which is no place.
      const others = addresses.filter((address) => address !== "http://www.w3.org/2000/svg");
      assert.deepEqual(others, [], name);
    }
  });

  it("make no markup out of text, and run no text as a program", () => {
    const forbidden =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser\(|\beval\(|new Function/;
    for (const { name, bytes } of files) assert.doesNotMatch(bytes.toString(), forbidden, name);
  });

  it("have no script and no style in the markup", () => {
    const html = files.find(({ name }) => name === "index.html")?.bytes.toString() ?? "";
    assert.match(html, /<script type="module" src="\/page\.js"><\/script>/);
    assert.doesNotMatch(html, /<script(?! type="module" src=)|<style|\son[a-z]+=|\sstyle=/);
  });
});
