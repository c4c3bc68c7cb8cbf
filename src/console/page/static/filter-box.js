// @ts-check
/** The field for a filter, with what is wrong in it below; the filter is kept in the address. */

/** @import { Row } from "../../../trace/live.ts" */
/** @import { App } from "./page.js" */
import { h } from "./dom.js";
import { FilterError, filterHelp, parseFilter } from "./filter.js";
import { count } from "./format.js";

export class FilterBox {
  #app;
  #input = h("input", {
    type: "search",
    id: "filter",
    placeholder: "state:waiting fn:fetch* age>5s",
    "aria-label": "Filter",
    "aria-describedby": "filter-note",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    oninput: () => this.#app.setQuery({ filter: this.#input.value }),
    onwanted: () => this.#input.select(),
  });
  #note = h("p", { id: "filter-note", class: "note" });
  /** The last filter that could be read. @type {(row: Row) => boolean} */ #test = () => true;
  element = h("div", { class: "filter" }, this.#input, this.#note);

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /**
   * The rows that the filter lets through. While it cannot be read, the one before it holds.
   *
   * @param {readonly Row[]} rows
   * @param {ReadonlyMap<number, Row>} byId
   */
  apply(rows, byId) {
    const text = this.#app.route.query.filter ?? "";
    if (this.#input !== document.activeElement) this.#input.value = text;
    let message = "";
    try {
      this.#test = parseFilter(text, (id) => byId.get(id)?.name);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      message = error.message;
    }
    const found = text.trim() === "" ? rows : rows.filter(this.#test);
    this.#input.setAttribute("aria-invalid", String(message !== ""));
    this.#note.classList.toggle("bad", message !== "");
    const matches = text.trim() === "" ? filterHelp : `${count(found.length)} of ${count(rows.length)} match`;
    this.#note.textContent = message === "" ? matches : message;
    return found;
  }
}
