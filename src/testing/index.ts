export { type ExpectLogOptions, expectLog } from "./expect-log.ts";
export type { TestBody, TestOptions } from "./test-run.ts";
export { realTime, simulated } from "./tests.ts";
