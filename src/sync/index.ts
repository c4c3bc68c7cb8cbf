export { Condition } from "./condition.ts";
export { Event } from "./event.ts";
export type { ItemStore } from "./item-store.ts";
export { Lock } from "./lock.ts";
export type { Release } from "./permit.ts";
export type { Compare } from "./priority-store.ts";
export { LifoQueue, PriorityQueue, type PriorityQueueOptions, Queue, type QueueOptions } from "./queue.ts";
export { BoundedSemaphore, Semaphore } from "./semaphore.ts";
export type { WaitOptions } from "./waiter.ts";
