/** The kinds of events by number, in the ring's memory. */
export const START = 0;
/** It waits for a coroutine. */
export const WAIT = 1;
/** It waits for something else. */
export const WAIT_TEXT = 2;
export const WAKE = 3;
export const STEP = 4;
/** It ended with a result; with an error, one more; by a cancel, two more. */
export const END = 5;
export const NOTE = 8;
export const LABEL = 9;
/** Of the wait before it: its line, as a text. */
export const LINE = 10;
/** Of the wait before it: who has what it waits for, and the name of that. */
export const HELD = 11;
/** Of the end that follows: who goes on, and nobody waits for it; and whose end it is. */
export const ORPHAN = 12;
/** Of the events that follow: which loop they are of, and how many of what was ready on it had not run yet. */
export const LOOP = 13;
