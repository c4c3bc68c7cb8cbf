/**
 * What `make` makes, with at most `frames` lines in the stack of an error made in it; two of them are this
 * function and `make`.
 */
export function withStackLimit<T>(frames: number, make: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = before;
  }
}
