/** The stores of the survey service: what they promise, in a folder and in memory. */
export { type OpenStoresOptions, openStores } from "./embedded/open.ts";
export {
  ObjectExistsError,
  ObjectNotFoundError,
  StoreError,
  type StoreErrorCode,
  StoreFullError,
} from "./errors.ts";
export type {
  EntriesOptions,
  KeyValueEntry,
  KeyValueStore,
  SetIfEqualOptions,
  SetOptions,
} from "./key-value.ts";
export { type MemoryStores, type MemoryTables, openMemoryStores, openTables } from "./memory/open.ts";
export type { Fault, SimulatedIO, SimulatedIOOptions } from "./memory/simulated-io.ts";
export type { StoreIO, StoreOperation } from "./memory/store-io.ts";
export type {
  CreateOptions,
  ListOptions,
  ObjectInfo,
  ObjectReader,
  ObjectStore,
  ObjectWriter,
  OpenOptions,
} from "./object-store.ts";
export type { Stores } from "./stores.ts";
export type { QueuedTask, Reservation, ReserveOptions, TaskQueue } from "./task-queue.ts";
