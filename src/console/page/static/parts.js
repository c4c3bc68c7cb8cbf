// @ts-check
/** Small pieces that several views show. */

/** @import { Row } from "../../../trace/live.ts" */
/** @import { App } from "./page.js" */
import { h, s } from "./dom.js";
import { duration, frame, plain, shortLine, timed } from "./format.js";

/** Drawn on 20 x 20. @type {Record<string, string>} */
const icons = {
  overview: "M3 14a7 7 0 0 1 14 0M10 14l3.500-4.500",
  coroutines: "M3.500 5h13M3.500 10h13M3.500 15h8",
  tree: "M5 3.500v11h5M5 8h5M13 8h3.500M13 14.500h3.500",
  resources: "M5.500 9h9v7.500h-9zM7.500 9V6.500a2.500 2.500 0 0 1 5 0V9",
  timeline: "M3.500 5h6M6.500 10h7M11 15h5.500",
  recordings: "M10 5a5 5 0 1 0 .01 0zM10 9a1 1 0 1 0 .01 0z",
};

/** @param {string} name */
export function icon(name) {
  return s(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" },
    s("path", { d: icons[name] ?? "" }),
  );
}

/** A state, told by shape as well as by colour. @param {Row["state"]} state */
export function dot(state) {
  return h("span", { class: `dot ${state}`, title: state, role: "img", "aria-label": state });
}

/** @param {App} app @param {{ id: number, name: string }} row */
export function coroutineLink(app, row) {
  return h(
    "a",
    { class: "coroutine", href: app.link("coroutine", { id: row.id }), title: plain(row.name) },
    h("span", { class: "name" }, plain(row.name)),
    h("span", { class: "id" }, ` #${row.id}`),
  );
}

/** Text in which each `#12` leads to that coroutine. @param {App} app @param {string} text */
export function linked(app, text) {
  return text
    .split(/(#\d+)/)
    .map((part) =>
      /^#\d+$/.test(part)
        ? h("a", { class: "id", href: app.link("coroutine", { id: part.slice(1) }) }, part)
        : plain(part),
    );
}

/** What a row waits for. @param {App} app @param {Row} row @param {ReadonlyMap<number, Row>} byId @returns {(Node | string)[]} */
export function waits(app, row, byId) {
  return row.on.flatMap((one, at) => {
    const comma = at === 0 ? [] : [", "];
    if (typeof one === "string") return [...comma, ...linked(app, timed(one))];
    return [...comma, coroutineLink(app, byId.get(one) ?? { id: one, name: "" })];
  });
}

/** @param {string | undefined} at */
export function place(at) {
  return at === undefined ? "" : h("code", { class: "at", title: at }, shortLine(at));
}

/** @param {Row} row */
export function labels(row) {
  return row.labels.map((label) => h("span", { class: "label" }, plain(label)));
}

/** @param {number | undefined} ms */
export function age(ms) {
  return h("span", { class: "age" }, duration(ms));
}

/** The frames of a stack, innermost first. @param {readonly string[]} frames */
export function frames(frames) {
  return h("ol", { class: "frames" }, ...frames.map((one) => h("li", {}, plain(frame(one)))));
}

/**
 * The last values of something, as a line.
 *
 * @param {readonly number[]} values
 * @param {string} label
 */
export function spark(values, label) {
  const width = 160;
  const height = 36;
  const most = Math.max(...values, 1);
  // A line needs two ends.
  const drawn = values.length === 1 ? [...values, ...values] : values;
  const step = width / Math.max(1, drawn.length - 1);
  const points = drawn.map(
    (value, at) => `${(at * step).toFixed(1)},${(height - 2 - (value / most) * (height - 6)).toFixed(1)}`,
  );
  const line = `M${points.join("L")}`;
  return s(
    "svg",
    {
      class: "spark",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
    },
    drawn.length > 1 && s("path", { class: "area", d: `${line}L${width},${height}L0,${height}Z` }),
    drawn.length > 1 && s("path", { class: "stroke", d: line }),
  );
}

/** Nothing to show, and why. @param {string} title @param {...(Node | string)} more */
export function empty(title, ...more) {
  return h(
    "div",
    { class: "empty" },
    h("p", {}, title),
    more.length > 0 && h("p", { class: "soft" }, ...more),
  );
}

/** A part of a view. @param {string} title @param {...(Node | string | false | undefined)} children */
export function card(title, ...children) {
  return h("section", { class: "card" }, h("h2", {}, title), ...children);
}
