export type { IOHandler } from "./handlers.ts";
export { type GeneratorOf, IOLoop, type IOLoopOptions, type ResultOf } from "./ioloop.ts";
export { errorText, type Log, stderrLog } from "./log.ts";
export { NodePoller } from "./node-poller.ts";
export { PeriodicCallback, type PeriodicCallbackOptions } from "./periodic.ts";
export { type Descriptors, ERROR, type PollEvent, type Poller, READ, type Resume, WRITE } from "./poller.ts";
export type { Report, ReportListener } from "./report.ts";
export { Timeout } from "./timers.ts";
export { setWorkEnder, setWorkStarter } from "./work.ts";
