import { options } from 'preact';
import { palette } from './palette.js';

/** What one frame may take of script, in milliseconds, before news is shown less often. */
const budgetMs = 8;
/** How many frames news may be put off. */
const mostSkipped = 7;

export type FrameListener = (now: number) => void;

/**
 * The one loop of the page: news of the store, drawings that move, and what Preact has to render happen in it, once a frame.
 * Where a frame takes too long, news comes less often; timers go on. It rests where nothing moves.
 */
export class FrameLoop {
  readonly #now: () => number;
  readonly #moving = new Set<FrameListener>();
  readonly #awaiting = new Set<() => void>();
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #renders: (() => void)[] = [];
  #isNews = false;
  #asked = 0;
  #skip = 0;
  #skipped = 0;
  #average = 0;
  #lastSecond = -1;
  #lastColours = -1;

  /** @param now milliseconds since the epoch of the host */
  constructor(now: () => number) {
    this.#now = now;
    options.debounceRendering = (render) => {
      this.#renders.push(render);
      this.#ask();
    };
  }

  /** Milliseconds of script in a frame, of late. */
  get averageMs(): number {
    return this.#average;
  }

  /** There is something to show. */
  readonly news = (): void => {
    this.#isNews = true;
    this.#ask();
  };

  /** Called in the next frame after news. Returns what ends it. */
  onNews(listener: () => void): () => void {
    this.#awaiting.add(listener);
    return () => this.#awaiting.delete(listener);
  }

  /** Called in each frame, or once a second where motion is not wanted. Returns what ends it. */
  onFrame(listener: FrameListener): () => void {
    this.#moving.add(listener);
    listener(this.#now());
    this.#ask();
    return () => this.#moving.delete(listener);
  }

  #ask(): void {
    if (this.#asked === 0) this.#asked = requestAnimationFrame(this.#frame);
  }

  readonly #frame = (): void => {
    this.#asked = 0;
    const start = performance.now();
    if (this.#isNews && this.#skipped++ >= this.#skip) {
      this.#isNews = false;
      this.#skipped = 0;
      for (const listener of this.#awaiting) listener();
    }
    this.#move();
    const renders = this.#renders;
    this.#renders = [];
    for (const render of renders) render();
    this.#weigh(performance.now() - start);
    if (this.#isNews || this.#moving.size > 0) this.#ask();
  };

  #move(): void {
    const now = this.#now();
    if (this.#still.matches) {
      const second = Math.floor(now / 1000);
      if (second === this.#lastSecond && palette.version === this.#lastColours) return;
      this.#lastSecond = second;
      this.#lastColours = palette.version;
    }
    for (const listener of this.#moving) listener(now);
  }

  #weigh(took: number): void {
    this.#average += (took - this.#average) * 0.1;
    this.#skip = Math.min(mostSkipped, Math.floor(this.#average / budgetMs));
  }
}
