/** Every schedule once, depth first: the last decision that has an alternative left takes the next one. */
import type { Choices } from "../choices.ts";
import type { Strategy } from "../strategy.ts";
import { Share } from "../workers/share.ts";

export class Exhaustive implements Strategy {
  readonly name = "exhaustive";
  readonly #share: Share;
  /** What the next run begins with; what follows is 0. */
  readonly #prefix: number[] = [];
  #at = 0;
  /** Has every schedule been run? */
  isDone = false;

  constructor(share: Share = new Share()) {
    this.#share = share;
  }

  begin(): boolean {
    this.#at = 0;
    return !this.isDone;
  }

  choose(): number {
    return this.#prefix[this.#at++] ?? 0;
  }

  end(choices: Choices): void {
    let at = this.#share.depthToVary(choices.length) - 1;
    while (at >= 0 && choices.value(at) + 1 >= choices.count(at)) at--;
    if (at < 0) {
      this.isDone = true;
      return;
    }
    this.#share.goOnAt(at);
    this.#prefix.length = 0;
    for (let before = 0; before < at; before++) this.#prefix.push(choices.value(before));
    this.#prefix.push(choices.value(at) + 1);
  }
}
