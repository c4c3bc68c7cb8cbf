/** The errors that stores throw themselves; wrong arguments are `TypeError` or `RangeError`. */

/** What may be wrong with a store, as a stable word beside the message. */
export type StoreErrorCode =
  | "STORE_UNUSABLE"
  | "STORE_FAILED"
  | "STORE_FULL"
  | "STORE_CLOSED"
  | "VALUE_NOT_A_NUMBER"
  | "WRITER_CLOSED"
  | "OBJECT_NOT_FOUND"
  | "OBJECT_EXISTS";

/** A store could not do what was asked. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** No room is left: the disk, the quota or the file-size limit. Nothing of the failed operation is stored. */
export class StoreFullError extends StoreError {
  constructor(message: string, options?: ErrorOptions) {
    super("STORE_FULL", message, options);
  }
}

/** There is no object under the key. */
export class ObjectNotFoundError extends StoreError {
  readonly key: string;

  constructor(action: string, key: string) {
    super(
      "OBJECT_NOT_FOUND",
      `Cannot ${action}: there is no object ${JSON.stringify(key)}, an existing one is wanted`,
    );
    this.key = key;
  }
}

/** There is an object under the key already, and stores never overwrite one. */
export class ObjectExistsError extends StoreError {
  readonly key: string;

  constructor(action: string, key: string) {
    super(
      "OBJECT_EXISTS",
      `Cannot ${action}: the object ${JSON.stringify(key)} exists already, a free key is wanted`,
    );
    this.key = key;
  }
}
