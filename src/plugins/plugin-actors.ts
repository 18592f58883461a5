import type { ActorRefFrom, AnyActorRef, AnyStateMachine, InputFrom } from 'xstate';
import type { Supervisor } from '../actors/supervisor.js';
import { GatechartError } from '../errors.js';

/** Where a plugin runs machines of its own. Inspectors, observers and recorders of its manager see them. */
export interface PluginActors {
  /**
   * Starts a machine as an actor, which lives until it comes to a final state, or until the plugin has shut down. Its
   * timers go by the clock of the manager and do not hold the process open.
   *
   * @param name what inspectors call it, behind the name of the plugin; it need not be the only one of its name
   * @param input is shown by inspectors: no secrets, and nothing of a payload
   * @throws GatechartError MANAGER_CLOSED once the plugin has shut down
   */
  start<Machine extends AnyStateMachine>(
    machine: Machine,
    name: string,
    input: InputFrom<Machine>,
  ): ActorRefFrom<Machine>;
}

/** The actors of one plugin, in an actor system that all plugins of a manager share. */
export class ActorsOfPlugin implements PluginActors {
  readonly #plugin: string;
  readonly #system: Supervisor;
  /** Those that have not come to their end. */
  readonly #living = new Set<{ readonly id: string }>();
  #hasEnded = false;

  constructor(plugin: string, system: Supervisor) {
    this.#plugin = plugin;
    this.#system = system;
  }

  start<Machine extends AnyStateMachine>(
    machine: Machine,
    name: string,
    input: InputFrom<Machine>,
  ): ActorRefFrom<Machine> {
    if (this.#hasEnded || this.#system.hasStopped) {
      throw new GatechartError('MANAGER_CLOSED', `Plugin ${this.#plugin} has shut down; it can start no more actors.`);
    }
    const actor = this.#system.createNamed(machine, `${machine.id}:${this.#plugin}/${name}`, input);
    this.#keep(actor);
    return actor;
  }

  #keep(actor: AnyActorRef): void {
    const forget = (): void => void this.#living.delete(actor);
    this.#living.add(actor);
    // What it throws is logged by the system. A listener without `error` would make XState throw it once more.
    actor.subscribe({ complete: forget, error: forget });
    actor.start();
  }

  /** Stops those that have not ended, and lets no others start. */
  end(): void {
    this.#hasEnded = true;
    for (const { id } of this.#living) this.#system.stopMember(id);
    this.#living.clear();
  }
}
