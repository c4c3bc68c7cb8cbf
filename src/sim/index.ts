export { check, SimFailure } from "./check.ts";
export type { CrashKind, Disk, DiskOptions } from "./disk.ts";
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
export { type ExploreReport, explore } from "./explore.ts";
export type { DeviationLine, FailureKind, SimFailureInfo } from "./failure.ts";
export type { FaultRule } from "./faults.ts";
export { Distribution, exponential, type Latency, logNormal, uniform } from "./latency.ts";
export { loadPrograms, type NamedProgram } from "./load-programs.ts";
export type { PacketHandler } from "./mailbox.ts";
export type { CallOptions, Endpoint, Fate, Net, NetRule } from "./net.ts";
export type { CrashOptions, NodeMain, NodeOptions, NodeState, SimNode } from "./node.ts";
export type { ExploreOptions, Progress, StrategyName } from "./options.ts";
export type { Packet } from "./packet.ts";
export { SimPoller } from "./poller.ts";
export { type ReplayMode, type ReplayOptions, type RunResult, replay } from "./replay.ts";
export type { Program } from "./run.ts";
export type { IoOptions, Sim } from "./sim.ts";
export type { SimWorkers } from "./worker-options.ts";
