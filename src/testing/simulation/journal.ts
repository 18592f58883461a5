import type { Clock } from '../../time/clock.js';
import { Digest } from './digest.js';
import type { InvariantName, SimulationViolation } from './invariants.js';

/** One thing that happened, for people and for programs. */
export interface SimulationEvent {
  readonly step: number;
  /** Milliseconds since the world began. */
  readonly atMs: number;
  readonly text: string;
}

/** What happens in a world: counted, digested, and kept where somebody wants to read it. */
export class Journal {
  /** Acts, timers that fired, messages that reached the other side, and runs of hooks. */
  steps = 0;
  violation: SimulationViolation | undefined;
  readonly #digest = new Digest();
  readonly #clock: Pick<Clock, 'now'>;
  readonly #kept: SimulationEvent[] | undefined;

  constructor(clock: Pick<Clock, 'now'>, keeps: boolean) {
    this.#clock = clock;
    this.#kept = keeps ? [] : undefined;
  }

  get digest(): string {
    return this.#digest.text;
  }

  get events(): readonly SimulationEvent[] {
    return this.#kept ?? [];
  }

  /** Something that counts as a step. */
  step(text: string): void {
    this.steps++;
    this.note(text);
  }

  /** Something that came of a step. */
  note(text: string): void {
    this.#digest.add(text);
    this.#kept?.push({ step: this.steps, atMs: this.#clock.now(), text });
  }

  /** A promise was not kept. The first one is told: others mostly follow from it. */
  violate(invariant: InvariantName, message: string): void {
    this.violateOwn(invariant, message);
  }

  /** The same for a check of somebody's own. */
  violateOwn(invariant: string, message: string): void {
    if (this.violation !== undefined) return;
    this.violation = { invariant, message, step: this.steps, atMs: this.#clock.now() };
    this.note(`VIOLATION ${invariant}: ${message}`);
  }
}
