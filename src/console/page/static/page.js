// @ts-check
/**
 * The page: follows the program, or a recording, and shows one view of it.
 *
 * It asks, and is not told: so a page nobody looks at costs nothing, and one that looks at much asks less often.
 */

/** @import { State } from "../wire.ts" */
/** @import { Route } from "./route.js" */
import { AskError, ask } from "./api.js";
import { byId, h, replace } from "./dom.js";
import { count, duration, plain } from "./format.js";
import { frames, icon } from "./parts.js";
import { formatRoute, parseRoute } from "./route.js";
import { Scrubber } from "./scrubber.js";
import { coroutineView } from "./view-coroutine.js";
import { coroutinesView } from "./view-coroutines.js";
import { overviewView } from "./view-overview.js";
import { recordingsView } from "./view-recordings.js";
import { resourcesView } from "./view-resources.js";
import { timelineView } from "./view-timeline.js";
import { treeView } from "./view-tree.js";

/** One moment of the past two minutes. @typedef {{ total: number, ready: number, p99: number }} Sample */

/**
 * What a view may use of the page.
 *
 * @typedef {object} App
 * @property {Route} route
 * @property {State | undefined} state
 * @property {readonly Sample[]} samples
 * @property {(view: string, query?: Record<string, string | number | undefined>) => string} link to a view of the
 *   same program or recording
 * @property {(query: Record<string, string | number | undefined>) => void} setQuery change a part of this view's
 *   address
 * @property {() => { rec?: string, at?: string }} source what is looked at, for questions
 * @property {() => void} ask again at once
 * @property {(text: string) => void} say something for a moment
 */

/**
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {(state: State) => void} update
 * @property {() => string} text for the clipboard
 * @property {() => { limit: number, lines?: string }} wants how many rows, and whether with their lines
 * @property {() => void} [dispose]
 */

/** Those that the navigation shows, in order. @type {[name: string, title: string, make: (app: App) => View][]} */
const views = [
  ["overview", "Overview", overviewView],
  ["coroutines", "Coroutines", coroutinesView],
  ["tree", "Tree", treeView],
  ["resources", "Resources", resourcesView],
  ["timeline", "Timeline", timelineView],
  ["recordings", "Recordings", recordingsView],
];
/** @type {Record<string, (app: App) => View>} */
const makers = {
  coroutine: coroutineView,
  ...Object.fromEntries(views.map(([name, , make]) => [name, make])),
};

const everyMs = 1000;
const mostSamples = 120;

class Page {
  /** @type {Route} */ route = parseRoute(location.hash);
  /** @type {State | undefined} */ state;
  /** @type {Sample[]} */ samples = [];
  /** @type {View | undefined} */ #view;
  #viewKey = "";
  #isFrozen = false;
  #isPressed = false;
  /** An update that came while the pointer was down. */ #isDue = false;
  #isAsking = false;
  #isAskedAgain = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #scrubber = new Scrubber(this, byId("scrubber"));

  start() {
    // The token has become a cookie; in the address it would be kept in the history.
    if (location.search !== "") history.replaceState(null, "", `${location.pathname}${location.hash}`);
    addEventListener("hashchange", () => this.#routed());
    addEventListener("keydown", (event) => this.#key(event));
    addEventListener("pointerdown", () => {
      this.#isPressed = true;
    });
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => this.#released());
    document.addEventListener("visibilitychange", () => this.ask());
    byId("freeze").addEventListener("click", () => this.#freeze());
    byId("copy").addEventListener("click", () => void this.#copy());
    this.#routed();
  }

  /** @param {string} view @param {Record<string, string | number | undefined>} [query] */
  link(view, query = {}) {
    return formatRoute(view, { ...this.source(), ...query });
  }

  /** @param {Record<string, string | number | undefined>} query */
  setQuery(query) {
    const hash = formatRoute(this.route.view, { ...this.route.query, ...query });
    history.replaceState(null, "", hash);
    this.#routed();
  }

  /** @returns {{ rec?: string, at?: string }} */
  source() {
    const { rec, at } = this.route.query;
    return { ...(rec === undefined ? {} : { rec }), ...(at === undefined ? {} : { at }) };
  }

  ask() {
    clearTimeout(this.#timer);
    void this.#ask();
  }

  /** @param {string} text */
  say(text) {
    const toast = byId("toast");
    toast.textContent = text;
    toast.hidden = false;
    setTimeout(() => {
      if (toast.textContent === text) toast.hidden = true;
    }, 4000);
  }

  /** The address has changed. */
  #routed() {
    const before = this.route;
    this.route = parseRoute(location.hash);
    const make = makers[this.route.view] ?? overviewView;
    const { rec, at, id } = this.route.query;
    // Each coroutine and each recording has its own view; a filter only changes what one shows.
    const key = JSON.stringify([this.route.view, id, rec]);
    const isNew = key !== this.#viewKey;
    if (isNew) {
      this.#view?.dispose?.();
      this.#viewKey = key;
      this.#view = make(this);
      replace(byId("main"), this.#view.element);
      scrollTo(0, 0);
    }
    if (before.query.rec !== rec) {
      this.state = undefined;
      this.samples = [];
    }
    this.#showNav();
    if (this.state !== undefined) this.#update();
    if (isNew || this.state === undefined || before.query.at !== at) this.ask();
  }

  async #ask() {
    const view = this.#view;
    if (view === undefined || document.hidden) return;
    // One question at a time: while the scrubber moves they would else overtake each other.
    if (this.#isAsking) {
      this.#isAskedAgain = true;
      return;
    }
    this.#isAsking = true;
    const { rec } = this.source();
    let waitMs = everyMs;
    try {
      /** @type {State} */
      const state = await ask("state", { ...view.wants(), ...this.source() });
      // What is frozen stays, however late its answer.
      const isWanted = rec === this.source().rec && (!this.#isFrozen || this.state === undefined);
      if (isWanted) this.#took(state);
      waitMs = state.kind === "live" ? Math.max(everyMs, 10 * state.tookMs) : Number.POSITIVE_INFINITY;
    } catch (error) {
      this.#failed(/** @type {Error} */ (error));
    }
    this.#isAsking = false;
    if (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      this.ask();
    } else if (!this.#isFrozen && waitMs !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => void this.#ask(), waitMs);
    }
  }

  /** @param {State} state */
  #took(state) {
    this.state = state;
    const { snapshot, overview } = state;
    if (snapshot !== undefined && state.kind === "live") {
      const { total, loop } = snapshot;
      this.samples.push({ total, ready: loop.ready, p99: overview?.latencyMs?.p99 ?? 0 });
      if (this.samples.length > mostSamples) this.samples.shift();
    }
    this.#update();
  }

  #update() {
    if (this.#isPressed) {
      // An element that is replaced between press and release gets no click.
      this.#isDue = true;
      return;
    }
    const { state } = this;
    if (state === undefined) return;
    keeping(() => {
      this.#showTop(state);
      this.#view?.update(state);
      this.#scrubber.update(state);
    });
  }

  #released() {
    this.#isPressed = false;
    if (!this.#isDue) return;
    this.#isDue = false;
    // After the click that the release may become.
    setTimeout(() => this.#update());
  }

  /** @param {State} state */
  #showTop(state) {
    const { snapshot, blocked, recording, kind } = state;
    if (snapshot !== undefined) {
      byId("program").textContent = plain(snapshot.program);
      const uptime = kind === "live" ? `, up ${duration(snapshot.uptimeMs)}` : "";
      byId("process").textContent = `pid ${snapshot.pid}, Node ${snapshot.node.replace(/^v/, "")}${uptime}`;
      document.title = `${plain(snapshot.program)} · gyre`;
    }
    const pulse = byId("pulse");
    const name =
      kind === "recording" ? "recording" : this.#isFrozen ? "frozen" : blocked ? "blocked" : "live";
    pulse.className = `pulse ${name}`;
    pulse.textContent = name;
    byId("freeze").hidden = kind === "recording";
    const banner = byId("banner");
    const sign = JSON.stringify([blocked?.frames, state.failures, recording?.id, recording?.dropped]);
    const title = blocked === undefined ? "" : `The loop is blocked, for ${duration(blocked.forMs)} already`;
    if (banner.dataset.sign === sign) {
      const heading = banner.querySelector("h2");
      if (heading !== null) heading.textContent = title;
      return;
    }
    banner.dataset.sign = sign;
    replace(
      banner,
      blocked !== undefined &&
        h(
          "section",
          { class: "blocked" },
          h("h2", {}, title),
          h("p", {}, "Nothing else can run until this returns:"),
          blocked.frames.length > 0 ? frames(blocked.frames) : h("p", {}, plain(blocked.unreadable ?? "")),
        ),
      ...state.failures.map((failure) => h("p", { class: "notice bad" }, plain(failure))),
      recording !== undefined &&
        recording.dropped > 0 &&
        h("p", { class: "notice" }, dropped(recording.dropped)),
      recording?.cutOff === true &&
        h("p", { class: "notice" }, "The file ends in the middle: what came after is lost"),
    );
  }

  /** @param {Error} error */
  #failed(error) {
    const pulse = byId("pulse");
    pulse.className = "pulse lost";
    pulse.textContent = "lost";
    const isGone = error instanceof AskError && error.status === 0;
    const banner = byId("banner");
    banner.dataset.sign = "";
    const advice = isGone && this.state !== undefined ? ". What is shown is the last that was seen" : "";
    replace(banner, h("p", { class: "notice bad" }, `${plain(error.message)}${advice}`));
  }

  #showNav() {
    const current = this.route.view === "coroutine" ? "coroutines" : this.route.view;
    replace(
      byId("nav"),
      ...views.map(([name, title], at) =>
        h(
          "a",
          {
            href: this.link(name),
            "aria-current": name === current ? "page" : undefined,
            title: `${title} (${at + 1})`,
          },
          icon(name),
          h("span", {}, title),
        ),
      ),
    );
  }

  #freeze() {
    this.#isFrozen = !this.#isFrozen;
    const button = byId("freeze");
    button.setAttribute("aria-pressed", String(this.#isFrozen));
    button.textContent = this.#isFrozen ? "Go on" : "Freeze";
    if (this.#isFrozen) clearTimeout(this.#timer);
    else this.ask();
    if (this.state !== undefined) this.#showTop(this.state);
  }

  async #copy() {
    const text = this.#view?.text() ?? "";
    const head = `${byId("program").textContent}, ${byId("process").textContent}, ${this.state?.snapshot?.at ?? ""}`;
    try {
      await navigator.clipboard.writeText(`${head}\n\n${text}\n`);
      this.say("Copied as text");
    } catch {
      this.say("The browser does not let this page copy");
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && target instanceof HTMLInputElement) target.blur();
    if (target.matches("input, select, textarea")) return;
    const view = views[Number(event.key) - 1];
    if (view !== undefined) location.hash = this.link(view[0]);
    else if (event.key === "/")
      document.querySelector("input[type=search]")?.dispatchEvent(new Event("wanted"));
    else if (event.key === "f" && this.state?.kind === "live") this.#freeze();
    else if (event.key === "c") void this.#copy();
    else return;
    event.preventDefault();
  }
}

/** @param {number} events */
function dropped(events) {
  return `${count(events)} events were lost because the recorder's memory was full: what is shown has gaps`;
}

/**
 * Do something that makes elements anew, and let the focus and what was opened be as before.
 *
 * @param {() => void} change
 */
function keeping(change) {
  /** @param {Element | null} element */
  const keyOf = (element) => (element instanceof HTMLElement ? element.dataset.key : undefined);
  const focused = keyOf(document.activeElement);
  const open = [...document.querySelectorAll("details[open][data-key]")].map(keyOf);
  change();
  for (const details of document.querySelectorAll("details[data-key]")) {
    if (open.includes(keyOf(details))) details.setAttribute("open", "");
  }
  if (focused === undefined || keyOf(document.activeElement) === focused) return;
  for (const element of document.querySelectorAll("[data-key]")) {
    if (keyOf(element) === focused) /** @type {HTMLElement} */ (element).focus({ preventScroll: true });
  }
}

new Page().start();
