/** Task queues in memory, for tests and simulations. */
import type { Future } from "gyre";
import { checkLimit, checkQueueName, checkSpanMs, checkTask } from "../checks.ts";
import type { QueuedTask, Reservation, ReserveOptions, TaskQueue } from "../task-queue.ts";
import { MemoryStore } from "./store.ts";

interface Item {
  readonly number: number;
  readonly task: string;
  attempts: number;
  /** 0: nobody has it. */
  leasedUntilMs: number;
}

export class MemoryTaskQueue extends MemoryStore implements TaskQueue {
  readonly #queues = new Map<string, Item[]>();
  #pushed = 0;

  push(queue: string, task: string): Future<number> {
    return this.perform("queue.push", queue, () => {
      checkTask("push a task", task);
      return this.#items("push a task", queue).push({
        number: ++this.#pushed,
        task,
        attempts: 0,
        leasedUntilMs: 0,
      });
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
      const items = this.#items("remove a task", queue);
      const at = items.findIndex((each) => each.task === task);
      if (at >= 0) items.splice(at, 1);
      return at >= 0;
    });
  }

  reserve(queue: string, options: ReserveOptions): Future<Reservation | undefined> {
    return this.perform("queue.reserve", queue, () => {
      checkSpanMs("reserve a task", "lease", options.leaseMs);
      const nowMs = this.nowMs();
      const item = this.#items("reserve a task", queue).find(({ leasedUntilMs }) => leasedUntilMs <= nowMs);
      if (item === undefined) return undefined;
      item.attempts++;
      item.leasedUntilMs = nowMs + options.leaseMs;
      return { id: idOf(item), task: item.task, attempt: item.attempts };
    });
  }

  acknowledge(queue: string, id: string): Future<boolean> {
    return this.perform("queue.acknowledge", queue, () => {
      const items = this.#items("acknowledge a task", queue);
      const item = items.find((each) => isHeld(each, id));
      if (item !== undefined) items.splice(items.indexOf(item), 1);
      return item !== undefined;
    });
  }

  release(queue: string, id: string): Future<boolean> {
    return this.perform("queue.release", queue, () => {
      const item = this.#items("release a task", queue).find((each) => isHeld(each, id));
      if (item !== undefined) item.leasedUntilMs = 0;
      return item !== undefined;
    });
  }

  #items(action: string, queue: string): Item[] {
    checkQueueName(action, queue);
    let items = this.#queues.get(queue);
    if (items === undefined) {
      items = [];
      this.#queues.set(queue, items);
    }
    return items;
  }
}

function idOf({ number, attempts }: Item): string {
  return `${number}-${attempts}`;
}

/** Is `id` the task's last reservation, not given back since? */
function isHeld(item: Item, id: string): boolean {
  return item.leasedUntilMs !== 0 && idOf(item) === id;
}
