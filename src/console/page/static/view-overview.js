// @ts-check
/** How the program does, at one look. */

/** @import { Row } from "../../../trace/live.ts" */
/** @import { State } from "../wire.ts" */
/** @import { App, View } from "./page.js" */
import { h, replace } from "./dom.js";
import { columns, count, duration, frame, plain, plural } from "./format.js";
import { byIdOf, countStates, filterOf, groupRows, kindOf, kindsOf, lintsOf } from "./groups.js";
import { card, dot, empty, frames, linked, place, spark } from "./parts.js";

const mostBars = 8;

/** @param {App} app @returns {View} */
export function overviewView(app) {
  const element = h("div", { class: "view overview" }, h("h1", { class: "hidden" }, "Overview"));
  const figures = h("div", { class: "figures" });
  const lints = h("div");
  const waits = h("div");
  const places = h("div");
  const turns = h("div");
  element.append(
    figures,
    card("Worth a look", lints),
    h("div", { class: "pair" }, card("What it waits for", waits), card("Where it waits", places)),
    card("Slowest turns", turns),
  );

  /** @param {State} state */
  function update(state) {
    const { snapshot } = state;
    if (snapshot === undefined) return;
    replace(figures, ...figuresOf(app, state));
    replace(lints, ...lintsIn(state));
    const byId = byIdOf(snapshot.rows);
    replace(waits, waitBars(snapshot.rows, byId));
    replace(places, placeBars(snapshot.rows, byId));
    replace(turns, turnsOf(state));
    turns.parentElement?.toggleAttribute("hidden", state.kind === "recording");
  }

  /** @param {State} state */
  function lintsIn({ snapshot, blocked }) {
    const found = snapshot === undefined ? [] : lintsOf(snapshot, blocked);
    if (found.length === 0) {
      return [h("p", { class: "fine" }, "Nothing: no block, no deadlock, no orphan, no lost event")];
    }
    return [
      h(
        "ul",
        { class: "lints" },
        ...found.map(({ text, isBad }) =>
          h("li", { class: isBad ? "bad" : "" }, h("span", {}, ...linked(app, text))),
        ),
      ),
    ];
  }

  /** @param {readonly Row[]} rows @param {ReadonlyMap<number, Row>} byId */
  function waitBars(rows, byId) {
    /** @type {Map<string, { value: number, filter: string }>} */
    const counts = new Map();
    for (const row of rows) {
      if (row.state !== "waiting") continue;
      const kind = kindOf(row, byId);
      const found = counts.get(kind) ?? { value: 0, filter: filterOf(kindsOf(row, byId)) };
      found.value++;
      counts.set(kind, found);
    }
    const sorted = [...counts].sort(([, one], [, other]) => other.value - one.value);
    return bars(
      sorted.map(([kind, { value, filter }]) => ({
        label: h("span", {}, plain(kind)),
        value,
        href: app.link("coroutines", { filter }),
      })),
      "Nothing waits",
    );
  }

  /** @param {readonly Row[]} rows @param {ReadonlyMap<number, Row>} byId */
  function placeBars(rows, byId) {
    return bars(
      groupRows(rows, byId).map(({ name, at, rows: members }) => ({
        label: h("span", {}, h("b", {}, plain(name)), " ", place(at)),
        value: members.length,
        href: app.link("coroutines", {
          filter: `fn:"${name.slice(0, 200).replaceAll('"', "*")}"${at === undefined ? "" : ` at:"${at}"`}`,
        }),
      })),
      "Nothing runs",
    );
  }

  function text() {
    const { snapshot, overview, blocked } = app.state ?? {};
    if (snapshot === undefined) return "";
    const byId = byIdOf(snapshot.rows);
    const groups = groupRows(snapshot.rows, byId).map(({ rows, name, on, at }) => [
      rows.length,
      name,
      on,
      at ?? "",
    ]);
    const latency = overview?.latencyMs;
    return [
      `live ${snapshot.total}, ready ${snapshot.loop.ready}, timers ${snapshot.loop.timers}`,
      latency === undefined
        ? ""
        : `latency p50 ${duration(latency.p50)}, p99 ${duration(latency.p99)}, max ${duration(latency.max)}`,
      ...lintsOf(snapshot, blocked).map((lint) => lint.text),
      "",
      columns(groups),
      ...(overview?.slowTurns ?? []).map(
        ({ at, tookMs, frames, goesOn }) =>
          `\n${duration(tookMs)} ${goesOn ? "up to now," : "at"} ${at}\n  ${frames.join("\n  ")}`,
      ),
    ].join("\n");
  }

  return { element, update, text, wants: () => ({ limit: 500 }) };
}

/** @param {App} app @param {State} state */
function figuresOf(app, { snapshot, overview, blocked, kind, recording }) {
  if (snapshot === undefined) return [];
  const { total, rows, loop, recorder } = snapshot;
  const states = countStates(rows);
  const latency = overview?.latencyMs;
  const figures = [
    figure(
      "Live coroutines",
      count(total),
      h(
        "span",
        { class: "states" },
        dot("running"),
        count(states.running),
        dot("ready"),
        count(states.ready),
        dot("waiting"),
        count(states.waiting),
      ),
      kind === "live" &&
        spark(
          app.samples.map((sample) => sample.total),
          "Live coroutines over the last two minutes",
        ),
    ),
    figure(
      "Ready to run",
      count(loop.ready),
      kind === "live"
        ? `${plural(loop.timers, "timer")}, ${plural(loop.descriptors, "descriptor")}`
        : "at this time",
      kind === "live" &&
        spark(
          app.samples.map((sample) => sample.ready),
          "Ready coroutines over the last two minutes",
        ),
    ),
  ];
  if (latency !== undefined) {
    // The timers that what blocks keeps waiting have not come, so they are not counted yet.
    const max = Math.max(latency.max, blocked?.forMs ?? 0);
    figures.push(
      figure(
        "Loop latency, p99",
        duration(latency.p99),
        `p50 ${duration(latency.p50)}, max ${duration(max)}`,
        spark(
          app.samples.map((sample) => sample.p99),
          "Loop latency over the last two minutes",
        ),
      ),
    );
  }
  if (overview !== undefined) {
    const heap = `${Math.round(overview.heapUsedBytes / 1e6)} MB`;
    figures.push(figure("Heap", heap, `${duration(overview.cpuMs)} of CPU`));
  }
  if (recording === undefined) {
    const lost = `${count(recorder.dropped)} dropped`;
    const how = recorder.on ? lost : recorder.dropped > 0 ? `off, ${lost}` : "off";
    figures.push(figure("Recorded events", count(recorder.events), how));
  } else {
    const lost = `${count(recording.dropped)} dropped`;
    figures.push(
      figure(
        "Recorded events",
        count(recording.events),
        `${plural(recording.coroutines, "coroutine")}, ${lost}`,
      ),
    );
  }
  return figures;
}

/** @param {string} name @param {string} value @param {Node | string} more @param {Node | false} [picture] */
function figure(name, value, more, picture = false) {
  return h(
    "div",
    { class: "figure" },
    h("span", { class: "what" }, name),
    h("strong", {}, value),
    h("span", { class: "more" }, more),
    picture,
  );
}

/** @param {{ label: Node, value: number, href: string }[]} items @param {string} none */
function bars(items, none) {
  if (items.length === 0) return empty(none);
  const most = Math.max(...items.map(({ value }) => value));
  return h(
    "ol",
    { class: "bars" },
    ...items.slice(0, mostBars).map(({ label, value, href }) => {
      const bar = h("span", { class: "bar" });
      bar.style.width = `${Math.max(1, (value / most) * 100)}%`;
      return h(
        "li",
        {},
        h("a", { href, "data-key": `bar ${href}` }, bar, label, h("b", { class: "count" }, count(value))),
      );
    }),
    items.length > mostBars && h("li", { class: "soft" }, `and ${plural(items.length - mostBars, "other")}`),
  );
}

/** @param {State} state */
function turnsOf({ overview }) {
  if (overview === undefined) return empty("Not known");
  if (overview.slowTurns.length === 0) {
    return h("p", { class: "fine" }, `None took longer than ${duration(overview.blockedAfterMs)}`);
  }
  return h(
    "ul",
    { class: "turns" },
    ...overview.slowTurns.map(({ at, tookMs, frames: stack, goesOn = false }) => {
      // The time of what goes on is another one at each look.
      const key = goesOn ? "now" : at;
      return h(
        "li",
        { class: goesOn && "bad" },
        h(
          "details",
          { "data-key": `turn ${key}` },
          h(
            "summary",
            { "data-key": `turn of ${key}` },
            h("b", {}, duration(tookMs)),
            h("code", {}, plain(frame(stack[0] ?? "no stack was caught"))),
            h("time", { datetime: at }, goesOn ? "goes on" : at.slice(11, 19)),
          ),
          frames(stack),
        ),
      );
    }),
  );
}
