import type { ActorRefFrom } from 'xstate';
import type { PluginEvent, pluginMachine } from '../../../machines/index.js';
import type { Admission, PluginGate } from '../../plugins/plugin-gate.js';

/** The gate of a plugin as `machines/plugin.machine.ts` has it. */
export class GateOfLife implements PluginGate {
  readonly #actor: ActorRefFrom<typeof pluginMachine>;

  constructor(actor: ActorRefFrom<typeof pluginMachine>) {
    this.#actor = actor;
  }

  admit(): Admission {
    const state = this.#actor.getSnapshot();
    if (state.matches({ running: 'enabled' })) return 'open';
    if (!state.matches({ running: { disabled: 'rested' } })) return 'closed';
    this.#send({ type: 'trial.began' });
    if (this.#actor.getSnapshot().matches({ running: { disabled: 'trial' } })) return 'trial';
    // An inspector asks while it is being told of this very plugin: the event waits, and nobody must wait for its trial.
    this.#send({ type: 'trial.unused' });
    return 'closed';
  }

  succeeded(): void {
    this.#send({ type: 'trial.passed' });
  }

  failed(error: Error): void {
    this.#send({ type: 'call.failed', error });
  }

  unused(): void {
    this.#send({ type: 'trial.unused' });
  }

  /** What is late, after it has ended, is nobody's concern. */
  #send(event: PluginEvent): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send(event);
  }
}
