import { type ActorRefFrom, fromCallback, fromPromise } from 'xstate';
import { type PluginEvent, pluginMachine } from '../../machines/index.js';
import type { Supervisor } from '../actors/supervisor.js';
import { GatechartError, messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import { deferred } from '../time/deferred.js';
import type { StartedPlugin } from './plugin-starter.js';

/** What all plugins of a manager have in common. Times in milliseconds. */
export interface PluginLifeDependencies {
  /** The actor system they live in. */
  readonly system: Supervisor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startTimeoutMs: number;
  /** How long a plugin may take to shut down. Nobody waits longer for one that hangs. */
  readonly shutdownTimeoutMs: number;
}

/** What a plugin is loaded from. */
export interface PluginSource {
  readonly name: string;
  /** Whether its code runs in this process. */
  readonly runsHere: boolean;
  /** Where it rejects, nothing of the plugin is left. */
  readonly load: (signal: AbortSignal) => Promise<StartedPlugin>;
}

/** One plugin from its loading to its end. Runs `machines/plugin.machine.ts`. */
export class PluginLife {
  readonly #source: PluginSource;
  readonly #dependencies: PluginLifeDependencies;
  readonly #actor: ActorRefFrom<typeof pluginMachine>;
  readonly #started = deferred<StartedPlugin>();
  readonly #ended = deferred();
  readonly #loading = new AbortController();
  #plugin: StartedPlugin | undefined;

  constructor(source: PluginSource, dependencies: PluginLifeDependencies) {
    const { system, clock, startTimeoutMs, shutdownTimeoutMs } = dependencies;
    this.#source = source;
    this.#dependencies = dependencies;
    this.#actor = system.create(this.#machine(), `plugin:${source.name}`, {
      runsHere: source.runsHere,
      startTimeoutMs,
      shutdownTimeoutMs,
      now: () => clock.now(),
    });
    this.#actor.subscribe({ error: (error) => this.#breakOff(error) });
  }

  /** Starts the plugin. To be called once. @throws GatechartError PLUGIN_LOAD_FAILED, and what `load` throws */
  start(): Promise<StartedPlugin> {
    this.#actor.start();
    return this.#started.promise;
  }

  /** Shuts the plugin down, also one that is starting. Settles when it is gone, or hangs; never rejects. */
  close(): Promise<void> {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'close' });
    return this.#ended.promise;
  }

  #machine(): typeof pluginMachine {
    const { name } = this.#source;
    const { logger, startTimeoutMs, shutdownTimeoutMs } = this.#dependencies;
    return pluginMachine.provide({
      actors: {
        loadPlugin: fromCallback<PluginEvent>(({ sendBack }) => void this.#load(sendBack)),
        shutDownPlugin: fromPromise(() => this.#shutDown()),
      },
      actions: {
        tellStarted: () => this.#tell(),
        tellFailed: ({ context }) => this.#started.reject(context.error),
        tellLate: () => this.#refuse(`Plugin ${name} did not start within ${startTimeoutMs / 1000} s.`),
        giveUpLoading: () => {
          this.#refuse(`Plugin ${name} was closed before it had started.`);
          this.#loading.abort();
        },
        tellEnded: () => {
          this.#tell();
          this.#ended.resolve();
        },
        reportLoading: () =>
          logger.warn({ plugin: name }, `plugin ${name} is still starting; it will be shut down when it has started`),
        reportHanging: () =>
          logger.warn(
            { plugin: name },
            `plugin ${name} did not shut down within ${shutdownTimeoutMs / 1000} s; what it holds may be left open`,
          ),
        reportUnclean: ({ event }) => {
          const error = 'error' in event && event.error instanceof Error ? event.error : new Error('no reason given');
          const { message, cause } = error;
          logger.error({ plugin: name, err: cause }, `plugin ${name} did not shut down cleanly: ${message}`);
        },
      },
    });
  }

  async #load(tell: (event: PluginEvent) => void): Promise<void> {
    try {
      this.#plugin = await this.#source.load(this.#loading.signal);
      tell({ type: this.#plugin.state === 'running' ? 'plugin.loaded' : 'plugin.disabled' });
    } catch (error) {
      tell({ type: 'plugin.failed', error: error instanceof Error ? error : new Error(messageOf(error)) });
    }
  }

  /** What a plugin throws goes along as a cause: an inspector is told of errors by name, and of all else as it is. */
  async #shutDown(): Promise<void> {
    try {
      if (this.#plugin?.state === 'running') await this.#plugin.plugin.instance.shutdown?.();
    } catch (error) {
      throw new Error(messageOf(error), { cause: error });
    }
  }

  #tell(): void {
    if (this.#plugin !== undefined) this.#started.resolve(this.#plugin);
  }

  #refuse(message: string): void {
    this.#started.reject(new GatechartError('PLUGIN_LOAD_FAILED', message, { details: { plugin: this.#source.name } }));
  }

  #breakOff(error: unknown): void {
    this.#started.reject(error);
    this.#ended.resolve();
  }
}
