/** Claims about types that the compiler checks: a wrong one does not compile. */

/** Are two types the same, not only assignable to each other? */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `isType<Wanted>()(value)`: the type of `value` is exactly `Wanted`, or a second argument is missing. Gives the value back. */
export function isType<Wanted>(): <Actual>(
  value: Actual,
  ...proof: Same<Actual, Wanted> extends true ? [] : [wanted: Wanted]
) => Actual {
  return ((value: unknown) => value) as never;
}
