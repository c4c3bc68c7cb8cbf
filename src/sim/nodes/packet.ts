/** What one node sends to another. */

export interface Packet {
  /** Counted from 1 in each run; a duplicate has the same. */
  readonly id: number;
  /** The name of the node that sent it, or what the main program calls itself. */
  readonly from: string;
  readonly to: string;
  readonly kind: "packet" | "request" | "answer";
  /** A copy: nodes share nothing. */
  readonly payload: unknown;
}

/** What a function that serves requests gave back or threw, as it travels. */
export type Answer = { readonly value: unknown } | { readonly error: string };
