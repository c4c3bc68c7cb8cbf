/** Where a loop says what it noticed: reports to who listens, errors to its hook and its log. Never throws. */
import { FatalError } from "../base/index.ts";
import type { Log } from "./log.ts";
import type { Report, ReportListener } from "./report.ts";

/** What it needs of its loop; both may be replaced at any time. */
export interface OutletHost {
  readonly log: Log;
  /** End with an error that nobody may swallow. */
  _fail(error: unknown): void;
  handleCallbackError(error: unknown, callback: unknown): void;
}

const NOBODY: ReadonlySet<ReportListener> = new Set();

export class Outlet {
  readonly #loop: OutletHost;
  /** Made when somebody listens. */
  #listeners: Set<ReportListener> | undefined = undefined;

  constructor(loop: OutletHost) {
    this.#loop = loop;
  }

  /** See `IOLoop.onReport`. */
  listen(listener: ReportListener): () => void {
    this.#listeners ??= new Set();
    const listeners = this.#listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Hand a report to whoever listens, else to the log. */
  report(report: Report): void {
    const listeners = this.#listeners ?? NOBODY;
    try {
      if (listeners.size === 0) this.#loop.log.warn(report.text);
    } catch (error) {
      this.#loop._fail(error);
    }
    for (const listener of listeners) {
      try {
        listener(report);
      } catch (error) {
        this.callbackError(error, listener);
      }
    }
  }

  /** An error that `callback` threw goes to the loop's hook, which a program may have replaced. */
  callbackError(error: unknown, callback: unknown): void {
    if (error instanceof FatalError) {
      this.#loop._fail(error);
      return;
    }
    try {
      this.#loop.handleCallbackError(error, callback);
    } catch (second) {
      this.logError(`Error in callback${quotedName(callback)}`, error);
      this.logError("Error in handleCallbackError, while it handled the one above", second);
    }
  }

  /** Log an error that nobody can be told. */
  logError(message: string, error: unknown): void {
    if (error instanceof FatalError) {
      this.#loop._fail(error);
      return;
    }
    try {
      this.#loop.log.error(message, error);
    } catch (second) {
      // Nothing is left that could be told of it.
      this.#loop._fail(second);
    }
  }
}

/** The name of a function, as messages give it: in quotes, after a space, if there is one. */
export function quotedName(callback: unknown): string {
  return typeof callback === "function" && callback.name !== "" ? ` "${callback.name}"` : "";
}
