/** What runs at this moment. */
export type { LoopState, RecorderState, Row, Snapshot, SnapshotOptions } from "./snapshot.ts";
