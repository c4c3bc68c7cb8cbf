export type { ContextFactory, ContextState, Deactivate, EnteredContext } from "./stack-context.ts";
export {
  captureContexts,
  ExceptionStackContext,
  isWrapped,
  NullContext,
  restoreContexts,
  runInContexts,
  runWithStackContext,
  StackContext,
  wrap,
} from "./stack-context.ts";
