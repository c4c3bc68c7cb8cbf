/**
 * The review page with client script: keys, and decisions without a new page.
 *
 * The buttons are real ones in real forms; without this module they still work.
 */

const list = document.querySelector("[data-reviews]");
const count = document.querySelector("[data-count]");
const problem = document.querySelector("[data-review-problem]");
const empty = document.querySelector("[data-empty]");
const keys = document.querySelector("[data-keys]");
const keySwitch = document.querySelector("[data-keys-switch]");
const decided = document.querySelector("[data-decided]");
const more = document.querySelector("[data-more]");

let selected;

function cards() {
  return [...list.querySelectorAll("[data-review]:not(.deciding)")];
}

function select(card) {
  if (card === undefined) return;
  selected?.classList.remove("selected");
  selected = card;
  card.classList.add("selected");
}

function move(step) {
  const all = cards();
  const at = all.indexOf(selected);
  const card = all[Math.min(all.length - 1, Math.max(0, at + step))];
  if (card === undefined) return;
  select(card);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function showCount(waiting) {
  count.dataset.count = waiting;
  if (waiting === 0) count.textContent = "Nothing waits.";
  else count.textContent = `${waiting === 1 ? "1 file waits" : `${waiting} files wait`} for your decision.`;
}

function showProblem(message) {
  problem.textContent = message;
  problem.hidden = message === "";
}

/** Put the file on top of the decided ones, in a row that the server has prepared. */
function showDecision(card, decision) {
  const template = document.querySelector(`[data-decided-row=${decision}]`);
  const row = template.content.firstElementChild.cloneNode(true);
  const link = card.querySelector("[data-stored]").cloneNode(true);
  row.querySelector("[data-stored]").replaceWith(link);
  row.querySelector("time").textContent = "just now";
  decided.querySelector("ul").prepend(row);
  decided.hidden = false;
}

async function messageOf(response) {
  const body = await response.json().catch(() => undefined);
  return body?.error?.message ?? `The server answered ${response.status}`;
}

async function decide(card, button) {
  if (card.classList.contains("deciding")) return;
  const form = button.form;
  const body = new URLSearchParams(new FormData(form, button));
  const following = card.nextElementSibling ?? card.previousElementSibling;
  card.classList.add("deciding");
  showProblem("");
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
    });
    if (!response.ok) throw new Error(await messageOf(response));
  } catch (error) {
    card.classList.remove("deciding");
    const reason = error instanceof TypeError ? "The connection was lost" : error.message;
    showProblem(`${card.querySelector("h2").textContent} was not ${button.value}. ${reason}`);
    return;
  }
  const hadFocus = card === selected || card.contains(document.activeElement);
  card.remove();
  showDecision(card, button.value);
  showCount(Number(count.dataset.count) - 1);
  if (list.children.length > 0) {
    if (hadFocus && following?.isConnected) {
      select(following);
      following.focus({ preventScroll: true });
      following.scrollIntoView({ block: "nearest" });
    }
    return;
  }
  keys.hidden = true;
  // The page shows the head of the queue: with more behind it, the next ones have to be fetched.
  if (more !== null) window.location.reload();
  else {
    empty.hidden = false;
    empty.focus({ preventScroll: true });
  }
}

list.addEventListener("submit", (event) => {
  event.preventDefault();
  decide(event.target.closest("[data-review]"), event.submitter);
});

list.addEventListener("focusin", (event) => select(event.target.closest("[data-review]") ?? undefined));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keySwitch?.checked !== true) return;
  if (event.target instanceof HTMLVideoElement) return;
  const key = event.key.toLowerCase();
  if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if ((key === "a" || key === "r") && !event.repeat && selected?.isConnected) {
    decide(selected, selected.querySelector(`[value=${key === "a" ? "approved" : "rejected"}]`));
  } else return;
  event.preventDefault();
});

// One key that decides is too much for people who dictate or whose hands slip: it can be turned off, and stays off.
if (keySwitch !== null) {
  keys.hidden = false;
  keySwitch.checked = localStorage.getItem("review-keys") !== "off";
  keySwitch.addEventListener("change", () => {
    localStorage.setItem("review-keys", keySwitch.checked ? "on" : "off");
  });
}
select(cards()[0]);
