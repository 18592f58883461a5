import type { ActorObserver } from '../../actors/actor-observer.js';
import { type Inspector, Supervisor } from '../../actors/supervisor.js';
import type { Watching, Watchable } from '../../actors/watchable.js';
import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import type { ConnectionSet } from '../../connection/connection-set.js';
import { holdingClock } from '../../time/holding-clock.js';
import { Pace } from '../../time/pace.js';
import { LifeLabels } from './life-labels.js';
import { closedBeforeStart, PluginLife, type PluginLifeDependencies, type RemainingCalls } from './plugin-life.js';
import type { PluginStarter } from './plugin-starter.js';

/** Ends that begin in one turn of the event loop: with the connection that goes with it, each takes a part of a millisecond. */
const endsInTurn = 8;

/** The lives of a manager's plugins, those that are in no configuration any more included. */
export class PluginSet implements Watchable {
  readonly #dependencies: PluginLifeDependencies;
  readonly #connections: Pick<ConnectionSet, 'forget'>;
  readonly #labels = new LifeLabels();
  /** With what their actors and connections are called. */
  readonly #lives = new Map<PluginLife, string>();
  /** Its own: ends do not wait for starts that they end. */
  readonly #pace = new Pace(endsInTurn);
  #isClosed = false;

  constructor(
    connections: Pick<ConnectionSet, 'forget'>,
    { clock, logger, ...dependencies }: Omit<PluginLifeDependencies, 'system'>,
  ) {
    this.#connections = connections;
    // Whoever waits for a plugin waits for these timers: the process must not end before.
    const system = new Supervisor('plugins', logger, holdingClock(clock));
    this.#dependencies = { ...dependencies, clock, logger, system };
  }

  /** A life for an entry, which is to be started. @throws GatechartError PLUGIN_LOAD_FAILED when all are being shut down */
  create(entry: PluginConfig, starter: PluginStarter): PluginLife {
    if (this.#isClosed) throw closedBeforeStart(entry.name);
    const label = this.#labels.take(entry.name);
    const source = {
      name: entry.name,
      label,
      runsHere: entry.kind !== 'external',
      load: (signal: AbortSignal, gate: PluginLife['gate']) => starter.start(entry, { label, signal, gate }),
    };
    const life = new PluginLife(source, this.#dependencies);
    this.#lives.set(life, label);
    return life;
  }

  /**
   * Shuts a plugin down that is in no chain any more, once the calls that began before have ended or their time is up.
   * Never rejects.
   */
  async retire(life: PluginLife, calls: RemainingCalls): Promise<void> {
    await this.#pace.next();
    await life.retire(calls);
    this.#remove(life);
  }

  /** Shuts plugins down that were never in a chain. Never rejects. */
  async giveUp(lives: readonly PluginLife[]): Promise<void> {
    await Promise.all(
      lives.map(async (life) => {
        await this.#close(life);
        this.#remove(life);
      }),
    );
  }

  inspect(inspector: Inspector): Watching {
    return this.#dependencies.system.inspect(inspector);
  }

  observe(observer: ActorObserver): Watching {
    return this.#dependencies.system.observe(observer);
  }

  /** Shuts all plugins down, side by side. What one throws is logged, and so is one that hangs: nobody waits for it. */
  async close(): Promise<void> {
    const { system } = this.#dependencies;
    this.#isClosed = true;
    await Promise.all([...this.#lives.keys()].map((life) => this.#close(life)));
    // Where one is left, it may start yet, and its actor has to shut it down then.
    if (system.size === 0) system.stop();
  }

  async #close(life: PluginLife): Promise<void> {
    await this.#pace.next();
    await life.close();
  }

  /** Removes a plugin that has ended. Until its connection is gone too, its label is not given to another. */
  #remove(life: PluginLife): void {
    const label = this.#lives.get(life);
    if (label === undefined) return;
    if (!life.hasEnded) {
      void life.gone.then(() => this.#remove(life));
      return;
    }
    this.#lives.delete(life);
    void this.#connections.forget(label).then(() => this.#labels.free(label));
  }
}
