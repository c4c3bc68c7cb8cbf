// @ts-check
/** One coroutine: its logical stack up to the root, where it waits in the source, what happened to it. */

/** @import { Row } from "../../../trace/live.ts" */
/** @import { Excerpt, History, NamedEvent, State } from "../wire.ts" */
/** @import { App, View } from "./page.js" */
import { ask, post } from "./api.js";
import { h, replace } from "./dom.js";
import { duration, plain, plural } from "./format.js";
import { byIdOf, waitsFor } from "./groups.js";
import { card, coroutineLink, dot, empty, labels, linked, place, waits } from "./parts.js";
import { membersOf, stackOf } from "./tree.js";

const most = 200_000;
/** Each costs the program 0.1 ms. */
const mostLines = 50;

/** @param {App} app @returns {View} */
export function coroutineView(app) {
  const id = Number(app.route.query.id);
  const head = h("header", { class: "head" });
  const trouble = h("div");
  const stack = h("div");
  const source = h("div");
  const children = h("div");
  const happened = h("div");
  const element = h(
    "div",
    { class: "view one" },
    head,
    trouble,
    h(
      "div",
      { class: "pair" },
      card("Logical stack", stack),
      card("Where it waits", source),
      card("What it started", children),
      card("What happened to it", happened),
    ),
  );
  /** @type {Row | undefined} */
  let last;
  /** Of which place the source is shown. */
  let shownAt = "";
  /** When the history was last asked for, by the time of the snapshot. */
  let askedAt = "";

  /** @param {State} state */
  function update(state) {
    const { snapshot, allowControl } = state;
    if (snapshot === undefined) return;
    const byId = byIdOf(snapshot.rows);
    const row = byId.get(id);
    showHead(row, allowControl && state.kind === "live");
    const circles = snapshot.deadlocks.filter((text) => membersOf(text).includes(id));
    replace(
      trouble,
      circles.length > 0 &&
        h(
          "ul",
          { class: "lints" },
          ...circles.map((text) => h("li", { class: "bad" }, "It can never go on: ", ...linked(app, text))),
        ),
    );
    if (snapshot.at !== askedAt) {
      askedAt = snapshot.at;
      void showHistory();
    }
    if (row === undefined) {
      replace(stack, empty(last === undefined ? `No coroutine #${id} is alive here` : "It has ended"));
      replace(source, empty("It waits nowhere"));
      replace(children);
      return;
    }
    last = row;
    showStack(row, snapshot.rows, byId);
    void showSource(row);
    const started = snapshot.rows.filter(({ ownerId }) => ownerId === id);
    replace(
      children,
      started.length === 0
        ? empty("Nothing that is still alive")
        : h(
            "ul",
            { class: "plainlist" },
            ...started
              .slice(0, 50)
              .map((child) =>
                h(
                  "li",
                  {},
                  dot(child.state),
                  coroutineLink(app, child),
                  h("span", { class: "on" }, ...waits(app, child, byId)),
                ),
              ),
            started.length > 50 && h("li", { class: "soft" }, `and ${plural(started.length - 50, "other")}`),
          ),
    );
  }

  /** @param {Row | undefined} row @param {boolean} canCancel */
  function showHead(row, canCancel) {
    const shown = row ?? last;
    replace(
      head,
      h("a", { class: "up", href: app.link("coroutines"), "data-key": "up" }, "All coroutines"),
      h(
        "h1",
        {},
        row === undefined ? h("span", { class: "dot ended", title: "ended" }) : dot(row.state),
        h("span", { class: "name" }, plain(shown?.name ?? "Coroutine")),
        h("span", { class: "id" }, ` #${id}`),
      ),
      h(
        "p",
        { class: "facts" },
        h("span", { class: `state ${row?.state ?? "ended"}` }, row?.state ?? "ended"),
        row?.ageMs !== undefined && h("span", {}, `${duration(row.ageMs)} old`),
        ...(shown === undefined ? [] : labels(shown)),
      ),
      canCancel &&
        row !== undefined &&
        h(
          "button",
          { class: "danger", type: "button", "data-key": "cancel", onclick: () => void cancel(row) },
          "Cancel it",
        ),
    );
  }

  /** @param {Row} row @param {readonly Row[]} rows @param {ReadonlyMap<number, Row>} byId */
  function showStack(row, rows, byId) {
    const inner = innerOf(row, byId);
    const up = stackOf(row, rows);
    replace(
      stack,
      h(
        "ol",
        { class: "stack" },
        ...inner.map((one) => frame(one, "awaited by", byId)),
        ...up.map(({ row: one, isAwaited }, at) =>
          frame(one, at === up.length - 1 ? "" : isAwaited ? "awaited by" : "started by", byId),
        ),
      ),
    );
  }

  /** @param {Row} row @param {string} how it stands to the one below it @param {ReadonlyMap<number, Row>} byId */
  function frame(row, how, byId) {
    const isLeaf = row.on.every((one) => typeof one === "string");
    return h(
      "li",
      { class: row.id === id ? "here" : "", "aria-current": row.id === id ? "true" : undefined },
      h("span", { class: "lead" }, dot(row.state), coroutineLink(app, row), place(row.at)),
      isLeaf && row.on.length > 0 && h("span", { class: "on" }, "waits for ", ...waits(app, row, byId)),
      how !== "" && h("span", { class: "how" }, how),
    );
  }

  /** @param {Row} row */
  async function showSource(row) {
    const at = `${row.file}:${row.line}`;
    if (at === shownAt) return;
    shownAt = at;
    if (row.file === undefined || row.line === undefined) {
      const why = row.state === "waiting" ? "The line is not known" : `It is ${row.state}, so waits nowhere`;
      replace(source, empty(why));
      return;
    }
    try {
      /** @type {Excerpt} */
      const excerpt = await ask("excerpt", { file: row.file, line: row.line });
      if (at === shownAt)
        replace(source, listing(excerpt, row.line), h("p", { class: "soft" }, h("code", {}, row.at ?? "")));
    } catch (error) {
      replace(source, empty(row.at ?? "", /** @type {Error} */ (error).message));
    }
  }

  async function showHistory() {
    try {
      /** @type {History} */
      const history = await ask("history", { ...app.source(), id });
      const { steps, busyUs, ended, events } = history;
      if (events.length === 0) {
        replace(happened, empty("Nothing was recorded of it"));
        return;
      }
      const end =
        ended === undefined
          ? ""
          : `, then ended with ${ended.how === "error" ? "an error" : `a ${ended.how}`}`;
      replace(
        happened,
        wokenBy(events),
        h("p", { class: "soft" }, `${plural(steps, "step")}, ${duration(busyUs / 1000)} busy${end}`),
        h("ol", { class: "events" }, ...events.slice(-40).reverse().map(eventLine)),
      );
    } catch (error) {
      replace(happened, empty("Nothing is recorded", plain(/** @type {Error} */ (error).message)));
    }
  }

  /** @param {readonly NamedEvent[]} events */
  function wokenBy(events) {
    const wake = events.findLast(({ event }) => event.kind === "wake");
    if (wake?.event.kind !== "wake") return h("p", {}, "Nobody has woken it yet");
    const { by } = wake.event;
    return h(
      "p",
      {},
      "Last woken by ",
      by === undefined ? "the world" : coroutineLink(app, { id: by, name: wake.other ?? "" }),
    );
  }

  /** @param {NamedEvent} named */
  function eventLine({ event, other }) {
    return h("li", {}, h("time", {}, duration(event.atUs / 1000)), h("span", {}, ...words(event, other)));
  }

  /** @param {NamedEvent["event"]} event @param {string | undefined} other @returns {(Node | string)[]} */
  function words(event, other) {
    switch (event.kind) {
      case "start":
        return ["started"];
      case "step":
        return ["runs"];
      case "note":
        return [plain(event.text)];
      case "end":
        return [
          event.how === "error"
            ? "ended with an error"
            : event.how === "cancel"
              ? "was cancelled"
              : "ended with a result",
        ];
      case "wake":
        return event.by === undefined
          ? ["woken by the world"]
          : ["woken by ", coroutineLink(app, { id: event.by, name: other ?? "" })];
      case "wait":
        return typeof event.on === "string"
          ? ["waits for ", plain(event.on)]
          : ["waits for ", coroutineLink(app, { id: event.on, name: other ?? "" })];
    }
  }

  /** @param {Row} row */
  async function cancel(row) {
    if (!confirm(`Cancel ${plain(row.name)} #${row.id}?`)) return;
    try {
      const { done } = await post("control", {}, JSON.stringify({ action: "cancel", id: row.id }));
      app.say(done);
    } catch (error) {
      app.say(/** @type {Error} */ (error).message);
    }
    app.ask();
  }

  function text() {
    const rows = app.state?.snapshot?.rows ?? [];
    const byId = byIdOf(rows);
    const row = byId.get(id);
    if (row === undefined) return `#${id} has ended`;
    return [...innerOf(row, byId), ...stackOf(row, rows).map((one) => one.row)]
      .map(
        (one) =>
          `${one.name} #${one.id} ${one.state} ${waitsFor(one, byId)}${one.at === undefined ? "" : ` at ${one.at}`}`,
      )
      .join("\n");
  }

  /** All rows, as the stack may lead anywhere, but the lines of the stack alone. */
  function wants() {
    const rows = app.state?.snapshot?.rows ?? [];
    const byId = byIdOf(rows);
    const row = byId.get(id);
    if (row === undefined) return { limit: most, lines: String(id) };
    const shown = [...innerOf(row, byId), ...stackOf(row, rows).map((one) => one.row)];
    return {
      limit: most,
      lines: shown
        .slice(0, mostLines)
        .map((one) => one.id)
        .join(","),
    };
  }

  return { element, update, text, wants };
}

/**
 * What a coroutine waits for, and what that waits for, and so on: innermost first.
 *
 * @param {Row} row
 * @param {ReadonlyMap<number, Row>} byId
 */
function innerOf(row, byId) {
  /** @type {Row[]} */
  const inner = [];
  const seen = new Set([row.id]);
  for (
    let next = awaitedBy(row, byId);
    next !== undefined && !seen.has(next.id);
    next = awaitedBy(next, byId)
  ) {
    seen.add(next.id);
    inner.unshift(next);
  }
  return inner;
}

/** @param {Row} row @param {ReadonlyMap<number, Row>} byId */
function awaitedBy(row, byId) {
  const id = row.on.find((one) => typeof one === "number");
  return id === undefined ? undefined : byId.get(id);
}

/** @param {Excerpt} excerpt @param {number} line */
function listing(excerpt, line) {
  return h(
    "ol",
    { class: "listing" },
    ...excerpt.lines.map((text, at) => {
      const number = excerpt.from + at;
      return h(
        "li",
        { class: number === line ? "here" : "" },
        h("span", { class: "number" }, number),
        h("code", {}, text === "" ? " " : text),
      );
    }),
  );
}
