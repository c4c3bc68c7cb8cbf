/** So much in a second and no more: for what is dear, useful, and in a flood of it looked at by nobody. */
export class Budget {
  readonly #perSecond: number;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #spent = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Is there something left? Then it is one less. */
  take(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#windowStartMs >= 1000) {
      this.#windowStartMs = nowMs;
      this.#spent = 0;
    }
    return this.#spent++ < this.#perSecond;
  }
}
