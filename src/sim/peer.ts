/** A process beside the main one, as far as the world knows it: it goes on by itself, when its turn comes. */

/** An operation that is at its end. */
export interface Ending {
  readonly label: string;
  /** Its effect happens, now. */
  happen(): void;
}

export interface Peer {
  readonly name: string;
  /** The id of its first coroutine, which its own steps are counted to; `undefined` for none. */
  readonly workId: number | undefined;

  /** Run what is ready there. @returns whether anything was */
  drain(): boolean;

  /** Has its last drain used up the budget, so that work is left? */
  readonly isSpent: boolean;

  /** When its next pass or timer is, on the world's clock; `undefined` when it waits for others only. */
  dueAtMs(): number | undefined;

  /** Make a pass. */
  turn(): void;

  /**
   * An operation of it ends: is the process there, so that it learns of it?
   *
   * @returns false when it has crashed here; what became of the effect is settled then
   */
  survives(ending: Ending): boolean;
}
