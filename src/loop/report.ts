/**
 * Reports: what a loop noticed about the program, as data.
 *
 * The runtime above fills them in; whoever listens decides what to do. With no
 * listener a report is written to the loop's log, so that nothing is silent.
 */

/** Something that the program should not have done. Narrow it by `kind`. */
export interface Report {
  /** Which sort it is, such as "orphan" or "lost-error". */
  readonly kind: string;
  /** The report in full, for people: several lines. */
  readonly text: string;
}

/**
 * Receives the reports of one loop, inside the step that caused them; must be short.
 *
 * A "blocked" report comes in the midst of whatever blocks: note it or write
 * it, and leave the program's own state alone.
 */
export type ReportListener = (report: Report) => void;
