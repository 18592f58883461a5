import { isDeepStrictEqual } from 'node:util';
import { type ActorRefFrom, assign, fromCallback, fromPromise } from 'xstate';
import { type PoolEntryEvent, poolEntryMachine } from '../../../machines/pool-entry.machine.js';
import type { Supervisor } from '../../actors/supervisor.js';
import type { LoadedConfig } from '../../config/load-config.js';
import { dotted } from '../../connection/connection-states.js';
import { GatechartError, messageOf } from '../../errors.js';
import type { HookMap } from '../../hooks/hook.js';
import type { Logger } from '../../observability/logger.js';
import type { CancelSignal } from '../../time/cancellation.js';
import type { Clock } from '../../time/clock.js';
import { type Deferred, deferred } from '../../time/deferred.js';
import { listenForAbort, unlistenForAbort } from '../../time/shared-signal.js';
import type { PoolMember } from './manager-pool-member.js';
import type { PooledManagerStatus } from './manager-pool-status.js';
import { msUntil } from '../../time/duration.js';

/** What a key has of its pool. Times in milliseconds. */
export interface PoolEntryDependencies<Hooks extends HookMap> {
  /** The actor system they live in. */
  readonly system: Supervisor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ttlMs: number;
  /** How long asking for overrides may take. */
  readonly overridesTimeoutMs: number;
  readonly drainMs: number;
  /** The configuration of a key, overrides included. */
  readonly ask: (signal: AbortSignal) => Promise<LoadedConfig>;
  readonly build: (config: LoadedConfig) => Promise<PoolMember<Hooks>>;
  /** Hears that it is somewhere else. */
  readonly onChange: () => void;
  /** Hears that it gives no manager any more. */
  readonly onLeave: () => void;
}

/** How one who asks stops waiting. */
export interface AskCancel {
  readonly signal: CancelSignal;
  /** What it is told then. */
  readonly error: () => Error;
}

/** What a manager was built with. */
interface Built<Hooks extends HookMap> {
  readonly member: PoolMember<Hooks>;
  readonly config: LoadedConfig['config'];
}

/** One key of a pool, and the manager it has at present. Runs `machines/pool-entry.machine.ts`. */
export class PoolEntry<Hooks extends HookMap> {
  readonly key: string;
  /** Which of all asks was the last for it. */
  lastAsk = 0;
  readonly #dependencies: PoolEntryDependencies<Hooks>;
  readonly #actor: ActorRefFrom<typeof poolEntryMachine>;
  #asking: Deferred<PoolMember<Hooks>>[] = [];
  #wanted: LoadedConfig | undefined;
  #built: Built<Hooks> | undefined;
  #current: Built<Hooks> | undefined;

  constructor(key: string, dependencies: PoolEntryDependencies<Hooks>) {
    const { system, clock, ttlMs, overridesTimeoutMs, onChange } = dependencies;
    this.key = key;
    this.#dependencies = dependencies;
    this.#actor = system.create(this.#machine(), `poolEntry:${key}`, {
      ttlMs,
      overridesTimeoutMs,
      now: () => clock.now(),
    });
    this.#actor.subscribe({ next: onChange, error: (error) => this.#breakOff(error) });
    this.#actor.start();
  }

  /** State of the machine, nested ones with dots. */
  get state(): string {
    return dotted(this.#actor.getSnapshot().value);
  }

  /** Invocations on its manager, and who else uses it. */
  get uses(): number {
    return this.#current?.member.uses ?? 0;
  }

  /** Whether it has a manager, or one is being built. */
  get hasRoom(): boolean {
    return this.#current !== undefined || this.state.startsWith('building');
  }

  /** Whether it waits for room. */
  get isQueued(): boolean {
    return this.#actor.getSnapshot().matches('queued');
  }

  status(): PooledManagerStatus {
    const { key, state, uses } = this;
    const { dueAt, error } = this.#actor.getSnapshot().context;
    const nextTimerInMs = msUntil(dueAt, this.#dependencies.clock.now());
    return { key, state, uses, waiting: this.#asking.length, nextTimerInMs, lastError: error };
  }

  /** The manager, once it may be given to anybody. Whoever gets it uses it, and says when no longer. */
  ask(cancel?: AskCancel): Promise<PoolMember<Hooks>> {
    const asking = deferred<PoolMember<Hooks>>();
    this.#asking.push(asking);
    if (cancel !== undefined) this.#listen(asking, cancel);
    if (this.state === 'ready') this.#admit();
    else this.#actor.send({ type: 'ask' });
    return asking.promise;
  }

  send(type: 'admit' | 'invalidate' | 'retire'): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type });
  }

  #machine(): typeof poolEntryMachine {
    const { key } = this;
    const { ask, drainMs, onLeave, overridesTimeoutMs } = this.#dependencies;
    return poolEntryMachine.provide({
      actors: {
        askOverrides: fromPromise<void>(async ({ signal }) => {
          const wanted = await ask(signal);
          if (!signal.aborted) this.#wanted = wanted;
        }),
        buildManager: fromCallback<PoolEntryEvent>(({ sendBack }) => void this.#build(sendBack)),
      },
      actions: {
        recordLate: assign({ error: () => late(key, overridesTimeoutMs) }),
        admitAsking: () => this.#admit(),
        refuseAsking: ({ context }, { reason }) => this.#refuse(reason === 'closed' ? poolClosed() : context.error),
        replaceManager: () => {
          this.#current?.member.retire(drainMs);
          this.#current = this.#built;
        },
        retireManager: () => this.#current?.member.retire(drainMs),
        leavePool: onLeave,
      },
      guards: {
        isUnchanged: () => this.#current !== undefined && isDeepStrictEqual(this.#current.config, this.#wanted?.config),
        hasManager: () => this.#current !== undefined,
      },
    });
  }

  async #build(tell: (event: PoolEntryEvent) => void): Promise<void> {
    const { build } = this.#dependencies;
    try {
      if (this.#wanted === undefined) throw new Error('a manager is built only when its overrides are known');
      const { config } = this.#wanted;
      this.#built = { member: await build(this.#wanted), config };
      tell({ type: 'manager.built' });
    } catch (error) {
      tell({ type: 'manager.failed', error });
    }
  }

  /** The machine broke off, which must leave nobody waiting and nothing open. */
  #breakOff(error: unknown): void {
    const { drainMs, onLeave } = this.#dependencies;
    onLeave();
    this.#refuse(error);
    this.#current?.member.retire(drainMs);
  }

  /** Lets one who waits leave before the others. */
  #listen(asking: Deferred<PoolMember<Hooks>>, { signal, error }: AskCancel): void {
    const leave = (): void => {
      this.#asking = this.#asking.filter((other) => other !== asking);
      asking.reject(error());
    };
    const settled = (): void => unlistenForAbort(signal, leave);
    listenForAbort(signal, leave);
    asking.promise.then(settled, settled);
  }

  #admit(): void {
    const { member } = this.#current ?? {};
    if (member === undefined) return;
    for (const { resolve } of this.#asking.splice(0)) {
      // Here, and not by whoever waits: until they hear of it, the manager could be retired.
      member.use();
      resolve(member);
    }
  }

  #refuse(error: unknown): void {
    const { key } = this;
    const asking = this.#asking.splice(0);
    if (asking.length === 0) return;
    this.#dependencies.logger.warn({ manager: key, err: error }, `there is no manager ${key}: ${messageOf(error)}`);
    for (const { reject } of asking) reject(error);
  }
}

/** The error of asking a pool that is closed. */
export function poolClosed(): GatechartError {
  return new GatechartError('MANAGER_CLOSED', 'The pool of managers is closed; hooks can no longer be invoked.');
}

function late(key: string, ms: number): GatechartError {
  const message = `The overrides of ${JSON.stringify(key)} did not come within ${ms / 1000} s.`;
  return new GatechartError('CONFIG_UNREADABLE', message, { details: { key } });
}
