// @ts-check
/** What the views of all coroutines have in common: a filter, a limit, the lines that are left, and a word where there are none. */

/** @import { Row, Snapshot } from "../../../trace/live.ts" */
/** @import { State } from "../wire.ts" */
/** @import { App, View } from "./page.js" */
import { h, replace } from "./dom.js";
import { FilterBox } from "./filter-box.js";
import { byIdOf } from "./groups.js";
import { empty } from "./parts.js";
import { RowLimit } from "./row-limit.js";
import { VirtualList } from "./virtual-list.js";

/**
 * How a view shows them.
 *
 * @template Line
 * @typedef {object} CoroutineListOptions
 * @property {string} title of the view
 * @property {string} label of the list, for those who cannot see it
 * @property {string} className
 * @property {(found: readonly Row[], snapshot: Snapshot) => Line[]} arrange what the filter has left into lines
 * @property {(line: Line, element: HTMLElement) => void} render fill an empty row
 * @property {(line: Line, index: number) => void} open a line was chosen
 * @property {(line: Line, isOpen: boolean, index: number) => void} toggle it is to be opened or closed
 */

/** @template Line */
export class CoroutineList {
  #app;
  #options;
  #filter;
  #limit;
  #list;
  #nothing = h("div");
  #element;
  /** @type {readonly Line[]} */
  lines = [];
  /** All that are known, those that the filter hides too. @type {ReadonlyMap<number, Row>} */
  byId = new Map();

  /** @param {App} app @param {CoroutineListOptions<Line>} options */
  constructor(app, options) {
    this.#app = app;
    this.#options = options;
    this.#filter = new FilterBox(app);
    this.#limit = new RowLimit(app);
    /** @param {number} index @param {(line: Line) => void} use */
    const withLine = (index, use) => {
      const line = this.lines[index];
      if (line !== undefined) use(line);
    };
    this.#list = new VirtualList({
      label: options.label,
      render: (index, element) => withLine(index, (line) => options.render(line, element)),
      open: (index) => withLine(index, (line) => options.open(line, index)),
      toggle: (index, isOpen) => withLine(index, (line) => options.toggle(line, isOpen, index)),
    });
    this.#element = h(
      "div",
      { class: options.className },
      h("h1", { class: "hidden" }, options.title),
      h("div", { class: "sticky", id: "sticky" }, this.#filter.element),
      this.#limit.element,
      this.#list.element,
      this.#nothing,
    );
  }

  /** Show the lines again: what is open has changed. */
  rearrange() {
    if (this.#app.state !== undefined) this.#update(this.#app.state);
  }

  /** @param {number} index */
  focus(index) {
    this.#list.focus(index);
  }

  /** @param {() => string} text for the clipboard @returns {View} */
  toView(text) {
    return {
      element: this.#element,
      update: (state) => this.#update(state),
      text,
      wants: () => this.#limit.wants(),
      dispose: () => this.#list.dispose(),
    };
  }

  /** @param {State} state */
  #update(state) {
    const { snapshot } = state;
    if (snapshot === undefined) return;
    const { rows } = snapshot;
    this.#limit.update(state);
    this.byId = byIdOf(rows);
    this.lines = this.#options.arrange(this.#filter.apply(rows, this.byId), snapshot);
    this.#list.refresh(this.lines.length);
    const nothing = rows.length === 0 ? "No coroutine is alive" : "No coroutine matches";
    replace(this.#nothing, this.lines.length === 0 && empty(nothing));
  }
}
