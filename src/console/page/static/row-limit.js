// @ts-check
/** How many rows are asked for: some, with their lines; or all, without, as each line costs the program 0.1 ms. */

/** @import { State } from "../wire.ts" */
/** @import { App } from "./page.js" */
import { h, replace } from "./dom.js";
import { count } from "./format.js";

const usual = 500;
const most = 200_000;

export class RowLimit {
  #app;
  element = h("p", { class: "notice", hidden: true });

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** @returns {{ limit: number, lines?: string }} */
  wants() {
    return this.#app.route.query.rows === "all" ? { limit: most, lines: "no" } : { limit: usual };
  }

  /** @param {State} state */
  update({ snapshot, kind }) {
    if (snapshot === undefined) return;
    const { total, rows } = snapshot;
    const isAll = this.#app.route.query.rows === "all";
    this.element.hidden = total <= usual;
    const lines = kind === "live" ? (isAll ? "with their lines" : "without their lines") : "";
    replace(
      this.element,
      `${count(rows.length)} of ${count(total)} coroutines are here. `,
      h(
        "button",
        {
          class: "link",
          type: "button",
          "data-key": "rows",
          onclick: () => {
            this.#app.setQuery({ rows: isAll ? undefined : "all" });
            this.#app.ask();
          },
        },
        `${isAll ? `Only ${count(usual)}` : `All ${count(total)}`} ${lines}`.trim(),
      ),
    );
  }
}
