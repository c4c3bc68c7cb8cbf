export { turningLoops } from "./current.ts";
export type { Executor, ExecutorTask } from "./executor.ts";
export type { IOHandler } from "./handlers.ts";
export { type Hooks, hooks, setHooks, setTouched, stepHooks, touched, type Watched } from "./hooks.ts";
export {
  type GeneratorOf,
  IOLoop,
  type IOLoopOptions,
  type OrphanPolicy,
  type ResultOf,
  setDryReporter,
  setWorkEnder,
} from "./ioloop.ts";
export { type Log, stderrLog } from "./log.ts";
export { NodePoller } from "./node-poller.ts";
export { PeriodicCallback, type PeriodicCallbackOptions } from "./periodic.ts";
export { type Descriptors, ERROR, type PollEvent, type Poller, READ, type Resume, WRITE } from "./poller.ts";
export type { Report, ReportListener } from "./report.ts";
export { Timeout } from "./timers.ts";
export { BlockedReport, whyUnreadable } from "./watchdog.ts";
export { setWorkStarter } from "./work.ts";
export { WorkerPool, type WorkerPoolOptions } from "./worker-pool.ts";
