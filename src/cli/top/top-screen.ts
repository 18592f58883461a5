import type { InvocationDetail } from '../../inspect/live/feed/feed-invocations.js';
import type { NextMessage } from '../../inspect/live/feed/feed-next.js';
import type { Clock, TimerHandle } from '../../time/clock.js';
import { type Deferred, deferred } from '../../time/deferred.js';
import { drawingOf } from './drawing.js';
import { emptyPicture, type FeedPicture, withMessage } from './feed-picture.js';
import { type Frame, silenceMs } from './frame.js';
import { KeyReader } from './keys.js';
import type { Look } from './look.js';
import { rowsOf } from './rows.js';
import { screenLines } from './screen.js';
import type { Terminal } from './terminal.js';
import type { TopSource } from './top-source.js';
import { chosenRow, firstView, pressed, type View } from './view.js';

/** Milliseconds between two drawings, but for those that a key asks for. */
const drawEveryMs = 500;

/** Milliseconds after which what can happen next is asked again. */
const askEveryMs = 1_000;

/** Why the screen was left. */
export type ScreenEnd =
  | { readonly why: 'quit' }
  | { readonly why: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly why: 'bye'; readonly said: string }
  | { readonly why: 'lost'; readonly error: unknown };

export interface ScreenOptions {
  readonly source: TopSource;
  readonly terminal: Terminal;
  readonly look: Look;
  readonly clock: Clock;
  /** Minutes that the clock on the wall is ahead of UTC. */
  readonly utcOffset: number;
}

/** Shows a process on a terminal until the person, a signal, or the process ends it. */
export async function showScreen(options: ScreenOptions): Promise<ScreenEnd> {
  const screen = new Screen(options);
  const leave = options.terminal.listen(screen);
  try {
    return await screen.shown();
  } finally {
    screen.stop();
    leave();
    await options.source.close();
  }
}

class Screen {
  readonly #options: ScreenOptions;
  readonly #end: Deferred<ScreenEnd> = deferred();
  readonly #keys = new KeyReader();
  #picture: FeedPicture = emptyPicture;
  /** What is shown while it is paused, and when that was. */
  #paused: { readonly picture: FeedPicture; readonly now: number } | undefined;
  #view: View = firstView;
  #shown: readonly string[] | undefined;
  #heardAt: number;
  #timer: TimerHandle | undefined;
  #isStopped = false;
  #asked: { readonly key: string; readonly at: number } | undefined;
  #next: NextMessage | undefined;
  #invocation: InvocationDetail | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
  }

  shown(): Promise<ScreenEnd> {
    this.#hear().then(
      (end) => this.#end.resolve(end),
      (error: unknown) => this.#end.resolve({ why: 'lost', error }),
    );
    this.#tick();
    return this.#end.promise;
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.clock.clearTimeout(this.#timer);
  }

  typed(text: string): void {
    for (const key of this.#keys.take(text)) {
      const view = pressed(this.#view, key, rowsOf(this.#held, this.#view).ids);
      if (view === 'quit') return this.#end.resolve({ why: 'quit' });
      if (view.isPaused !== this.#view.isPaused) {
        this.#paused = view.isPaused ? { picture: this.#picture, now: this.#now() } : undefined;
      }
      this.#view = view;
    }
    this.#draw();
  }

  resized(): void {
    this.#shown = undefined;
    this.#draw();
  }

  ended(signal: NodeJS.Signals): void {
    this.#end.resolve({ why: 'signal', signal });
  }

  async #hear(): Promise<ScreenEnd> {
    for await (const message of this.#options.source.messages) {
      this.#picture = withMessage(this.#picture, message);
      this.#heardAt = this.#options.clock.now();
      if (message.type === 'bye') return { why: 'bye', said: message.why };
    }
    return { why: 'bye', said: 'the process has ended' };
  }

  #tick(): void {
    if (this.#isStopped) return;
    try {
      this.#draw();
    } catch (error) {
      return this.#end.reject(error);
    }
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), drawEveryMs);
    this.#timer.ref?.();
  }

  #draw(): void {
    if (this.#isStopped) return;
    const { terminal } = this.#options;
    const frame = this.#frame();
    const lines = screenLines(frame);
    const drawing = drawingOf(this.#shown, lines);
    this.#shown = lines;
    if (drawing !== '') terminal.write(drawing);
    this.#ask(frame);
  }

  get #held(): FeedPicture {
    return this.#paused?.picture ?? this.#picture;
  }

  /** On the clock of the host, as it went on since it was heard last; it stands still where nothing is heard. */
  #now(): number {
    const silent = this.#options.clock.now() - this.#heardAt;
    return this.#picture.t + (silent >= silenceMs ? 0 : silent);
  }

  #frame(): Frame {
    const { terminal, look, utcOffset, clock } = this.#options;
    const [picture, view] = [this.#held, this.#view];
    return {
      picture,
      view,
      rows: rowsOf(picture, view),
      columns: terminal.columns,
      height: terminal.height,
      look,
      now: this.#paused?.now ?? this.#now(),
      silentMs: clock.now() - this.#heardAt,
      utcOffset,
      next: this.#next,
      invocation: this.#invocation,
    };
  }

  /** Asks what is to be known of the chosen row: once, and again where the answer may have changed. */
  #ask({ view, rows }: Frame): void {
    const row = rows.ids[chosenRow(view, rows.ids)];
    if (row === undefined || view.pane === 'events' || this.#paused !== undefined) return;
    if (view.pane === 'invocations' && !view.isOpen) return;
    const at = this.#options.clock.now();
    const key = `${view.pane} ${row}`;
    if (this.#asked?.key === key && at - this.#asked.at < askEveryMs) return;
    this.#asked = { key, at };
    const { source } = this.#options;
    const answered =
      view.pane === 'invocations'
        ? source.invocation(row).then((detail) => void (this.#invocation = detail))
        : source.next(row).then((next) => void (this.#next = next));
    answered.then(
      () => this.#draw(),
      // The feed says what is the matter; one answer that is missing ends nothing.
      () => undefined,
    );
  }
}
