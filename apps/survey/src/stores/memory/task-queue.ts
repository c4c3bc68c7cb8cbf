/** Task queues in memory, for tests and simulations. */
import type { Future } from "gyre";
import { checkLimit, checkQueueName, checkSpanMs, checkTask } from "../checks.ts";
import type { QueuedTask, Reservation, ReserveOptions, TaskQueue } from "../task-queue.ts";
import { MemoryStore } from "./store.ts";
import type { StoreIO } from "./store-io.ts";

/** A task in its queue. */
export interface TaskItem {
  readonly number: number;
  readonly task: string;
  readonly attempts: number;
  /** 0: nobody has it. */
  readonly leasedUntilMs: number;
}

/** One queue. Each change makes a new one, so that who keeps the old one has it as it was. */
export interface QueueItems {
  /** Numbers are never used again, also when the queue was empty. */
  readonly lastNumber: number;
  readonly items: readonly TaskItem[];
}

const EMPTY: QueueItems = { lastNumber: 0, items: [] };

export class MemoryTaskQueue extends MemoryStore implements TaskQueue {
  readonly #queues: Map<string, QueueItems>;

  /** @param queues - what is there already, and stays when the store is closed */
  constructor(io: StoreIO, queues: Map<string, QueueItems> = new Map()) {
    super(io);
    this.#queues = queues;
  }

  push(queue: string, task: string): Future<number> {
    return this.perform("queue.push", queue, () => {
      checkTask("push a task", task);
      const { lastNumber, items } = this.#find("push a task", queue);
      const item = { number: lastNumber + 1, task, attempts: 0, leasedUntilMs: 0 };
      this.#queues.set(queue, { lastNumber: item.number, items: [...items, item] });
      return items.length + 1;
    });
  }

  list(queue: string, limit: number): Future<QueuedTask[]> {
    return this.perform("queue.list", queue, () => {
      const items = this.#items("list tasks", queue).slice(0, checkLimit("list tasks", limit));
      const nowMs = this.nowMs();
      return items.map(({ task, attempts, leasedUntilMs }) => ({
        task,
        attempts,
        leased: leasedUntilMs > nowMs,
      }));
    });
  }

  length(queue: string): Future<number> {
    return this.perform("queue.length", queue, () => this.#items("count tasks", queue).length);
  }

  has(queue: string, task: string): Future<boolean> {
    return this.perform("queue.has", queue, () => {
      checkTask("find a task", task);
      return this.#items("find a task", queue).some((each) => each.task === task);
    });
  }

  remove(queue: string, task: string): Future<boolean> {
    return this.perform("queue.remove", queue, () => {
      checkTask("remove a task", task);
      const item = this.#items("remove a task", queue).find((each) => each.task === task);
      return this.#replace(queue, item);
    });
  }

  reserve(queue: string, options: ReserveOptions): Future<Reservation | undefined> {
    return this.perform("queue.reserve", queue, () => {
      checkSpanMs("reserve a task", "lease", options.leaseMs);
      const nowMs = this.nowMs();
      const item = this.#items("reserve a task", queue).find(({ leasedUntilMs }) => leasedUntilMs <= nowMs);
      if (item === undefined) return undefined;
      const attempt = item.attempts + 1;
      const reserved = { ...item, attempts: attempt, leasedUntilMs: nowMs + options.leaseMs };
      this.#replace(queue, item, reserved);
      return { id: idOf(reserved), task: item.task, attempt };
    });
  }

  acknowledge(queue: string, id: string): Future<boolean> {
    return this.perform("queue.acknowledge", queue, () => {
      const item = this.#items("acknowledge a task", queue).find((each) => isHeld(each, id));
      return this.#replace(queue, item);
    });
  }

  release(queue: string, id: string): Future<boolean> {
    return this.perform("queue.release", queue, () => {
      const item = this.#items("release a task", queue).find((each) => isHeld(each, id));
      return item !== undefined && this.#replace(queue, item, { ...item, leasedUntilMs: 0 });
    });
  }

  /** Put `other` in the place of `item`, or nothing; tells whether there was one. */
  #replace(queue: string, item: TaskItem | undefined, other?: TaskItem): boolean {
    if (item === undefined) return false;
    const found = this.#queues.get(queue) ?? EMPTY;
    const items = found.items.flatMap((each) =>
      each !== item ? [each] : other === undefined ? [] : [other],
    );
    this.#queues.set(queue, { ...found, items });
    return true;
  }

  #items(action: string, queue: string): readonly TaskItem[] {
    return this.#find(action, queue).items;
  }

  #find(action: string, queue: string): QueueItems {
    checkQueueName(action, queue);
    return this.#queues.get(queue) ?? EMPTY;
  }
}

function idOf({ number, attempts }: TaskItem): string {
  return `${number}-${attempts}`;
}

/** Is `id` the task's last reservation, not given back since? */
function isHeld(item: TaskItem, id: string): boolean {
  return item.leasedUntilMs !== 0 && idOf(item) === id;
}
