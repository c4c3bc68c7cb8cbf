// @ts-check
/** Coroutines by function and waiting line: how many there are of each, and who they are. */

/** @import { Row } from "../../../trace/live.ts" */
/** @import { Group } from "./groups.js" */
/** @import { State } from "../wire.ts" */
/** @import { App, View } from "./page.js" */
import { h, replace } from "./dom.js";
import { FilterBox } from "./filter-box.js";
import { columns, count, duration, plain } from "./format.js";
import { byIdOf, groupRows, waitsFor } from "./groups.js";
import { age, coroutineLink, dot, empty, labels, place, waits } from "./parts.js";
import { RowLimit } from "./row-limit.js";
import { VirtualList } from "./virtual-list.js";

/** @typedef {{ group: Group, row: Row | undefined }} Line */

/** @param {App} app @returns {View} */
export function coroutinesView(app) {
  const filter = new FilterBox(app);
  const limit = new RowLimit(app);
  /** @type {Set<string>} */
  const open = new Set();
  /** @type {Line[]} */
  let lines = [];
  /** @type {ReadonlyMap<number, Row>} */
  let byId = new Map();
  const list = new VirtualList({ label: "Coroutines", render, open: choose, toggle });
  const nothing = h("div");
  const element = h(
    "div",
    { class: "view" },
    h("h1", { class: "hidden" }, "Coroutines"),
    h("div", { class: "sticky", id: "sticky" }, filter.element),
    limit.element,
    list.element,
    nothing,
  );

  /** @param {State} state */
  function update(state) {
    const { snapshot } = state;
    if (snapshot === undefined) return;
    limit.update(state);
    byId = byIdOf(snapshot.rows);
    const groups = groupRows(filter.apply(snapshot.rows, byId), byId);
    lines = groups.flatMap((group) => [
      { group, row: undefined },
      ...(open.has(group.key) ? group.rows.map((row) => ({ group, row })) : []),
    ]);
    list.refresh(lines.length);
    replace(
      nothing,
      lines.length === 0 &&
        empty(snapshot.rows.length === 0 ? "No coroutine is alive" : "No coroutine matches"),
    );
  }

  /** @param {number} index @param {HTMLElement} element */
  function render(index, element) {
    const line = lines[index];
    if (line === undefined) return;
    const { group, row } = line;
    element.setAttribute("aria-level", row === undefined ? "1" : "2");
    if (row !== undefined) {
      element.classList.add("member");
      element.append(
        h("span", { class: "lead" }, dot(row.state), coroutineLink(app, row), ...labels(row)),
        h("span", { class: "on" }, ...waits(app, row, byId)),
        place(row.at),
        age(row.ageMs),
      );
      return;
    }
    const isOpen = open.has(group.key);
    element.classList.add("group");
    element.setAttribute("aria-expanded", String(isOpen));
    const { running, ready, waiting } = group.states;
    element.append(
      h(
        "span",
        { class: "lead" },
        h("span", { class: "caret", "aria-hidden": "true" }),
        h("b", { class: "count" }, count(group.rows.length)),
        h("b", { class: "name", title: plain(group.name) }, plain(group.name)),
        running > 0 && dot("running"),
        ready > 0 && dot("ready"),
        waiting > 0 && dot("waiting"),
      ),
      h("span", { class: "on" }, plain(group.on)),
      place(group.at),
      age(group.oldestMs),
    );
  }

  /** @param {number} index */
  function choose(index) {
    const line = lines[index];
    if (line?.row !== undefined) location.hash = app.link("coroutine", { id: line.row.id });
    else if (line !== undefined) toggle(index, !open.has(line.group.key));
  }

  /** @param {number} index @param {boolean} isOpen */
  function toggle(index, isOpen) {
    const line = lines[index];
    if (line === undefined || app.state === undefined) return;
    const { key } = line.group;
    if (isOpen) open.add(key);
    else open.delete(key);
    update(app.state);
    // From a member back to its group, which is there always.
    list.focus(lines.findIndex(({ group, row }) => group.key === key && row === undefined));
  }

  function text() {
    return columns(
      lines.map(({ group, row }) =>
        row === undefined
          ? [group.rows.length, group.name, group.on, group.at ?? "", duration(group.oldestMs)]
          : [
              "",
              `  ${row.name} #${row.id}`,
              `${row.state} ${waitsFor(row, byId)}`,
              row.at ?? "",
              duration(row.ageMs),
            ],
      ),
    );
  }

  return { element, update, text, wants: () => limit.wants(), dispose: () => list.dispose() };
}
