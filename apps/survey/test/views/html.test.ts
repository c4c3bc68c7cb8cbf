import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Renderable } from "../../src/views/html.ts";
import { attributes, escapeHtml, html } from "../../src/views/html.ts";

describe("escapeHtml()", () => {
  it("writes every character that means something in HTML as an entity", () => {
    assert.equal(
      escapeHtml(`<a href="x" id='y'>&amp;</a>`),
      "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;",
    );
  });

  it("leaves all other text alone", () => {
    assert.equal(escapeHtml("Grüße, 屋顶 = 1 + 1; `x` \\ /"), "Grüße, 屋顶 = 1 + 1; `x` \\ /");
  });
});

describe("html", () => {
  it("escapes text between tags and in quoted attributes", () => {
    const evil = `"><script>alert('x')</script>`;
    const safe = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;";
    assert.equal(String(html`<p title="${evil}">${evil}</p>`), `<p title="${safe}">${safe}</p>`);
  });

  it("puts in markup as it is, alone and in lists", () => {
    const items = ["a", "<b>"].map((text) => html`<li>${text}</li>`);
    assert.equal(
      String(html`<ul>${items}${html`<li>c</li>`}</ul>`),
      "<ul><li>a</li><li>&lt;b&gt;</li><li>c</li></ul>",
    );
  });

  it("escapes markup that has become a string on the way", () => {
    assert.equal(String(html`${String(html`<b>x</b>`)}`), "&lt;b&gt;x&lt;/b&gt;");
  });

  it("shows numbers, zero included, and nothing for undefined, null and false", () => {
    assert.equal(String(html`[${0}${1.5}${undefined}${null}${false}]`), "[01.5]");
  });

  for (const [what, value] of [
    ["an object that claims to be markup", { toString: () => "<b>" }],
    ["a function", () => "x"],
    ["true", true],
  ] as const) {
    it(`throws TypeError for ${what}`, () => {
      assert.throws(() => html`${value as unknown as Renderable}`, {
        name: "TypeError",
        message: /Cannot render a/,
      });
    });
  }

  it("throws TypeError for a value in an attribute without quotes", () => {
    assert.throws(() => html`<p title=${"x"}>`, { name: "TypeError", message: /its value has no quotes/ });
  });
});

describe("attributes()", () => {
  it("writes values in quotes, true as a bare name, false and undefined not at all", () => {
    const written = attributes({ id: "a", maxlength: 5, required: true, hidden: false, accept: undefined });
    assert.equal(String(html`<p${written}>`), '<p id="a" maxlength="5" required>');
  });

  it("escapes values", () => {
    assert.equal(String(attributes({ title: `"&'` })), ' title="&quot;&amp;&#39;"');
  });

  it("throws TypeError for a name that would end the attribute", () => {
    assert.throws(() => attributes({ 'x onload="y': "z" }), {
      name: "TypeError",
      message: /Cannot render attribute/,
    });
  });
});
