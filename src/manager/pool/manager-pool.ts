import type { ConfigInput } from '../../catalogue/config-input.js';
import type { ActorRecorder } from '../../actors/actor-recorder.js';
import { observeAll } from '../../actors/watchable.js';
import { type Inspector, Supervisor } from '../../actors/supervisor.js';
import { checkOptionNames, invalid } from '../../config/code-options.js';
import { checkOptionNumbers } from '../../config/option-values.js';
import type { LoadedConfig } from '../../config/load-config.js';
import type { GlobalContext } from '../../context/global-context.js';
import type { SharedServers } from '../../external/shared-servers.js';
import type { BuiltInHooks } from '../../hooks/built-in-hooks.js';
import type { Exactly, HookMap } from '../../hooks/hook.js';
import type { HookOutcome } from '../../hooks/hook-outcome.js';
import { cancelledError } from '../../invocation/invocation-errors.js';
import { describeValue } from '../../json/described-value.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { holdingClock } from '../../time/holding-clock.js';
import { WaitGroup } from '../../time/wait-group.js';
import { invokeOptions, type InvokeOptions, noOptions } from '../invoke-options.js';
import { type AskCancel, PoolEntry, poolClosed } from './manager-pool-entry.js';
import { PoolInspection } from './manager-pool-inspection.js';
import { PoolKeys } from './manager-pool-keys.js';
import { PoolMember } from './manager-pool-member.js';
import type { PooledManagerStatus } from './manager-pool-status.js';
import type { PoolableManager, PooledManager } from './pooled-manager.js';

/** Managers by key, each with its own overrides. Made by `createManagerPool`. */
export class ManagerPool<Hooks extends HookMap = BuiltInHooks> implements AsyncDisposable {
  readonly #dependencies: ManagerPoolDependencies<Hooks>;
  readonly #keySystem: Supervisor;
  readonly #memberSystem: Supervisor;
  readonly #keys: PoolKeys<Hooks>;
  readonly #members = new Set<PoolMember<Hooks>>();
  /** Entries and managers that have not ended. */
  readonly #living = new WaitGroup();
  readonly #inspection = new PoolInspection();
  #built = 0;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(dependencies: ManagerPoolDependencies<Hooks>) {
    const { clock, logger, inspector, recorder, max } = dependencies;
    this.#dependencies = dependencies;
    this.#keys = new PoolKeys(max);
    this.#keySystem = new Supervisor('pool', logger, clock);
    // Whoever closes a pool waits for these timers.
    this.#memberSystem = new Supervisor('managers', logger, holdingClock(clock));
    if (recorder !== undefined) observeAll([this.#keySystem, this.#memberSystem], recorder.observer);
    if (inspector !== undefined) this.inspect(inspector);
  }

  /**
   * The manager of a key: built where there is none, once for all who ask meanwhile, and asked anew whether it still holds
   * where that may have changed. It can be used until it is retired, because another takes its place or its room or the
   * pool is closed; what runs by then may finish, and later calls throw MANAGER_CLOSED. So ask again for each request,
   * or let {@link use} hold it.
   *
   * @throws GatechartError MANAGER_CLOSED, CONTEXT_INVALID for a key that is none, what `overridesFor` throws, and what
   * `createManager` throws
   */
  async get(key: string): Promise<PooledManager<Hooks>> {
    const member = await this.#ask(key);
    member.unuse();
    return member.manager;
  }

  /**
   * Runs a function with the manager of a key, which stays until the function is done: for a request with several hooks.
   *
   * @throws what {@link get} throws, and what the function throws
   */
  async use<Result>(
    key: string,
    run: (manager: PooledManager<Hooks>) => Result | PromiseLike<Result>,
  ): Promise<Result> {
    const member = await this.#ask(key);
    try {
      return await run(member.manager);
    } finally {
      member.unuse();
    }
  }

  /** Runs a hook on the manager of a key; `signal` also ends the wait for it. @throws what {@link get} and `PluginManager.invokeHook` throw */
  async invokeHook<
    Name extends keyof Hooks & string,
    Payload extends Hooks[Name]['payload'] = Hooks[Name]['payload'],
    Context extends GlobalContext = GlobalContext,
  >(
    key: string,
    hook: Name,
    payload: Exactly<Hooks[Name]['payload'], Payload>,
    context: Exactly<GlobalContext, Context>,
    options?: InvokeOptions,
  ): Promise<HookOutcome<Hooks[Name]['result']>> {
    const { signal } = options === undefined ? noOptions : invokeOptions(options, hook);
    const member = await this.#ask(key, signal && { signal, error: () => cancelledError(hook, signal.reason) });
    // The invocation itself is a use from here on.
    const invoked = member.manager.invokeHook<Name, Payload, Context>(hook, payload, context, options);
    member.unuse();
    return invoked;
  }

  /**
   * The overrides of a key may have changed: whoever asks from now on gets a manager with those that hold by then. If they
   * are the same, the manager is kept; else it finishes what runs on it, and is closed.
   */
  invalidate(key: string): void {
    this.#keys.get(key)?.send('invalidate');
  }

  /** The same for all keys. */
  invalidateAll(): void {
    for (const entry of this.#keys) entry.send('invalidate');
  }

  /**
   * Puts another base in the place of the one that was there, or reads the same file again, and invalidates all keys:
   * managers that come to the same are kept, the others replaced when they are asked for. Nothing changes if it throws.
   *
   * @param base as in `ManagerPoolOptions`. Default: what was given there, or to the last `reload`
   * @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE
   * @throws GatechartError MANAGER_CLOSED
   */
  // oxlint-disable-next-line typescript/require-await -- what it throws rejects, as with all else that reads a file
  async reload(base?: string | URL | ConfigInput): Promise<void> {
    if (this.#closing !== undefined) throw poolClosed();
    this.#dependencies.loadBase(base);
    this.invalidateAll();
  }

  /** Number of keys that have a manager, or get one. */
  get size(): number {
    return this.#keys.admitted;
  }

  /** Where each manager is and why, those last that are being retired. */
  statuses(): PooledManagerStatus[] {
    const retired = [...this.#members].filter(({ state }) => state !== 'serving');
    return [...this.#keys, ...retired].map((one) => one.status());
  }

  /** Watches every actor of the pool and of its managers, those to come included, through XState's inspection API. */
  inspect(inspector: Inspector): { unsubscribe(): void } {
    const { shared } = this.#dependencies;
    return this.#inspection.add(inspector, [this.#keySystem, this.#memberSystem, shared.system, ...this.#members]);
  }

  /**
   * Closes all managers, those that are being built included, and the connections that they share. Whoever waits for one is
   * told MANAGER_CLOSED. Settles when nothing is left. May be called more than once; only the first one's options count.
   *
   * @param options.drainMs milliseconds that what runs may go on before it is cancelled. Default 0
   * @throws GatechartError CONFIG_INVALID for other options
   */
  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    checkOptionNames(options, ['drainMs'], 'close');
    checkOptionNumbers(options, 'options');
    this.#closing ??= this.#close(options.drainMs ?? 0);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    for (const member of this.#members) member.retire(drainMs);
    for (const entry of this.#keys) entry.send('retire');
    await this.#living.idle();
    this.#keySystem.stop();
    this.#memberSystem.stop();
    this.#dependencies.release();
  }

  #ask(key: string, cancel?: AskCancel): Promise<PoolMember<Hooks>> {
    if (this.#closing !== undefined) return Promise.reject(poolClosed());
    if (typeof key !== 'string' || key === '') {
      const found = key === '' ? 'an empty string' : describeValue(key);
      return Promise.reject(invalid(`The key of a manager is ${found}, expected a string that is not empty`));
    }
    if (cancel?.signal.aborted === true) return Promise.reject(cancel.error());
    const entry = this.#keys.get(key) ?? this.#enter(key);
    this.#keys.noteAsk(entry);
    return entry.ask(cancel);
  }

  #enter(key: string): PoolEntry<Hooks> {
    const { clock, logger, ttlMs, startTimeoutMs, drainMs, configOf } = this.#dependencies;
    this.#living.add();
    const entry = new PoolEntry<Hooks>(key, {
      system: this.#keySystem,
      clock,
      logger,
      ttlMs,
      overridesTimeoutMs: startTimeoutMs,
      drainMs,
      ask: (signal) => configOf(key, signal),
      build: (config) => this.#build(key, config),
      // Not in the middle of its step.
      onChange: () => queueMicrotask(() => this.#keys.makeRoom()),
      onLeave: () => {
        if (this.#keys.delete(entry)) this.#living.done();
      },
    });
    this.#keys.add(entry);
    return entry;
  }

  async #build(key: string, config: LoadedConfig): Promise<PoolMember<Hooks>> {
    const { clock, logger, build } = this.#dependencies;
    const manager = await this.#inspection.watching((inspector) => build(key, config, inspector));
    this.#living.add();
    const member = new PoolMember<Hooks>(
      { key, number: ++this.#built, manager },
      { system: this.#memberSystem, clock, logger },
      () => {
        this.#members.delete(member);
        this.#living.done();
      },
    );
    this.#members.add(member);
    return member;
  }
}

/** @internal */
export interface ManagerPoolDependencies<Hooks extends HookMap> {
  readonly shared: SharedServers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly inspector: Inspector | undefined;
  readonly recorder: ActorRecorder | undefined;
  readonly ttlMs: number;
  readonly max: number;
  readonly drainMs: number;
  readonly startTimeoutMs: number;
  /** Takes another base, or the same once more. @throws ConfigError, and the base stays as it is */
  readonly loadBase: (base: string | URL | object | undefined) => void;
  /** The configuration of a key, overrides included. */
  readonly configOf: (key: string, signal: AbortSignal) => Promise<LoadedConfig>;
  readonly build: (
    key: string,
    config: LoadedConfig,
    inspector: Inspector | undefined,
  ) => Promise<PoolableManager<Hooks>>;
  /** Ends what the managers have shared. */
  readonly release: () => void;
}
