export {
  BadYieldError,
  CancelledError,
  describe,
  FatalError,
  GyreError,
  InvalidStateError,
  KeyReuseError,
  LeakedCallbackError,
  LoopStateError,
  ReturnValueIgnoredError,
  StackContextInconsistentError,
  TimeoutError,
  UnknownKeyError,
} from "./errors.ts";
export { checkDurationMs, checkFunction, checkInstantMs } from "./units.ts";
