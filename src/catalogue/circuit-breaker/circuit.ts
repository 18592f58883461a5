import type { ActorRefFrom } from 'xstate';
import { circuitBreakerMachine } from '../../../machines/index.js';
import type { PluginSetup } from '../../plugins/plugin.js';
import { AnswerWindow } from './answer-window.js';
import type { CircuitSettings } from './circuit-breaker-settings.js';

/** Whether a call passes. */
export type Passage =
  | { readonly passes: true }
  /** Milliseconds until calls may pass again; undefined while a probe is on its way. */
  | { readonly passes: false; readonly waitMs: number | undefined };

/** The circuit breaker of one tool. Runs `machines/circuit-breaker.machine.ts`. */
export class Circuit {
  readonly #settings: CircuitSettings;
  readonly #clock: PluginSetup['clock'];
  readonly #actor: ActorRefFrom<typeof circuitBreakerMachine>;
  readonly answers: AnswerWindow;
  /** Id of the request that is, or was, the last probe. */
  #probe: string | undefined;

  /** @param shown what inspectors call the tool */
  constructor(shown: string, settings: CircuitSettings, { actors, clock }: Pick<PluginSetup, 'actors' | 'clock'>) {
    this.#settings = settings;
    this.#clock = clock;
    this.answers = new AnswerWindow(settings);
    const input = { cooldownMs: settings.cooldownMs, now: () => clock.now() };
    this.#actor = actors.start(circuitBreakerMachine, shown, input);
  }

  get isClosed(): boolean {
    return this.#actor.getSnapshot().matches('closed');
  }

  get isProbing(): boolean {
    return this.#actor.getSnapshot().matches({ halfOpen: 'probing' });
  }

  /** Milliseconds on the clock until which calls are, or were, refused; undefined if it is closed, or tries a probe. */
  get openUntil(): number | undefined {
    return this.isProbing ? undefined : this.#actor.getSnapshot().context.dueAt;
  }

  /** A call wants to pass. */
  pass(requestId: string): Passage {
    if (this.isClosed) return { passes: true };
    if (this.isProbing) return { passes: false, waitMs: undefined };
    const waitMs = (this.openUntil ?? 0) - this.#clock.now();
    if (this.#actor.getSnapshot().matches('open')) return { passes: false, waitMs: Math.max(waitMs, 0) };
    this.#actor.send({ type: 'probe.begun' });
    this.#probe = requestId;
    return { passes: true };
  }

  /** A call was answered. An earlier probe whose time was up is not taken for the present one. */
  answered(requestId: string, beganAt: number, failed: boolean): void {
    this.answers.note(beganAt, failed, this.#clock.now());
    const { trips } = this.answers;
    if (!this.isProbing || requestId !== this.#probe) {
      this.#actor.send({ type: 'call.answered', trips });
    } else {
      this.#actor.send(failed ? { type: 'probe.failed' } : { type: 'probe.succeeded', trips });
    }
  }

  /** Whether some call of those that are remembered has failed. */
  get hasFailures(): boolean {
    this.answers.forget(this.#clock.now() - this.#settings.windowMs);
    return this.answers.failures > 0;
  }

  forget(): void {
    this.#actor.send({ type: 'forget' });
  }
}
