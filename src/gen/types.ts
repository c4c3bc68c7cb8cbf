/** Types of what may be yielded, and of what comes back. */
import type { Future } from "../future/index.ts";
import type { YieldPoint } from "./runner.ts";

/** The result of a function that is a generator function, an async one or a plain one. */
export type ResultOf<R> = R extends Generator<infer _Y, infer T, infer _N> ? Awaited<T> : Awaited<R>;

/** What `yield* all(...)` gives for one member. */
export type Resolved<X> =
  X extends Future<infer T>
    ? T
    : X extends YieldPoint<infer T>
      ? T
      : X extends PromiseLike<infer T>
        ? Awaited<T>
        : X extends Generator<infer _Y, infer T, infer _N>
          ? Awaited<T>
          : X extends ReadonlyMap<infer K, infer V>
            ? Map<K, Resolved<V>>
            : X extends readonly unknown[] | { readonly [key: string]: unknown }
              ? ResolvedMembers<X>
              : never;

/** The results of an array or a record of yieldables, in the same shape. */
export type ResolvedMembers<C> = { -readonly [K in keyof C]: Resolved<C[K]> };

// The `any` is what `const x = yield future` is typed as; `yield*` is the typed form.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type CoroutineGenerator<T> = Generator<unknown, T, any>;
