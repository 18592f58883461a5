export {
  type AttachedInspector,
  attachInspector,
  type Inspected,
  type InspectorOptions,
} from './live/attach-inspector.js';
export type { ControlRecord } from './live/control/audited-control.js';
export type { ControlAnswer, ControlRequest } from './live/feed/feed-control.js';
export type { Departure } from './live/feed/feed-recording.js';
export { readRecording } from './recording/read/read-recording.js';
export type {
  FoundActor,
  RecordedActor,
  RecordedEvents,
  RecordedStart,
  RecordedStep,
  Recording,
} from './recording/read/recording.js';
export type { RecordingHeader } from './recording/recording-format.js';
export { type Replay, type ReplayOptions, replayRecording } from './recording/replay/replay-recording.js';
export { createRecorder, Recorder } from './recording/write/recorder.js';
export type { RecorderOptions, RecorderStatus } from './recording/write/recorder-options.js';
