// @ts-check
/** Moves over a recording: the time that everything else shows. */

/** @import { State, Timeline } from "../wire.ts" */
/** @import { App } from "./page.js" */
import { ask } from "./api.js";
import { h, replace, s } from "./dom.js";
import { duration, plain } from "./format.js";

/** A recording is played in about this time, however long it is. */
const playMs = 12_000;
const frameMs = 100;

export class Scrubber {
  #app;
  #element;
  #slider = h("input", {
    type: "range",
    min: 0,
    step: 1,
    "aria-label": "Time in the recording",
    oninput: () => this.#go(Number(this.#slider.value)),
  });
  #time = h("output", { class: "time" });
  #name = h("span", { class: "name" });
  #play = h("button", { class: "tool", type: "button", onclick: () => this.#toggle() }, "Play");
  #density = s("svg", {
    class: "density",
    viewBox: "0 0 120 20",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;
  /** Whose density is drawn. @type {string | undefined} */ #drawn;

  /** @param {App} app @param {HTMLElement} element */
  constructor(app, element) {
    this.#app = app;
    this.#element = element;
    const live = h("a", { class: "tool back", href: "#/overview" }, "Back to live");
    replace(
      element,
      this.#play,
      h("div", { class: "track" }, this.#density, this.#slider),
      this.#time,
      this.#name,
      live,
    );
  }

  /** @param {State} state */
  update(state) {
    const { recording } = state;
    this.#element.hidden = recording === undefined;
    if (recording === undefined) {
      this.#stop();
      return;
    }
    const atUs = Number(this.#app.route.query.at ?? recording.durationUs);
    this.#slider.max = String(recording.durationUs);
    if (document.activeElement !== this.#slider || this.#timer !== undefined)
      this.#slider.value = String(atUs);
    const text = `${duration(atUs / 1000)} of ${duration(recording.durationUs / 1000)}`;
    this.#time.textContent = text;
    this.#slider.setAttribute("aria-valuetext", text);
    this.#name.textContent = plain(recording.name);
    // A file that `gyre view` shows has nothing behind it.
    this.#element.classList.toggle("only", this.#app.route.query.rec === undefined);
    if (this.#drawn === recording.id) return;
    this.#drawn = recording.id;
    void this.#draw();
  }

  async #draw() {
    /** @type {Timeline | undefined} */
    const timeline = await ask("timeline", { ...this.#app.source(), limit: 0 }).catch(() => undefined);
    if (timeline === undefined) return;
    const most = Math.max(...timeline.density, 1);
    const bars = timeline.density.map((value, at) => {
      // By the root: a burst would else press all the rest flat.
      const height = Math.sqrt(value / most) * 18;
      return value === 0 ? "" : `M${at + 0.5},20v${(-Math.max(1, height)).toFixed(1)}`;
    });
    replace(this.#density, s("path", { d: bars.join("") }));
  }

  /** @param {number} atUs */
  #go(atUs) {
    this.#app.setQuery({ at: Math.round(atUs) });
  }

  #toggle() {
    if (this.#timer !== undefined) {
      this.#stop();
      return;
    }
    const durationUs = Number(this.#slider.max);
    if (Number(this.#slider.value) >= durationUs) this.#go(0);
    this.#play.textContent = "Pause";
    this.#timer = setInterval(() => {
      const atUs = Math.min(durationUs, Number(this.#slider.value) + (durationUs * frameMs) / playMs);
      this.#slider.value = String(atUs);
      this.#go(atUs);
      if (atUs >= durationUs) this.#stop();
    }, frameMs);
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#play.textContent = "Play";
  }
}
