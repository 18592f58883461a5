import { attentionOf } from './attention.js';
import type { FeedPicture } from './feed-picture.js';
import type { Look } from './look.js';
import { rowsOf } from './rows.js';
import { snapshotLines } from './screen.js';
import { firstView } from './view.js';

export interface PictureTextOptions {
  readonly columns: number;
  readonly look: Look;
  readonly utcOffset: number;
}

/** One snapshot as text, with all rows. */
export function pictureText(picture: FeedPicture, options: PictureTextOptions): string {
  const view = firstView;
  const frame = { picture, view, rows: rowsOf(picture, view), height: 0, now: picture.t, silentMs: 0 };
  return `${snapshotLines({ ...frame, ...options, next: undefined, invocation: undefined }).join('\n')}\n`;
}

/** One snapshot as JSON, for programs: as the process told it, and what needs attention. Times count from `epoch`. */
export function pictureJson(picture: FeedPicture): string {
  const { hello, t, actors, plugins, servers, seconds, eventsPerSecond, samples } = picture;
  const attention = attentionOf(picture).map(({ who, what, cause, due }) => ({ who, what, cause, due }));
  const { host, epoch, source } = hello ?? {};
  const told = { host, epoch, source, t, eventsPerSecond, attention, actors: [...actors.values()], plugins, servers };
  return JSON.stringify({ ...told, seconds, samples }, undefined, 2);
}
