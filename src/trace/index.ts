export { type ChannelWork, type CoroutineMessages, publishEvents } from "./channels.ts";
export { deadlocksAt } from "./circles.ts";
export { DeadlockFinder } from "./deadlocks.ts";
export { readRecording, writeRecording } from "./file.ts";
export { formatRecording, parseRecording, type TextLine } from "./format.ts";
export { lastPart } from "./last-part.ts";
export {
  type LoopState,
  type RecorderState,
  type Row,
  type Snapshot,
  type SnapshotOptions,
  snapshot,
  type WaitLine,
} from "./live.ts";
export { liveWorks } from "./live-works.ts";
export { label, note } from "./note.ts";
export { exportSpans, traceSpans } from "./otel.ts";
export { formatPerfetto, type PerfettoEvent, perfettoEvents, perfettoPieces } from "./perfetto.ts";
export { type DrawFormat, type DrawOptions, draw } from "./picture/index.ts";
export { currentRecorder, type Recorder, type RecordOptions, record } from "./recorder.ts";
export type {
  End,
  EndEvent,
  Held,
  NoteEvent,
  Program,
  Recording,
  StartEvent,
  StepEvent,
  TraceEvent,
  WaitEvent,
  WakeEvent,
  Work,
} from "./recording.ts";
export { RecordingError } from "./recording-error.ts";
export { type RecordedRequest, requestsOf } from "./requests.ts";
export type { SpanOptions, SpanTracer } from "./spans.ts";
export { makeVisible } from "./visible.ts";
