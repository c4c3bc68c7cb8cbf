// @ts-check
/** Coroutines by function and waiting line: how many there are of each, and who they are. */

/** @import { Row } from "../../../trace/live.ts" */
/** @import { Group } from "./groups.js" */
/** @import { App, View } from "./page.js" */
import { CoroutineList } from "./coroutine-list.js";
import { h } from "./dom.js";
import { columns, count, duration, plain } from "./format.js";
import { groupRows, waitsFor } from "./groups.js";
import { age, coroutineLink, dot, labels, place, waits } from "./parts.js";

/** @typedef {{ group: Group, row: Row | undefined }} Line */

/** @param {App} app @returns {View} */
export function coroutinesView(app) {
  /** @type {Set<string>} */
  const open = new Set();
  /** @type {CoroutineList<Line>} */
  const list = new CoroutineList(app, {
    title: "Coroutines",
    label: "Coroutines",
    className: "view",
    arrange,
    render,
    open: choose,
    toggle,
  });

  /** @param {readonly Row[]} found @returns {Line[]} */
  function arrange(found) {
    return groupRows(found, list.byId).flatMap((group) => [
      { group, row: undefined },
      ...(open.has(group.key) ? group.rows.map((row) => ({ group, row })) : []),
    ]);
  }

  /** @param {Line} line @param {HTMLElement} element */
  function render({ group, row }, element) {
    element.setAttribute("aria-level", row === undefined ? "1" : "2");
    if (row !== undefined) {
      element.classList.add("member");
      element.append(
        h("span", { class: "lead" }, dot(row.state), coroutineLink(app, row), ...labels(row)),
        h("span", { class: "on" }, ...waits(app, row, list.byId)),
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

  /** @param {Line} line */
  function choose({ group, row }) {
    if (row !== undefined) location.hash = app.link("coroutine", { id: row.id });
    else toggle({ group }, !open.has(group.key));
  }

  /** @param {Pick<Line, "group">} line @param {boolean} isOpen */
  function toggle({ group: { key } }, isOpen) {
    if (isOpen) open.add(key);
    else open.delete(key);
    list.rearrange();
    // From a member back to its group, which is there always.
    list.focus(list.lines.findIndex(({ group, row }) => group.key === key && row === undefined));
  }

  function text() {
    return columns(
      list.lines.map(({ group, row }) =>
        row === undefined
          ? [group.rows.length, group.name, group.on, group.at ?? "", duration(group.oldestMs)]
          : [
              "",
              `  ${row.name} #${row.id}`,
              `${row.state} ${waitsFor(row, list.byId)}`,
              row.at ?? "",
              duration(row.ageMs),
            ],
      ),
    );
  }

  return list.toView(text);
}
