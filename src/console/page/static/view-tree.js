// @ts-check
/** Who started whom, and who waits for whom. */

/** @import { Row } from "../../../trace/live.ts" */
/** @import { TreeLine } from "./tree.js" */
/** @import { App, View } from "./page.js" */
import { CoroutineList } from "./coroutine-list.js";
import { h } from "./dom.js";
import { count, duration, plain } from "./format.js";
import { waitsFor } from "./groups.js";
import { age, coroutineLink, dot, labels, place, waits } from "./parts.js";
import { foldKey, treeLines } from "./tree.js";

/** Deeper lines stand below each other. */
const mostIndents = 16;

/** @param {App} app @returns {View} */
export function treeView(app) {
  /** @type {Set<number>} */
  const closed = new Set();
  /** @type {Set<string>} */
  const unfolded = new Set();
  /** @type {CoroutineList<TreeLine>} */
  const list = new CoroutineList(app, {
    title: "Tree",
    label: "Tree of coroutines",
    className: "view tree",
    arrange: (found, { rows, deadlocks }) =>
      treeLines(withOwners(found, rows, list.byId), closed, deadlocks, unfolded),
    render,
    open: choose,
    toggle,
  });

  /** @param {TreeLine} line @param {HTMLElement} element */
  function render({ kind, row, depth, isAwaited, below, isOpen, circle, folded = 0 }, element) {
    element.setAttribute("aria-level", String(depth + 1));
    element.style.setProperty("--depth", String(Math.min(depth, mostIndents)));
    element.classList.add(`is-${kind}`);
    element.classList.toggle("awaited", isAwaited);
    if (kind === "fold") {
      element.setAttribute("aria-expanded", String(isOpen));
      element.append(
        h(
          "span",
          { class: "lead" },
          h("span", { class: "caret", "aria-hidden": "true" }),
          h("span", { class: "more" }, `${count(folded)} more ${plain(row.name)}`),
        ),
      );
      return;
    }
    if (kind !== "coroutine") {
      const path = circle?.map((id) => `#${id}`).join(" → ") ?? "";
      element.append(
        h(
          "span",
          { class: "lead" },
          h("span", { class: "arrow" }, "→"),
          coroutineLink(app, row),
          kind === "circle" && h("b", { class: "bad" }, `waits in a circle: ${path} → #${circle?.[0]}`),
        ),
      );
      return;
    }
    if (below > 0) element.setAttribute("aria-expanded", String(isOpen));
    element.append(
      h(
        "span",
        { class: "lead" },
        below > 0 ? h("span", { class: "caret", "aria-hidden": "true" }) : h("span", { class: "leaf" }),
        dot(row.state),
        coroutineLink(app, row),
        ...labels(row),
      ),
      h("span", { class: "on" }, ...waits(app, row, list.byId)),
      place(row.at),
      age(row.ageMs),
    );
  }

  /** @param {TreeLine} line @param {number} index */
  function choose(line, index) {
    if (line.kind === "fold") toggle(line, !line.isOpen, index);
    else location.hash = app.link("coroutine", { id: line.row.id });
  }

  /** @param {TreeLine} line @param {boolean} isOpen @param {number} index */
  function toggle(line, isOpen, index) {
    // Closing what is not open goes up, as in every tree.
    if (!isOpen && (line.below === 0 || !line.isOpen)) {
      const above = list.lines.findLastIndex(({ depth }, at) => at < index && depth < line.depth);
      if (above >= 0) list.focus(above);
      return;
    }
    if (line.kind === "fold" && isOpen) unfolded.add(foldKey(line.row));
    else if (line.kind === "fold") unfolded.delete(foldKey(line.row));
    else if (isOpen) closed.delete(line.row.id);
    else closed.add(line.row.id);
    list.rearrange();
    list.focus(index);
  }

  function text() {
    return list.lines
      .map(({ kind, row, depth, circle, folded = 0 }) => {
        const indent = "  ".repeat(depth);
        if (kind === "fold") return `${indent}${folded} more ${row.name}`;
        if (kind === "reference") return `${indent}-> #${row.id}`;
        if (kind === "circle")
          return `${indent}-> #${row.id}, a circle: ${circle?.map((id) => `#${id}`).join(" -> ")}`;
        const on = row.on.length === 0 ? row.state : `waits for ${waitsFor(row, list.byId)}`;
        return `${indent}${row.name} #${row.id} ${on}${row.at === undefined ? "" : ` at ${row.at}`} ${duration(row.ageMs)}`.trimEnd();
      })
      .map(plainLine)
      .join("\n");
  }

  return list.toView(text);
}

/** Longer than a name, but as harmless. @param {string} line */
function plainLine(line) {
  const indent = /^ */.exec(line)?.[0] ?? "";
  return indent + line.slice(indent.length).split(" ").map(plain).join(" ");
}

/**
 * What a filter has left, and their owners: a branch hangs on something.
 *
 * @param {readonly Row[]} found
 * @param {readonly Row[]} all
 * @param {ReadonlyMap<number, Row>} byId
 */
function withOwners(found, all, byId) {
  if (found.length === all.length) return all;
  const kept = new Set();
  for (const row of found) {
    for (let one = /** @type {Row | undefined} */ (row); one !== undefined && !kept.has(one.id); ) {
      kept.add(one.id);
      one = one.ownerId === undefined ? undefined : byId.get(one.ownerId);
    }
  }
  return all.filter(({ id }) => kept.has(id));
}
