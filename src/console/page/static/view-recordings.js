// @ts-check
/** Recordings: what is recorded now, and files that were written before. */

/** @import { RecordingInfo, State } from "../wire.ts" */
/** @import { App, View } from "./page.js" */
import { post } from "./api.js";
import { h, replace } from "./dom.js";
import { count, duration, plain, plural } from "./format.js";
import { card, empty } from "./parts.js";

/** @param {App} app @returns {View} */
export function recordingsView(app) {
  const live = h("div");
  const list = h("div");
  const input = h("input", {
    type: "file",
    id: "file",
    onchange: () => void openAll([...(input.files ?? [])]),
  });
  const zone = h(
    "label",
    {
      class: "drop",
      for: "file",
      ondragover: over,
      ondragleave: () => zone.classList.remove("over"),
      ondrop: dropped,
    },
    h("b", {}, "Drop a recording here"),
    h("span", { class: "soft" }, "or choose a file. It goes to this program's console only, and is not kept"),
    input,
  );
  const liveCard = card("This program", live);
  const element = h(
    "div",
    { class: "view recordings" },
    h("h1", { class: "hidden" }, "Recordings"),
    liveCard,
    card("A file", zone),
    card("Opened", list),
  );

  /** @param {DragEvent} event */
  function over(event) {
    event.preventDefault();
    zone.classList.add("over");
  }

  /** @param {DragEvent} event */
  function dropped(event) {
    event.preventDefault();
    zone.classList.remove("over");
    void openAll([...(event.dataTransfer?.files ?? [])]);
  }

  /** @param {File[]} files */
  async function openAll(files) {
    for (const file of files) await open(post("open", { name: file.name }, file));
    input.value = "";
  }

  /** @param {Promise<RecordingInfo>} opening */
  async function open(opening) {
    try {
      const { id } = await opening;
      location.hash = `#/overview?rec=${id}`;
    } catch (error) {
      app.say(/** @type {Error} */ (error).message);
    }
  }

  /** @param {boolean} on */
  async function record(on) {
    try {
      const { done } = await post("control", {}, JSON.stringify({ action: "record", on }));
      app.say(done);
    } catch (error) {
      app.say(/** @type {Error} */ (error).message);
    }
    app.ask();
  }

  /** @param {State} state */
  function update({ snapshot, kind, recordings, allowControl, recording }) {
    liveCard.hidden = kind === "recording";
    if (snapshot !== undefined) {
      const { on, events, dropped: lost } = snapshot.recorder;
      replace(
        live,
        h(
          "p",
          {},
          on
            ? `It records: ${plural(events, "event")} in memory, ${count(lost)} dropped.`
            : "It does not record. Start it with a recorder to see timelines, drawings, and who woke whom.",
        ),
        h(
          "p",
          { class: "actions" },
          on &&
            h(
              "button",
              {
                class: "main",
                type: "button",
                "data-key": "keep",
                onclick: () => void open(post("keep", {})),
              },
              "Look at it up to now",
            ),
          allowControl &&
            h(
              "button",
              { type: "button", "data-key": "record", onclick: () => void record(!on) },
              on ? "Stop recording" : "Start recording",
            ),
        ),
      );
    }
    const all = recording === undefined || recording.id !== "" ? recordings : [recording, ...recordings];
    replace(
      list,
      all.length === 0 ? empty("None yet") : h("ul", { class: "plainlist cards" }, ...all.map(item)),
    );
  }

  /** @param {RecordingInfo} info */
  function item(info) {
    const { id, name, program, durationUs, events, coroutines, cutOff, dropped: lost } = info;
    return h(
      "li",
      {},
      h(
        "a",
        { href: `#/overview${id === "" ? "" : `?rec=${id}`}`, "data-key": `recording ${id}` },
        plain(name),
      ),
      h(
        "span",
        {},
        `${duration(durationUs / 1000)}, ${plural(coroutines, "coroutine")}, ${plural(events, "event")}`,
      ),
      h(
        "span",
        { class: "soft" },
        `${plain(program.name)} ${program.pid}, ${program.startedAt.slice(0, 19).replace("T", " ")}`,
      ),
      (cutOff || lost > 0) &&
        h("span", { class: "bad" }, cutOff ? "cut off" : `${count(lost)} events dropped`),
    );
  }

  function text() {
    return (app.state?.recordings ?? [])
      .map(
        ({ name, durationUs, events }) =>
          `${name}: ${duration(durationUs / 1000)}, ${plural(events, "event")}`,
      )
      .join("\n");
  }

  return { element, update, text, wants: () => ({ limit: 0 }) };
}
