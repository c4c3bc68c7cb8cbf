export { readRecording, writeRecording } from "./file.ts";
export { snapshot } from "./live.ts";
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
export type { LoopState, RecorderState, Row, Snapshot, SnapshotOptions } from "./snapshot.ts";
export { makeVisible } from "./visible.ts";
