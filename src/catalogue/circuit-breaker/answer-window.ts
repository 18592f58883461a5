import type { CircuitSettings } from './circuit-breaker-settings.js';

/** The last answers of one tool, by when its calls began. */
export class AnswerWindow {
  readonly #settings: CircuitSettings;
  /** In the order of the answers, which need not be that of the calls. */
  #answers: { readonly beganAt: number; readonly failed: boolean }[] = [];
  #consecutiveFailures = 0;

  constructor(settings: CircuitSettings) {
    this.#settings = settings;
  }

  get calls(): number {
    return this.#answers.length;
  }

  get failures(): number {
    return this.#answers.reduce((count, { failed }) => count + (failed ? 1 : 0), 0);
  }

  get failureRate(): number {
    return this.calls === 0 ? 0 : this.failures / this.calls;
  }

  get consecutiveFailures(): number {
    return this.#consecutiveFailures;
  }

  /** Whether the tool has failed too often. */
  get trips(): boolean {
    const { errorRate, minCalls, consecutiveFailures } = this.#settings;
    if (this.#consecutiveFailures >= consecutiveFailures) return true;
    return this.calls >= minCalls && this.failureRate >= errorRate;
  }

  /** Forgets what is over, and notes an answer; times in milliseconds on the clock. */
  note(beganAt: number, failed: boolean, now: number): void {
    const { windowMs, rememberedCalls } = this.#settings;
    this.forget(now - windowMs);
    this.#answers.push({ beganAt, failed });
    if (this.#answers.length > rememberedCalls) this.#answers.shift();
    this.#consecutiveFailures = failed ? this.#consecutiveFailures + 1 : 0;
  }

  /** Forgets the calls that began before. */
  forget(before: number): void {
    if (this.#answers.some(({ beganAt }) => beganAt < before))
      this.#answers = this.#answers.filter(({ beganAt }) => beganAt >= before);
  }
}
