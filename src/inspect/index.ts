export type { Hello } from './live/feed/messages.js';
