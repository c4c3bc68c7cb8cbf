/** What the program says of itself, for whoever watches: notes, and labels of coroutines. */
import { describe } from "../base/index.ts";
import { currentCoroutine } from "../gen/index.ts";
import type { Watched } from "../loop/index.ts";
import { isWatched, tellAll } from "./watchers.ts";

/** Labels of coroutines, beside them: few have any. */
const labels = new WeakMap<Watched, string[]>();
const NONE: readonly string[] = [];
let haveLabels = false;
let keepLabels = false;

/**
 * Write `text` into what is recorded, as said by the running coroutine: `note("cache write")`.
 *
 * In drawings one that begins with ">" is a message to the world, with "<" the world's answer to it, and with "=" the
 * coroutine's result. Costs next to nothing while nobody watches.
 */
export function note(text: string): void {
  if (!isWatched()) return;
  const work = currentCoroutine();
  const said = toText(text);
  tellAll((each) => each.noted?.(work, said));
}

/**
 * Give the running coroutine a name of its own, such as the id of the request that it serves.
 *
 * Outside of any it does nothing, nor while nobody watches and `makeVisible` was not called.
 */
export function label(text: string): void {
  if (!isWatched() && !keepLabels) return;
  const work = currentCoroutine();
  if (work === undefined) return;
  const said = toText(text);
  const own = labels.get(work);
  if (own === undefined) labels.set(work, [said]);
  else if (own.includes(said)) return;
  else own.push(said);
  haveLabels = true;
  tellAll((each) => each.labelled?.(work, said));
}

/** What no compiler has checked may be anything: whoever watches gets texts, and the program no error for it. */
function toText(said: unknown): string {
  return typeof said === "string" ? said : describe(said);
}

/** The labels of `work`, in the order in which it got them. */
export function labelsOf(work: Watched): readonly string[] {
  return haveLabels ? (labels.get(work) ?? NONE) : NONE;
}

/** Keep labels while nobody watches, too; for one who may look later. */
export function setKeepLabels(keep: boolean): void {
  keepLabels = keep;
}
