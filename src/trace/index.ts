export { readRecording, writeRecording } from "./file.ts";
export type { LoopState, RecorderState, Row, Snapshot, SnapshotOptions } from "./live.ts";
export { label, note } from "./note.ts";
export { currentRecorder, type Recorder, type RecordOptions, record } from "./recorder.ts";
export type {
  End,
  EndEvent,
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
