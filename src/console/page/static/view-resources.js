// @ts-check
/** What coroutines wait for that is no coroutine, who waits in which order, and circles of waits. */

/** @import { Row, WaitLine } from "../../../trace/live.ts" */
/** @import { State } from "../wire.ts" */
/** @import { App, View } from "./page.js" */
import { h, replace } from "./dom.js";
import { count, plain, plural } from "./format.js";
import { byIdOf, resourcesOf, waitWords } from "./groups.js";
import { age, card, coroutineLink, empty, linked, place } from "./parts.js";

const mostWaiters = 12;

/** @param {App} app @returns {View} */
export function resourcesView(app) {
  const deadlocks = h("div");
  const counts = h("div", { class: "figures few" });
  const lines = h("div");
  const resources = h("div", { class: "stackable" });
  const element = h(
    "div",
    { class: "view" },
    h("h1", { class: "hidden" }, "Resources"),
    card("Deadlocks", deadlocks),
    counts,
    lines,
    resources,
  );

  /** @param {State} state */
  function update({ snapshot, kind }) {
    if (snapshot === undefined) return;
    const { deadlocks: found, loop, rows, waitLines = [] } = snapshot;
    const byId = byIdOf(rows);
    replace(
      deadlocks,
      found.length === 0
        ? h(
            "p",
            { class: "fine" },
            kind === "live"
              ? "None: no coroutines wait for each other in a circle"
              : "None among coroutines; who holds a lock is not recorded",
          )
        : h("ul", { class: "lints" }, ...found.map((text) => h("li", { class: "bad" }, circle(text)))),
    );
    counts.hidden = kind === "recording";
    replace(
      counts,
      figure("Timers", loop.timers),
      figure("Callbacks", loop.callbacks),
      figure("Descriptors", loop.descriptors),
    );
    replace(
      lines,
      waitLines.length > 0 &&
        card(
          "Who waits in line",
          h("ul", { class: "lines" }, ...waitLines.map((line) => inLine(line, byId))),
        ),
    );
    /** @type {Map<string, Node[]>} */
    const kinds = new Map();
    for (const { kind: name, name: what, waiters } of resourcesOf(
      rows,
      new Set(waitLines.map(({ what }) => what)),
    )) {
      const items = kinds.get(name) ?? [];
      items.push(resource(what, waiters));
      kinds.set(name, items);
    }
    replace(
      resources,
      ...[...kinds].map(([name, items]) => card(name, ...items)),
      kinds.size === 0 && waitLines.length === 0 && empty("Nothing is waited for but coroutines"),
    );
  }

  /**
   * Who has a thing, and who comes next.
   *
   * @param {WaitLine} line
   * @param {ReadonlyMap<number, Row>} byId
   */
  function inLine({ what, name, holderId, waiting, waiters }, byId) {
    /** @param {number} id */
    const link = (id) => coroutineLink(app, byId.get(id) ?? { id, name: "" });
    const rest = waiting - waiters.length;
    return h(
      "li",
      {},
      h(
        "span",
        { class: "name" },
        h("b", {}, count(waiting)),
        ` ${plain(lineWords(waiting, what, name))}`,
        ...(holderId === undefined ? [] : [", which ", link(holderId), " holds"]),
      ),
      h(
        "ol",
        { class: what === "an event" && "together", "aria-label": "Who waits, the next one first" },
        ...waiters.map((id) => h("li", {}, link(id))),
        rest > 0 && h("li", { class: "soft" }, `and ${plural(rest, "other")}`),
      ),
    );
  }

  /** Each member of a circle on its own line. @param {string} text */
  function circle(text) {
    const members = text.split("; ");
    return h("ol", { class: "circle" }, ...members.map((member) => h("li", {}, ...linked(app, member))));
  }

  /** @param {string} name @param {ReturnType<typeof resourcesOf>[number]["waiters"]} waiters */
  function resource(name, waiters) {
    return h(
      "details",
      { class: "resource", "data-key": `resource ${name}` },
      h(
        "summary",
        { "data-key": `resource of ${name}` },
        h("b", { class: "count" }, count(waiters.length)),
        h("span", { class: "name" }, plain(waitWords(waiters.length, name))),
      ),
      h(
        "ol",
        { class: "plainlist" },
        ...waiters
          .slice(0, mostWaiters)
          .map((row) => h("li", {}, coroutineLink(app, row), place(row.at), age(row.ageMs))),
        waiters.length > mostWaiters &&
          h("li", { class: "soft" }, `and ${plural(waiters.length - mostWaiters, "other")}`),
      ),
    );
  }

  function text() {
    const { snapshot } = app.state ?? {};
    if (snapshot === undefined) return "";
    return [
      ...snapshot.deadlocks.map((found) => `deadlock: ${found}`),
      ...(snapshot.waitLines ?? []).map(({ what, name, holderId, waiting, waiters }) => {
        const holder = holderId === undefined ? "" : `, which #${holderId} holds`;
        return `${waiting} ${lineWords(waiting, what, name)}${holder}: ${waiters.map((id) => `#${id}`).join(", ")}`;
      }),
      ...resourcesOf(snapshot.rows).map(
        ({ name, waiters }) =>
          `${waiters.length} ${waitWords(waiters.length, name)}: ${waiters.map((row) => `${row.name} #${row.id}`).join(", ")}`,
      ),
    ].join("\n");
  }

  return { element, update, text, wants: () => ({ limit: 500 }) };
}

/**
 * A lock by its own name, as deadlocks name it; of the rest a number would say nothing.
 *
 * @param {number} waiting @param {string} what @param {string} name
 */
function lineWords(waiting, what, name) {
  return waitWords(waiting, /^(a )?lock\b/.test(what) ? name : what);
}

/** @param {string} name @param {number} value */
function figure(name, value) {
  return h("div", { class: "figure" }, h("span", { class: "what" }, name), h("strong", {}, count(value)));
}
