/** The choices of another run, as far as they can be followed. */
import type { ChoiceKind } from "../choices.ts";
import type { Strategy } from "../strategy.ts";

export class Follow implements Strategy {
  readonly name = "replay";
  readonly #values: readonly number[];
  #at = 0;
  /** The first point at which there was no such alternative; 0 was taken there. */
  divergedAt: number | undefined = undefined;

  readonly #plainAfterwards: boolean;

  /** @param plainAfterwards - from that point on take 0 everywhere */
  constructor(values: readonly number[], plainAfterwards = false) {
    this.#values = values;
    this.#plainAfterwards = plainAfterwards;
  }

  begin(): boolean {
    this.#at = 0;
    this.divergedAt = undefined;
    return true;
  }

  choose(_kind: ChoiceKind, count: number): number {
    const at = this.#at++;
    const value = this.divergedAt !== undefined && this.#plainAfterwards ? 0 : (this.#values[at] ?? 0);
    if (value < count) return value;
    this.divergedAt ??= at;
    return 0;
  }

  end(): void {}
}
