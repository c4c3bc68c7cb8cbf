/** Stopping when the system asks for it. */
import { Future } from "../future/index.ts";
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
 * @returns settled with the signal once the application has stopped; the place to close stores
 */
export function stopOnSignals(
  application: { stop(options: CloseOptions): Future<void> },
  { signals = ["SIGTERM", "SIGINT"], ...options }: StopOnSignalsOptions = {},
): Future<NodeJS.Signals> {
  const stopped = new Future<NodeJS.Signals>();
  const onSignal = (signal: NodeJS.Signals): void => {
    for (const each of signals) process.off(each, onSignal);
    application.stop(options)._listen({
      settled(source): void {
        const error = source.error();
        if (error === undefined) stopped.setResult(signal);
        else stopped.setError(error);
      },
    });
  };
  for (const each of signals) process.on(each, onSignal);
  return stopped;
}
