export { createRecorder, Recorder, type RecorderOptions, type RecorderStatus } from './recording/write/recorder.js';
export { type Hello } from './live/feed/messages.js';
