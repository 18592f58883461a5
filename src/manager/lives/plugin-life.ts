import { type ActorRefFrom, fromCallback, fromPromise } from 'xstate';
import type { PluginEvent } from '../../../machines/plugin-context.js';
import { pluginMachine } from '../../../machines/plugin.machine.js';
import { providedMachine } from '../../actors/provided-machine.js';
import type { Supervisor } from '../../actors/supervisor.js';
import { dotted } from '../../connection/connection-states.js';
import { GatechartError, messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { PluginGate } from '../../plugins/plugin-gate.js';
import type { Clock } from '../../time/clock.js';
import { deferred } from '../../time/deferred.js';
import type { ClosedGates } from './closed-gates.js';
import { GateOfLife } from './plugin-gate-of-life.js';
import { logDisabled, logEnabled, logEnd } from './plugin-log.js';
import type { StartedPlugin } from './plugin-starter.js';
import { type PluginCondition, conditionOf } from './plugin-status.js';

/** What all plugins of a manager have in common. Times in milliseconds. */
export interface PluginLifeDependencies {
  /** The actor system they live in. */
  readonly system: Supervisor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gates: ClosedGates;
  readonly startTimeoutMs: number;
  /** How long a plugin may take to shut down, and before that its calls to end. Nobody waits longer for one that hangs. */
  readonly shutdownTimeoutMs: number;
  /** After how long one that an error disabled is tried again; undefined: never. May change. */
  readonly retryAfterMs: () => number | undefined;
}

/** What a plugin is loaded from. */
export interface PluginSource {
  readonly name: string;
  /** What tells it from others of its name that are not gone yet: actor and connection are called so. */
  readonly label: string;
  /** Whether its code runs in this process. */
  readonly runsHere: boolean;
  /** Where it rejects, nothing of the plugin is left. */
  readonly load: (signal: AbortSignal, gate: PluginGate) => Promise<StartedPlugin>;
}

/** The calls that a plugin still has when it is in no chain any more. */
export interface RemainingCalls {
  readonly ended: Promise<void>;
  /** Cancels those that still need it: from now on it can be called no more. */
  readonly cancel: () => void;
}

/** One plugin from its loading to its end. Runs `machines/plugin.machine.ts`. */
export class PluginLife {
  readonly #source: PluginSource;
  readonly #dependencies: PluginLifeDependencies;
  readonly #actor: ActorRefFrom<typeof pluginMachine>;
  readonly #started = deferred<StartedPlugin>();
  readonly #ended = deferred();
  readonly #loading = new AbortController();
  readonly #gone = deferred();
  readonly gate: PluginGate;
  #plugin: StartedPlugin | undefined;
  /** What it may still have to do when it retires. */
  #calls: RemainingCalls = { ended: Promise.resolve(), cancel: () => {} };
  /** The state it was last seen in, and since when. */
  #state = '';
  #since = 0;

  constructor(source: PluginSource, dependencies: PluginLifeDependencies) {
    const { system, clock, startTimeoutMs, shutdownTimeoutMs, retryAfterMs } = dependencies;
    this.#source = source;
    this.#dependencies = dependencies;
    this.#actor = system.create(this.#machine(), `plugin:${source.label}`, {
      runsHere: source.runsHere,
      startTimeoutMs,
      shutdownTimeoutMs,
      retryAfterMs,
      now: () => clock.now(),
    });
    this.gate = new GateOfLife(this.#actor);
    this.#actor.subscribe({
      next: ({ value }) => {
        const state = dotted(value);
        if (state !== this.#state) this.#since = clock.now();
        this.#state = state;
      },
      complete: () => this.#gone.resolve(),
      error: (error) => this.#breakOff(error),
    });
  }

  /** Starts the plugin. To be called once. @throws GatechartError PLUGIN_LOAD_FAILED, and what `load` throws */
  start(): Promise<StartedPlugin> {
    this.#actor.start();
    return this.#started.promise;
  }

  /** Takes part in no chain until it is enabled; nothing happens where it does not run. */
  disable(): void {
    this.#send({ type: 'disable' });
  }

  /** Takes part in its chains; nothing happens where it does. */
  enable(): void {
    this.#send({ type: 'enable' });
  }

  /** Whether nothing of it is left, and nothing can come of it any more. */
  get hasEnded(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  /** Settles when it has ended, which may be long after anybody waited for that. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Whether somebody disabled it, and not an error. */
  get isHeld(): boolean {
    const snapshot = this.#actor.getSnapshot();
    return snapshot.matches({ running: { disabled: 'held' } }) && snapshot.context.error === undefined;
  }

  /** Where it is, and why. */
  condition(): PluginCondition {
    return conditionOf(this.#actor.getSnapshot(), this.#since, this.#dependencies.clock.now());
  }

  /** Nobody calls it any more: waits for `calls`, and shuts it down. Settles when it is gone, or hangs; never rejects. */
  retire(calls: RemainingCalls): Promise<void> {
    this.#calls = calls;
    this.#send({ type: 'retire' });
    return this.#ended.promise;
  }

  /** Shuts the plugin down, also one that is starting. Settles when it is gone, or hangs; never rejects. */
  close(): Promise<void> {
    this.#send({ type: 'close' });
    return this.#ended.promise;
  }

  #send(event: PluginEvent): void {
    if (!this.hasEnded) this.#actor.send(event);
  }

  #machine(): typeof pluginMachine {
    const { name } = this.#source;
    const { gates, logger, startTimeoutMs, shutdownTimeoutMs } = this.#dependencies;
    return providedMachine(pluginMachine, {
      actors: {
        loadPlugin: fromCallback<PluginEvent>(({ sendBack }) => void this.#load(sendBack)),
        awaitRetry: fromPromise(({ signal }) => this.#retryDelay(signal)),
        awaitCalls: fromPromise(() => this.#calls.ended),
        shutDownPlugin: fromPromise(() => this.#shutDown()),
      },
      actions: {
        tellStarted: () => this.#tell(),
        tellFailed: ({ context }) => this.#started.reject(context.error),
        tellLate: () =>
          this.#started.reject(notStarted(name, `Plugin ${name} did not start within ${startTimeoutMs / 1000} s.`)),
        giveUpLoading: () => {
          this.#started.reject(closedBeforeStart(name));
          this.#loading.abort();
        },
        tellEnded: () => {
          this.#tell();
          this.#ended.resolve();
        },
        closeGate: () => gates.add(),
        openGate: () => gates.remove(),
        reportDisabled: ({ context }) => logDisabled(logger, name, context),
        reportEnabled: () => logEnabled(logger, name),
        cancelCalls: () => this.#calls.cancel(),
        reportBusy: () => logEnd(logger, name, 'busy', shutdownTimeoutMs),
        reportLoading: () => logEnd(logger, name, 'loading', shutdownTimeoutMs),
        reportHanging: () => logEnd(logger, name, 'hanging', shutdownTimeoutMs),
        reportUnclean: ({ event }) => {
          const error = 'error' in event && event.error instanceof Error ? event.error : new Error('no reason given');
          const { message, cause } = error;
          logger.error({ plugin: name, err: cause }, `plugin ${name} did not shut down cleanly: ${message}`);
        },
      },
    });
  }

  /** Not a timer of the actor system, all of which hold the process open. @param signal aborts when it is over before */
  #retryDelay(signal: AbortSignal): Promise<void> {
    const { clock, retryAfterMs } = this.#dependencies;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, retryAfterMs() ?? Number.POSITIVE_INFINITY);
      signal.addEventListener('abort', () => clock.clearTimeout(timer), { once: true });
    });
  }

  async #load(tell: (event: PluginEvent) => void): Promise<void> {
    try {
      this.#plugin = await this.#source.load(this.#loading.signal, this.gate);
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

  #breakOff(error: unknown): void {
    this.#started.reject(error);
    this.#ended.resolve();
    this.#gone.resolve();
  }
}

/** The error of a plugin whose start came too late: all are being shut down. */
export function closedBeforeStart(plugin: string): GatechartError {
  return notStarted(plugin, `Plugin ${plugin} was closed before it had started.`);
}

function notStarted(plugin: string, message: string): GatechartError {
  return new GatechartError('PLUGIN_LOAD_FAILED', message, { details: { plugin } });
}
