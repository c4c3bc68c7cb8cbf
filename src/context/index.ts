export { followStorage } from "./async-local.ts";
export type { ContextFactory, Deactivate, EnteredContext } from "./stack-context.ts";
export {
  ExceptionStackContext,
  isWrapped,
  NullContext,
  runInContexts,
  runWithStackContext,
  StackContext,
  wrap,
} from "./stack-context.ts";
export { type ContextState, captureContexts, type FollowedStorage, restoreContexts } from "./state.ts";
export { ContextVar } from "./variable.ts";
