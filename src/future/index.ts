export { fromThenable, isThenable, PromiseFuture } from "./bridge.ts";
export { AllFuture, Combined, chainFuture, errorsBeside } from "./combine.ts";
export {
  CANCELLED,
  FAILED,
  Future,
  type Listener,
  PENDING,
  RESOLVED,
  setCallbackErrorHandler,
} from "./future.ts";
export { listInWords } from "./list-in-words.ts";
export { nest } from "./nested.ts";
export {
  currentReadyQueue,
  enterReadyQueue,
  READY_BUDGET_MS,
  READY_BUDGET_STEPS,
  type Ready,
  type ReadyHost,
  ReadyQueue,
  setBaseReadyQueue,
  turnCount,
} from "./ready.ts";
export { reportFailures, setLostErrorHandler } from "./unheard.ts";
