/** An object that says who reads and writes it. */

/** Told of each access. */
export interface AccessListener {
  read(key: string): void;
  write(key: string): void;
}

/** Methods of Map and Set that change nothing but one entry, or nothing at all. */
const ENTRY_READS = new Set(["get", "has"]);
const ENTRY_WRITES = new Set(["set", "add", "delete"]);

/** Can every access to it be seen? Not to what an instance of a class has inside. */
export function isSharable(target: object): boolean {
  if (Array.isArray(target) || target instanceof Map || target instanceof Set) return true;
  const prototype: unknown = Object.getPrototypeOf(target);
  return prototype === Object.prototype || prototype === null;
}

/** `target`, with every access to a property, or to an entry of a Map or Set, told to `listener`. */
export function watchedObject<T extends object>(name: string, target: T, listener: AccessListener): T {
  return target instanceof Map || target instanceof Set
    ? watchedCollection(name, target, listener)
    : watchedProperties(name, target, listener);
}

function watchedProperties<T extends object>(name: string, target: T, listener: AccessListener): T {
  const keyOf = (key: PropertyKey): string => `${name}.${String(key)}`;
  return new Proxy(target, {
    get(of, key) {
      listener.read(keyOf(key));
      return Reflect.get(of, key);
    },
    has(of, key) {
      listener.read(keyOf(key));
      return Reflect.has(of, key);
    },
    ownKeys(of) {
      for (const key of Reflect.ownKeys(of)) listener.read(keyOf(key));
      listener.read(keyOf("*"));
      return Reflect.ownKeys(of);
    },
    set(of, key, value) {
      listener.write(keyOf(key));
      if (!Reflect.has(of, key)) listener.write(keyOf("*"));
      return Reflect.set(of, key, value);
    },
    deleteProperty(of, key) {
      listener.write(keyOf(key));
      listener.write(keyOf("*"));
      return Reflect.deleteProperty(of, key);
    },
    defineProperty(of, key, descriptor) {
      listener.write(keyOf(key));
      listener.write(keyOf("*"));
      return Reflect.defineProperty(of, key, descriptor);
    },
  });
}

/** Its methods want the collection itself as `this`. */
function watchedCollection<T extends object>(name: string, target: T, listener: AccessListener): T {
  const watched: T = new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key, of);
      if (typeof value !== "function") {
        listener.read(`${name}.*`);
        return value;
      }
      return (...args: unknown[]): unknown => {
        const method = String(key);
        const entry = `${name}.${entryName(args[0])}`;
        if (ENTRY_READS.has(method)) listener.read(entry);
        else if (ENTRY_WRITES.has(method)) {
          listener.write(entry);
          listener.write(`${name}.*`);
        } else if (method === "clear") {
          for (const each of (of as unknown as Map<unknown, unknown>).keys()) {
            listener.write(`${name}.${entryName(each)}`);
          }
          listener.write(`${name}.*`);
        } else listener.read(`${name}.*`);
        const result: unknown = value.apply(of, args);
        // What can be chained goes on with what is watched.
        return result === of ? watched : result;
      };
    },
  });
  return watched;
}

/** Entries that are objects are one and the same here, which is never too few conflicts. */
function entryName(key: unknown): string {
  return typeof key === "object" || typeof key === "function" ? "(object)" : String(key);
}
