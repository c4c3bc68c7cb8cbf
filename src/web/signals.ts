/** Stopping when the system asks for it. */
import type { CancelledError } from "../base/index.ts";
import { Future } from "../future/index.ts";
import { currentCoroutine } from "../gen/index.ts";
import type { CloseOptions } from "./server.ts";

export interface StopOnSignalsOptions extends CloseOptions {
  /** Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
}

/**
 * Stop `application` when the process gets a signal.
 *
 * The first signal stops it gracefully; from then on signals do what they do
 * without us, so a second one ends the process at once.
 *
 * @returns settled with the signal once the application has stopped; the place to close stores. Cancel it to
 *   listen for signals no more; a stop that has begun goes on
 */
export function stopOnSignals(
  application: { stop(options: CloseOptions): Future<void> },
  { signals = ["SIGTERM", "SIGINT"], ...options }: StopOnSignalsOptions = {},
): Future<NodeJS.Signals> {
  const stopped = new StopOnSignals(signals, (signal) => {
    application.stop(options)._listen({
      settled(source): void {
        const error = source.error();
        if (error === undefined) stopped.setResultUnlessCancelled(signal);
        else stopped.setErrorUnlessCancelled(error);
      },
    });
  });
  return stopped;
}

/** Listens until the first signal, or until it is cancelled. */
class StopOnSignals extends Future<NodeJS.Signals> {
  readonly #signals: readonly NodeJS.Signals[];
  readonly #owner = currentCoroutine();
  readonly #stop: (signal: NodeJS.Signals) => void;

  constructor(signals: readonly NodeJS.Signals[], stop: (signal: NodeJS.Signals) => void) {
    super();
    this.#signals = signals;
    this.#stop = stop;
    for (const each of signals) process.on(each, this.#onSignal);
  }

  override cancel(reason?: unknown): boolean {
    this.#unlisten();
    return super.cancel(reason);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this.#owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#unlisten();
    this.#stop(signal);
  };

  #unlisten(): void {
    for (const each of this.#signals) process.off(each, this.#onSignal);
  }
}
