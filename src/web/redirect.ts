/** Where a redirect leads, and whether it may. */
import { describe } from "../base/index.ts";

export interface RedirectOptions {
  /** 301 instead of 302: the client may remember it for ever. */
  readonly permanent?: boolean;
  /** A status of your own, 300 to 399; 303 after a form that was sent. */
  readonly status?: number;
  /** Let the URL lead to another site. Never with one that a client gave. */
  readonly offSite?: boolean;
}

/** What a redirect puts into the head of a response. */
export interface Redirect {
  readonly status: number;
  /** The value of `Location`. */
  readonly location: string;
}

/**
 * The redirect to `url`, a path or URL.
 *
 * @throws {TypeError} when it leads to another site and `offSite` is not set
 * @throws {RangeError} when the status is none of a redirect
 */
export function redirectTo(url: string, options: RedirectOptions): Redirect {
  const { permanent = false, status = permanent ? 301 : 302, offSite = false } = options;
  if (!(Number.isInteger(status) && status >= 300 && status <= 399)) {
    throw new RangeError(`Cannot redirect: the status is ${status}, one of 300 to 399 is wanted`);
  }
  if (!offSite && leavesSite(url)) {
    throw new TypeError(
      `Cannot redirect to ${describe(url)}: it leads to another site, a path is wanted (or offSite: true)`,
    );
  }
  return { status, location: encodeURI(url).replaceAll("%25", "%") };
}

/** As a browser reads it, which takes "\\" for "/", skips line ends and tabs, and "http:x" for a path if the page came so. */
function leavesSite(url: string): boolean {
  return ["http://here.invalid", "https://here.invalid"].some((here) => {
    try {
      return new URL(url, here).origin !== here;
    } catch {
      return true;
    }
  });
}
