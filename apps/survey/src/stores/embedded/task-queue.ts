/**
 * Task queues in the embedded database.
 *
 * A task stays in one place from `push` to `acknowledge`: at its queue's name,
 * a NUL, and its number. A lease is a deadline in its record, so nothing has to
 * be moved back when a worker dies. To reserve is to look from the head for
 * the first task without a lease in force, which passes over what is in work now.
 */
import { type Future, until } from "gyre";
import { checkLimit, checkQueueName, checkSpanMs, checkTask } from "../checks.ts";
import type { QueuedTask, Reservation, ReserveOptions, TaskQueue } from "../task-queue.ts";
import type { DatabaseHandle, EmbeddedDatabase, Table } from "./database.ts";
import { bytesNumber, numberBytes } from "./keys.ts";

/** What stands before the task in a record: how often it was handed out, and until when; 8 bytes each. */
const HEAD_BYTES = 16;
/** The identifier of a reservation: the task's number and the attempt. */
const RESERVATION = /^(\d{1,15})-(\d{1,15})$/;

const BEGIN = Buffer.from([0]);
const END = Buffer.from([1]);

interface Item {
  readonly attempts: number;
  /** 0: nobody has it. */
  readonly leasedUntilMs: number;
  readonly task: string;
}

/** The record of a queue: the number of the next task, and how many there are. */
interface Tail {
  readonly next: number;
  readonly length: number;
}

export class EmbeddedTaskQueue implements TaskQueue {
  readonly #database: DatabaseHandle;
  readonly #tails: Table;
  readonly #tasks: Table;
  readonly #now: () => number;

  constructor(database: EmbeddedDatabase, now: () => number) {
    this.#database = database.handle();
    this.#tails = database.table("queues");
    this.#tasks = database.table("tasks");
    this.#now = now;
  }

  push(queue: string, task: string): Future<number> {
    return this.#database.write("push a task", () => {
      checkQueueName("push a task", queue);
      checkTask("push a task", task);
      const { next, length } = this.#tail(queue);
      this.#putItem(taskKey(queue, next), { attempts: 0, leasedUntilMs: 0, task });
      this.#putTail(queue, { next: next + 1, length: length + 1 });
      return length + 1;
    });
  }

  list(queue: string, limit: number): Future<QueuedTask[]> {
    return this.#database.read("list tasks", () => {
      checkQueueName("list tasks", queue);
      const range = this.#tasks.getRange({ ...queueRange(queue), limit: checkLimit("list tasks", limit) });
      const nowMs = this.#now();
      return Array.from(range, ({ value }) => {
        const { task, attempts, leasedUntilMs } = decode(value);
        return { task, attempts, leased: leasedUntilMs > nowMs };
      });
    });
  }

  length(queue: string): Future<number> {
    return this.#database.read("count tasks", () => {
      checkQueueName("count tasks", queue);
      return this.#tail(queue).length;
    });
  }

  has(queue: string, task: string): Future<boolean> {
    return this.#database.read("find a task", () => {
      checkQueueName("find a task", queue);
      checkTask("find a task", task);
      return this.#find(queue, task) !== undefined;
    });
  }

  remove(queue: string, task: string): Future<boolean> {
    return until(this.#remove(queue, task));
  }

  reserve(queue: string, options: ReserveOptions): Future<Reservation | undefined> {
    return until(this.#reserve(queue, options));
  }

  acknowledge(queue: string, id: string): Future<boolean> {
    return this.#database.write("acknowledge a task", () => {
      checkQueueName("acknowledge a task", queue);
      const key = this.#reserved(queue, id);
      if (key === undefined) return false;
      this.#drop(queue, key);
      return true;
    });
  }

  release(queue: string, id: string): Future<boolean> {
    return this.#database.write("release a task", () => {
      checkQueueName("release a task", queue);
      const key = this.#reserved(queue, id);
      if (key === undefined) return false;
      const item = decode(this.#tasks.get(key) as Buffer);
      this.#putItem(key, { ...item, leasedUntilMs: 0 });
      return true;
    });
  }

  close(): Future<void> {
    return until(this.#database.close());
  }

  async #remove(queue: string, task: string): Promise<boolean> {
    const action = "remove a task";
    checkQueueName(action, queue);
    checkTask(action, task);
    // A look first: a long search must not hold up those who write.
    const found = this.#database.readNow(action, () => this.#find(queue, task));
    if (found === undefined) return false;
    return this.#database.writeNow(action, () => {
      // Gone meanwhile: perhaps there is another one that looks the same.
      const key = this.#tasks.get(found) === undefined ? this.#find(queue, task) : found;
      if (key === undefined) return false;
      this.#drop(queue, key);
      return true;
    });
  }

  async #reserve(queue: string, options: ReserveOptions): Promise<Reservation | undefined> {
    const action = "reserve a task";
    checkQueueName(action, queue);
    checkSpanMs(action, "lease", options.leaseMs);
    // A look first: workers ask empty queues again and again, and must not hold up those who write.
    if (this.#database.readNow(action, () => this.#free(queue)) === undefined) return undefined;
    return this.#database.writeNow(action, () => {
      const found = this.#free(queue);
      if (found === undefined) return undefined;
      const { task } = found.item;
      const attempt = found.item.attempts + 1;
      this.#putItem(found.key, {
        attempts: attempt,
        leasedUntilMs: Math.ceil(this.#now() + options.leaseMs),
        task,
      });
      return { id: `${bytesNumber(found.key, found.key.length - 8)}-${attempt}`, task, attempt };
    });
  }

  /** Where the oldest task is that equals `task`. */
  #find(queue: string, task: string): Buffer | undefined {
    const wanted = Buffer.from(task);
    for (const { key, value } of this.#tasks.getRange(queueRange(queue))) {
      if (wanted.equals(value.subarray(HEAD_BYTES))) return key;
    }
    return undefined;
  }

  #drop(queue: string, key: Buffer): void {
    this.#tasks.remove(key);
    const { next, length } = this.#tail(queue);
    this.#putTail(queue, { next, length: length - 1 });
  }

  /** The oldest task that nobody holds. */
  #free(queue: string): { key: Buffer; item: Item } | undefined {
    const nowMs = this.#now();
    for (const { key, value } of this.#tasks.getRange(queueRange(queue))) {
      const item = decode(value);
      if (item.leasedUntilMs <= nowMs) return { key, item };
    }
    return undefined;
  }

  /** Where the task of the reservation `id` is, while that is the last one and was not given back. */
  #reserved(queue: string, id: string): Buffer | undefined {
    const [, number, attempt] = RESERVATION.exec(id) ?? [];
    if (number === undefined) return undefined;
    const key = taskKey(queue, Number(number));
    const bytes = this.#tasks.get(key);
    if (bytes === undefined) return undefined;
    const { attempts, leasedUntilMs } = decode(bytes);
    return attempts === Number(attempt) && leasedUntilMs !== 0 ? key : undefined;
  }

  #tail(queue: string): Tail {
    const bytes = this.#tails.get(Buffer.from(queue));
    return bytes === undefined
      ? { next: 1, length: 0 }
      : { next: bytesNumber(bytes, 0), length: bytesNumber(bytes, 8) };
  }

  #putTail(queue: string, tail: Tail): void {
    this.#tails.put(Buffer.from(queue), Buffer.concat([numberBytes(tail.next), numberBytes(tail.length)]));
  }

  #putItem(key: Buffer, item: Item): void {
    const head = [numberBytes(item.attempts), numberBytes(item.leasedUntilMs)];
    this.#tasks.put(key, Buffer.concat([...head, Buffer.from(item.task)]));
  }
}

function decode(bytes: Buffer): Item {
  return {
    attempts: bytesNumber(bytes, 0),
    leasedUntilMs: bytesNumber(bytes, 8),
    task: bytes.toString("utf8", HEAD_BYTES),
  };
}

function taskKey(queue: string, number: number): Buffer {
  return Buffer.concat([Buffer.from(queue), BEGIN, numberBytes(number)]);
}

/** All tasks of a queue: names hold no NUL, so no other queue's lie between. */
function queueRange(queue: string): { start: Buffer; end: Buffer } {
  const name = Buffer.from(queue);
  return { start: Buffer.concat([name, BEGIN]), end: Buffer.concat([name, END]) };
}
