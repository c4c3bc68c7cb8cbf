/** A call of one node to another: the Future of its answer. It belongs to the coroutine that made it. */
import { type CancelledError, TimeoutError } from "../../base/index.ts";
import { FAILED, Future, RESOLVED } from "../../future/index.ts";
import { currentCoroutine } from "../../gen/index.ts";
import { IOLoop, type Timeout } from "../../loop/index.ts";
import { CallFailedError } from "../errors.ts";
import type { Answer } from "./packet.ts";

export class NetCall extends Future<unknown> {
  readonly #from: string;
  readonly #to: string;
  readonly #onEnd: () => void;
  readonly #owner: object | undefined = currentCoroutine();
  readonly #loop = IOLoop.current();
  readonly #timer: Timeout | undefined;

  /** @param onEnd - called when no answer is waited for any more */
  constructor(from: string, to: string, timeoutMs: number | undefined, onEnd: () => void) {
    super();
    this.#from = from;
    this.#to = to;
    this.#onEnd = onEnd;
    this.#timer =
      timeoutMs === undefined ? undefined : this.#loop.callLater(timeoutMs, () => this.#expire(timeoutMs));
  }

  /** The answer has come; not the first, where packets come twice. */
  answered(answer: Answer): void {
    if ("value" in answer) this._settle(RESOLVED, answer.value);
    else this._settle(FAILED, new CallFailedError(this.#to, answer.error));
  }

  override _describe(): string {
    return `an answer of "${this.#to}"`;
  }

  override _settle(state: number, value: unknown): void {
    this.#onEnd();
    if (this.#timer !== undefined) this.#loop.removeTimeout(this.#timer);
    super._settle(state, value);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this.#owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }

  #expire(limitMs: number): void {
    const message = `Cannot wait longer for an answer of "${this.#to}" to "${this.#from}": the limit of ${limitMs} ms passed`;
    this._settle(FAILED, new TimeoutError(message, limitMs));
  }
}
