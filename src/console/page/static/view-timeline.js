// @ts-check
/** When coroutines ran, and the drawing of what one request did. */

/** @import { Drawing, Lane, Request, State, Timeline } from "../wire.ts" */
/** @import { App, View } from "./page.js" */
import { ask } from "./api.js";
import { h, replace, s } from "./dom.js";
import { count, duration, plain, plural } from "./format.js";
import { card, coroutineLink, empty, labels } from "./parts.js";
import { loadSvg } from "./svg.js";
import { VirtualList } from "./virtual-list.js";

/** How much is seen at first of a program that goes on. */
const usualMs = 2000;
/** Width of a lane's picture, in its own units. */
const width = 1000;
/** By how much one step of the zoom narrows what is seen. */
const zoomStep = 0.5;

/** @param {App} app @returns {View} */
export function timelineView(app) {
  /** @type {Timeline | undefined} */
  let timeline;
  /** @type {readonly Request[]} */
  let requests = [];
  /** @type {Drawing | undefined} */
  let drawing;
  /** For which moment, range and request what is shown was asked. */
  let asked = "";
  let drawn = "";
  /** @type {number | undefined} */
  let kept;
  const list = new VirtualList({ label: "Lanes", render, open: choose });
  const choice = h("select", { id: "request", onchange: () => app.setQuery({ request: choice.value }) });
  const picture = h("div", { class: "picture" });
  const axis = h("div", { class: "axis" });
  const note = h("p", { class: "soft" });
  const range = h(
    "p",
    { class: "actions" },
    button("Wider", () => zoom(1 / zoomStep)),
    button("Closer", () => zoom(zoomStep)),
    button("Earlier", () => move(-1)),
    button("Later", () => move(1)),
    button("All", () => app.setQuery({ from: 0, to: timeline?.durationUs })),
  );
  const body = h(
    "div",
    { class: "stackable" },
    card(
      "What one request did",
      h(
        "p",
        { class: "actions" },
        h("label", { for: "request" }, "Request"),
        choice,
        button("Latest", showLatest),
      ),
      picture,
    ),
    card("When coroutines ran", range, axis, list.element, note),
  );
  const nothing = h("div");
  const element = h(
    "div",
    { class: "view timeline" },
    h("h1", { class: "hidden" }, "Timeline"),
    nothing,
    body,
  );

  /** @param {string} name @param {() => void} act */
  function button(name, act) {
    return h("button", { type: "button", onclick: act }, name);
  }

  /** @param {State} state */
  function update({ snapshot }) {
    const { from, to, request, rec } = app.route.query;
    const moment = rec === undefined ? snapshot?.at : rec;
    const sign = JSON.stringify([moment, from, to]);
    if (sign !== asked) {
      asked = sign;
      void load();
    }
    showDrawing(request);
    list.refresh(timeline?.lanes.length ?? 0);
  }

  async function load() {
    const { from, to } = app.route.query;
    // Of a program that goes on, what was last: its whole past would be a line as thin as a hair.
    const last = app.state?.kind === "live" && from === undefined ? usualMs : undefined;
    try {
      const source = { ...app.source(), at: undefined };
      [timeline, requests] = await Promise.all([
        ask("timeline", { ...source, from, to, last }),
        ask("requests", source),
      ]);
    } catch (error) {
      body.hidden = timeline === undefined;
      replace(
        nothing,
        timeline === undefined && empty("Nothing is recorded", plain(/** @type {Error} */ (error).message)),
      );
      return;
    }
    body.hidden = false;
    replace(nothing);
    showAxis();
    showChoice();
    showDrawing(app.route.query.request);
  }

  function showAxis() {
    if (timeline === undefined) return;
    const { fromUs, toUs, lanes, total, quiet } = timeline;
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) =>
      h("span", {}, duration((fromUs + (toUs - fromUs) * part) / 1000)),
    );
    replace(axis, ...ticks);
    const early =
      lanes.length < total ? `${count(lanes.length)} of ${count(total)} are here: the earliest. ` : "";
    const none = total === 0 ? "Nothing began, ran or ended in this time. " : "";
    const silent = quiet === 0 ? "" : `${plural(quiet, total === 0 ? "coroutine" : "other")} only waited.`;
    note.textContent = none + early + silent;
    list.refresh(lanes.length);
  }

  function showChoice() {
    const wanted = chosen(app.route.query.request);
    if (document.activeElement === choice) return;
    replace(
      choice,
      ...requests.map((request) => {
        const { id, name, labels: names, startUs, endUs, how } = request;
        const took = endUs === undefined ? "not over" : duration((endUs - startUs) / 1000);
        const end = how === undefined || how === "result" ? "" : `, ${how}`;
        const label = names.length === 0 ? "" : ` ${names.map(plain).join(" ")}`;
        return h(
          "option",
          { value: id, selected: id === wanted },
          `${plain(name)} #${id}${label} (${took}${end})`,
        );
      }),
    );
  }

  /**
   * The one that was asked for; else the last that is over and that called others. It stays then, as nobody could read
   * a drawing that changes each second.
   *
   * @param {string | undefined} text a number, or a label
   * @returns {number | string | undefined} a label only of what is not on the list
   */
  function chosen(text) {
    if (text !== undefined && /^\d+$/.test(text)) return Number(text);
    if (text !== undefined) return requests.find(({ labels }) => labels.includes(text))?.id ?? text;
    const over = requests.filter(({ endUs }) => endUs !== undefined);
    kept ??= (over.findLast(({ below }) => below > 0) ?? over.at(-1) ?? requests.at(-1))?.id;
    return kept;
  }

  function showLatest() {
    kept = undefined;
    app.setQuery({ request: undefined });
    showChoice();
  }

  /** @param {string | undefined} request */
  function showDrawing(request) {
    const id = chosen(request);
    const over = requests.find((one) => one.id === id)?.endUs;
    // What is over is drawn once; the rest as often as there is something new.
    const sign = JSON.stringify([id, app.route.query.rec, over ?? asked]);
    if (id === undefined || sign === drawn) return;
    drawn = sign;
    void draw(id, sign);
  }

  /** @param {number | string} id @param {string} sign */
  async function draw(id, sign) {
    try {
      const { rec } = app.source();
      // A phone has room for less; lanes are folded then.
      const columns = innerWidth < 600 ? 64 : 120;
      const query = new URLSearchParams({
        columns: String(columns),
        ...(rec === undefined ? {} : { rec }),
        request: String(id),
      });
      /** @type {[Drawing, Element]} */
      const [answer, svg] = await Promise.all([
        ask("drawing", { rec, request: id, columns }),
        loadSvg(`/api/drawing.svg?${query}`),
      ]);
      if (sign !== drawn) return;
      drawing = answer;
      replace(
        picture,
        h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Sequence drawing" }, svg),
        h(
          "details",
          { "data-key": "as text" },
          h("summary", { "data-key": "as text of" }, "As text"),
          h("pre", { tabindex: 0 }, answer.text),
        ),
      );
    } catch (error) {
      if (sign === drawn)
        replace(picture, empty("There is no drawing", plain(/** @type {Error} */ (error).message)));
    }
  }

  /** @param {number} index @param {HTMLElement} element */
  function render(index, element) {
    const lane = timeline?.lanes[index];
    if (lane === undefined || timeline === undefined) return;
    element.classList.add("lane");
    const end = lane.endUs === undefined ? "not over" : duration((lane.endUs - lane.startUs) / 1000);
    element.style.setProperty("--depth", String(Math.min(lane.depth, 6)));
    element.append(
      h(
        "span",
        { class: "lead" },
        coroutineLink(app, lane),
        ...labels({ ...lane, state: "waiting", on: [], at: "", ageMs: 0 }),
      ),
      bar(lane, timeline),
      h(
        "span",
        { class: `age ${lane.how === "error" || lane.how === "cancel" ? "bad" : ""}` },
        lane.how === "cancel" ? `${end}, cancelled` : lane.how === "error" ? `${end}, error` : end,
      ),
    );
  }

  /** A thin line while it lives, a thick one while it runs. @param {Lane} lane @param {Timeline} range */
  function bar(lane, { fromUs, toUs }) {
    /** @param {number} us */
    const x = (us) => Math.max(0, Math.min(width, ((us - fromUs) / (toUs - fromUs)) * width));
    const from = x(lane.startUs);
    const to = Math.max(from + 2, x(lane.endUs ?? toUs));
    const runs = lane.runs.map(
      ([begin, end]) =>
        `M${x(begin).toFixed(1)},4h${Math.max(2, x(end) - x(begin)).toFixed(1)}v12h${-Math.max(2, x(end) - x(begin)).toFixed(1)}z`,
    );
    return s(
      "svg",
      {
        class: `bar-of ${lane.how ?? "open"}`,
        viewBox: `0 0 ${width} 20`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      s("rect", { class: "life", x: from, y: 9, width: to - from, height: 2 }),
      s("path", { class: "runs", d: runs.join("") }),
    );
  }

  /** @param {number} index */
  function choose(index) {
    const lane = timeline?.lanes[index];
    if (lane === undefined) return;
    const byId = new Map(timeline?.lanes.map((one) => [one.id, one]));
    // A drawing begins at what has a label, or at what nobody here owns.
    let root = lane;
    for (let up = byId.get(root.ownerId ?? -1); up !== undefined && root.labels.length === 0; ) {
      root = up;
      up = byId.get(root.ownerId ?? -1);
    }
    app.setQuery({ request: root.id });
    choice.value = String(root.id);
    picture.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} factor */
  function zoom(factor) {
    if (timeline === undefined) return;
    const { fromUs, toUs, durationUs } = timeline;
    const middle = (fromUs + toUs) / 2;
    const half = Math.max(10, ((toUs - fromUs) / 2) * factor);
    app.setQuery({
      from: Math.round(Math.max(0, middle - half)),
      to: Math.round(Math.min(durationUs, middle + half)),
    });
  }

  /** @param {number} by in halves of what is seen */
  function move(by) {
    if (timeline === undefined) return;
    const { fromUs, toUs, durationUs } = timeline;
    const length = toUs - fromUs;
    const from = Math.max(0, Math.min(durationUs - length, fromUs + (by * length) / 2));
    app.setQuery({ from: Math.round(from), to: Math.round(from + length) });
  }

  return {
    element,
    update,
    text: () => drawing?.text ?? "",
    wants: () => ({ limit: 0 }),
    dispose: () => list.dispose(),
  };
}
