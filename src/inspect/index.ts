export { createRecorder, Recorder, type RecorderOptions, type RecorderStatus } from './recording/write/recorder.js';
export { openRecording } from './recording/source/recording-source.js';
export { readRecording } from './recording/read/read-recording.js';
export type { Recording } from './recording/read/recording.js';
export { type Replay, type ReplayOptions, replayRecording } from './recording/replay/replay-recording.js';
export type { Hello } from './live/feed/messages.js';
