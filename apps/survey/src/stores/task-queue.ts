/** The interface of task queues: at least once, in the order of arrival. */
import type { Future } from "gyre";

/** A task that is yours until its lease runs out. */
export interface Reservation {
  /** Names this reservation, not the task: it is good for one `acknowledge` or `release`. */
  readonly id: string;
  readonly task: string;
  /** 1 the first time that the task is handed out, then 2, ... */
  readonly attempt: number;
}

/** A task as `list` shows it. */
export interface QueuedTask {
  readonly task: string;
  /** How often it has been handed out. */
  readonly attempts: number;
  /** Is it in somebody's hands now? */
  readonly leased: boolean;
}

export interface ReserveOptions {
  /** Milliseconds after which the task returns to the queue unless it is acknowledged; > 0. */
  readonly leaseMs: number;
}

/**
 * Queues of strings by name, shared by all processes that open the store.
 *
 * A task leaves its queue only by `acknowledge` or `remove`. Until then it is handed out
 * again whenever a lease runs out, so a worker that dies loses nothing, and
 * one that is slower than its lease may see its task done twice.
 *
 * A queue exists as soon as something is pushed. Names: 1 to 255 bytes of
 * UTF-8, without NUL. Tasks: up to 1 MiB of UTF-8. All errors arrive through the Future.
 */
export interface TaskQueue {
  /** Put `task` at the end. Durable once the Future settles; gives the queue's new length. */
  push(queue: string, task: string): Future<number>;

  /** The oldest tasks, at most `limit` (1 to 10,000), leased ones included. */
  list(queue: string, limit: number): Future<QueuedTask[]>;

  /** How many tasks are not acknowledged yet, leased ones included. */
  length(queue: string): Future<number>;

  /** Is there such a task, leased or not? */
  has(queue: string, task: string): Future<boolean>;

  /** Remove the oldest task that equals `task`, wherever it stands and whoever holds it; tells whether there was one. */
  remove(queue: string, task: string): Future<boolean>;

  /**
   * Take the oldest task that nobody holds; `undefined` when there is none. Does not wait for one.
   *
   * A task that came back stands where it stood, in front of what arrived after it.
   */
  reserve(queue: string, options: ReserveOptions): Future<Reservation | undefined>;

  /**
   * The task is done: remove it.
   *
   * @returns whether it was still yours: `false` when the lease ran out and the task went to somebody else
   */
  acknowledge(queue: string, id: string): Future<boolean>;

  /**
   * Hand the task back at once, for the next `reserve`.
   *
   * @returns whether it was still yours, as with `acknowledge`
   */
  release(queue: string, id: string): Future<boolean>;

  /** Let go of everything; waits for what is under way. Later calls fail with `STORE_CLOSED`. */
  close(): Future<void>;
}
