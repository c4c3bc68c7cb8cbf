/** The application, as its handlers see it. */
import type { WebLog } from "./log.ts";

/** What a handler needs of its application. */
export interface HandlerHost {
  readonly log: WebLog;
  readonly settings: { readonly cancelOnClose: boolean };
  reverseUrl(name: string, ...args: readonly (string | number)[]): string;
}
