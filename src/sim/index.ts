export { check, SimFailure } from "./check.ts";
export {
  CallFailedError,
  InvariantError,
  type Leak,
  LeakError,
  LivelockError,
  LivenessError,
  NondeterminismError,
  NonErrorThrownError,
  ReplayDivergence,
  SimDeadlockError,
  TokenError,
  TooManyAlternativesError,
  UncontrolledAwaitError,
  UncontrolledReadError,
} from "./errors.ts";
export { explore } from "./explore.ts";
export type { ExploreReport } from "./explore-report.ts";
export type { FaultRule } from "./faults.ts";
export { Distribution, exponential, type Latency, logNormal, uniform } from "./latency.ts";
export { loadPrograms, type NamedProgram } from "./load-programs.ts";
export type { CrashKind, Disk, DiskOptions } from "./nodes/disk.ts";
export type { PacketHandler } from "./nodes/mailbox.ts";
export type { CallOptions, Endpoint, Fate, Net, NetRule } from "./nodes/net.ts";
export type { CrashOptions, NodeMain, NodeOptions, NodeState, SimNode } from "./nodes/node.ts";
export type { Packet } from "./nodes/packet.ts";
export type { ExploreOptions, Progress, StrategyName } from "./options.ts";
export { SimPoller } from "./poller.ts";
export { type ReplayMode, type ReplayOptions, type RunResult, replay } from "./replay.ts";
export type { DeviationLine, FailureKind, SimFailureInfo } from "./report/failure.ts";
export type { Program } from "./run.ts";
export type { IoOptions, Sim } from "./sim.ts";
export type { SimWorkers } from "./workers/worker-options.ts";
