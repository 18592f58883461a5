import { type ActorRefFrom, fromPromise } from 'xstate';
import { pooledManagerMachine } from '../../../machines/pooled-manager.machine.js';
import type { Inspector, Supervisor } from '../../actors/supervisor.js';
import type { HookMap } from '../../hooks/hook.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { WaitGroup } from '../../time/wait-group.js';
import type { PooledManagerStatus } from './manager-pool-status.js';
import { type PoolableManager, PooledManager } from './pooled-manager.js';
import { msUntil } from '../../time/duration.js';

/** What all managers of a pool have in common. */
export interface PoolMemberDependencies {
  /** The actor system they live in. */
  readonly system: Supervisor;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A manager that a pool has built, until it is closed. Runs `machines/pooled-manager.machine.ts`. */
export class PoolMember<Hooks extends HookMap> {
  readonly key: string;
  /** What users get. */
  readonly manager: PooledManager<Hooks>;
  readonly #manager: PoolableManager<Hooks>;
  readonly #uses = new WaitGroup();
  readonly #dependencies: PoolMemberDependencies;
  readonly #actor: ActorRefFrom<typeof pooledManagerMachine>;

  /** @param onClosed hears that nothing of it is left */
  constructor(
    {
      key,
      number,
      manager,
    }: { readonly key: string; readonly number: number; readonly manager: PoolableManager<Hooks> },
    dependencies: PoolMemberDependencies,
    onClosed: (member: PoolMember<Hooks>) => void,
  ) {
    const { system, clock } = dependencies;
    this.key = key;
    this.#manager = manager;
    this.manager = new PooledManager(manager, this.#uses);
    this.#dependencies = dependencies;
    const machine = this.#machine(() => onClosed(this));
    this.#actor = system.create(machine, `pooledManager:${key}#${number}`, { now: () => clock.now() });
    this.#actor.subscribe({ error: () => void manager.close().finally(() => onClosed(this)) });
    this.#actor.start();
  }

  /** Invocations, and who else uses it. */
  get uses(): number {
    return this.#uses.count;
  }

  /** State of the machine. */
  get state(): string {
    return this.#actor.getSnapshot().value;
  }

  status(): PooledManagerStatus {
    const { key, state, uses } = this;
    const { dueAt } = this.#actor.getSnapshot().context;
    const nextTimerInMs = msUntil(dueAt, this.#dependencies.clock.now());
    return { key, state, uses, waiting: 0, nextTimerInMs, lastError: undefined };
  }

  inspect(inspector: Inspector): { unsubscribe(): void } {
    return this.#manager.inspect(inspector);
  }

  /** It is used until `unuse`: it is not closed meanwhile, unless that takes longer than it may drain. */
  use(): void {
    this.#uses.add();
  }

  unuse(): void {
    this.#uses.done();
  }

  /** Closes it when nobody uses it any more, at the latest in `drainMs` milliseconds. */
  retire(drainMs: number): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'retire', drainMs });
  }

  #machine(tellClosed: () => void): typeof pooledManagerMachine {
    const { key } = this;
    const { logger } = this.#dependencies;
    return pooledManagerMachine.provide({
      actors: {
        awaitUnused: fromPromise(() => this.#uses.idle()),
        closeManager: fromPromise(() => this.#manager.close()),
      },
      actions: {
        reportBusy: () =>
          logger.warn({ manager: key, uses: this.uses }, `manager ${key} is closed while it is in use: it was retired`),
        reportUnclean: ({ event }) =>
          logger.error(
            { manager: key, err: 'error' in event ? event.error : undefined },
            `manager ${key} did not close as it should`,
          ),
        tellClosed,
      },
    });
  }
}
