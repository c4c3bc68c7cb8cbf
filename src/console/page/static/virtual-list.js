// @ts-check
/**
 * A list of any length: only the rows that can be seen are in the page. It scrolls with the page itself, and is walked
 * by the arrow keys.
 */
import { h } from "./dom.js";

/** Rows above and below what is seen, so that scrolling does not show a gap. */
const spare = 8;

/**
 * @typedef {object} ListOptions
 * @property {string} label for those who cannot see it
 * @property {(index: number, row: HTMLElement) => void} render fill an empty row
 * @property {(index: number) => void} open a row was chosen
 * @property {(index: number, isOpen: boolean) => void} [toggle] it is to be opened or closed
 */

export class VirtualList {
  /** @type {HTMLElement} */ element;
  /** @type {ListOptions} */ #options;
  #count = 0;
  #current = 0;
  #rowHeight = 0;
  /** Rows in the page, by index. @type {Map<number, HTMLElement>} */ #rows = new Map();
  #scrolled = () => this.#show(false);

  /** @param {ListOptions} options */
  constructor(options) {
    this.#options = options;
    this.element = h("div", {
      class: "list",
      role: "tree",
      "aria-label": options.label,
      onkeydown: (event) => this.#key(event),
      onclick: (event) => this.#click(event),
    });
    addEventListener("scroll", this.#scrolled, { passive: true });
    addEventListener("resize", this.#scrolled, { passive: true });
  }

  /** It is shown no more. */
  dispose() {
    removeEventListener("scroll", this.#scrolled);
    removeEventListener("resize", this.#scrolled);
  }

  /** Show `count` rows, and ask for each that is seen again. @param {number} count */
  refresh(count) {
    this.#count = count;
    this.#current = Math.max(0, Math.min(this.#current, count - 1));
    this.#show(true);
  }

  /** Bring a row into sight and give it the focus. @param {number} index */
  focus(index) {
    this.#current = index;
    const top = this.element.getBoundingClientRect().top + scrollY + index * this.#rowHeight;
    const covered = document.getElementById("sticky")?.getBoundingClientRect().bottom ?? 0;
    if (top < scrollY + covered) scrollTo(0, top - covered);
    else if (top + this.#rowHeight > scrollY + innerHeight - 80)
      scrollTo(0, top + this.#rowHeight - innerHeight + 80);
    this.#show(false);
    this.#rows.get(index)?.focus({ preventScroll: true });
  }

  /** @param {boolean} again render also what is there already */
  #show(again) {
    if (!this.element.isConnected) return;
    this.#rowHeight = Number.parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 36;
    this.element.style.height = `${this.#count * this.#rowHeight}px`;
    const above = -this.element.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(above / this.#rowHeight) - spare);
    const last = Math.min(this.#count - 1, Math.ceil((above + innerHeight) / this.#rowHeight) + spare);
    for (const [index, row] of this.#rows) {
      // The row with the focus stays: without it the keyboard would lead nowhere.
      if ((index < first || index > last) && (index >= this.#count || row !== document.activeElement)) {
        row.remove();
        this.#rows.delete(index);
      }
    }
    for (let index = first; index <= last; index++) {
      const before = this.#rows.get(index);
      if (before !== undefined && !again) {
        before.tabIndex = index === this.#current ? 0 : -1;
        continue;
      }
      const row = before ?? h("div", { role: "treeitem" });
      row.className = "row";
      row.dataset.index = String(index);
      row.tabIndex = index === this.#current ? 0 : -1;
      row.style.transform = `translateY(${index * this.#rowHeight}px)`;
      for (const name of ["aria-expanded", "aria-level"]) row.removeAttribute(name);
      row.setAttribute("aria-setsize", String(this.#count));
      row.setAttribute("aria-posinset", String(index + 1));
      row.replaceChildren();
      this.#options.render(index, row);
      if (before === undefined) {
        this.#rows.set(index, row);
        this.element.append(row);
      }
    }
  }

  /** @param {Event} event */
  #indexOf(event) {
    const row = /** @type {Element} */ (event.target).closest(".row");
    return row instanceof HTMLElement ? Number(row.dataset.index) : undefined;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const index = this.#indexOf(event);
    if (index === undefined || /** @type {Element} */ (event.target).closest("a, button") !== null) return;
    this.#current = index;
    const isCaret = /** @type {Element} */ (event.target).closest(".caret") !== null;
    const row = this.#rows.get(index);
    if (isCaret && row?.hasAttribute("aria-expanded"))
      this.#options.toggle?.(index, row.getAttribute("aria-expanded") !== "true");
    else this.#options.open(index);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const index = this.#indexOf(event);
    if (index === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(innerHeight / this.#rowHeight) - 4);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: this.#count - 1,
    };
    const move = moves[event.key];
    if (move !== undefined) this.focus(Math.max(0, Math.min(this.#count - 1, move)));
    else if (event.key === "ArrowRight") this.#options.toggle?.(index, true);
    else if (event.key === "ArrowLeft") this.#options.toggle?.(index, false);
    else if (event.key === "Enter" && event.target === this.#rows.get(index)) this.#options.open(index);
    else return;
    event.preventDefault();
  }
}
