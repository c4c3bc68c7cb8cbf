export { Budget } from "./budget.ts";
export {
  AllFailedError,
  BadYieldError,
  CancelledError,
  describe,
  errorText,
  FatalError,
  GyreError,
  InvalidStateError,
  isA,
  KeyReuseError,
  LeakedCallbackError,
  LoopStateError,
  OrphanError,
  QueueClosedError,
  QueueEmptyError,
  QueueFullError,
  ReturnValueIgnoredError,
  StackContextInconsistentError,
  suppress,
  suppressedBy,
  TimeoutError,
  toCancelledError,
  UnknownKeyError,
} from "./errors.ts";
export { fileProblem } from "./file-error.ts";
export { shellWord } from "./shell-word.ts";
export { withStackLimit } from "./stack-limit.ts";
export { Standstill } from "./standstill.ts";
export { checkDurationMs, checkFunction, checkInstantMs } from "./units.ts";
export { columnsOf, visible } from "./words.ts";
