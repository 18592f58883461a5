import { type ActorRefFrom, fromCallback, fromPromise } from 'xstate';
import {
  type ConnectionContext,
  type ConnectionEvent,
  connectionMachine,
  type ConnectionSettings,
  type RefusalReason,
} from '../../machines/index.js';
import { Slots } from '../actors/slots.js';
import { GatechartError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Clock, Random } from '../time/clock.js';
import type { Link, Transport } from '../transports/transport.js';
import { type CallHost, ConnectionCall, type LinkSeeker } from './connection-call.js';
import type { CallOptions, Connection, ConnectionStatus } from './connection-api.js';
import { connectionRefusal } from './connection-refusal.js';
import type { ConnectionSystem } from './connection-system.js';
import { dotted, logStates } from './connection-states.js';
import { LinkSlot } from './link-slot.js';
import { SignsOfLife } from './signs-of-life.js';

export interface ConnectionOptions<Request, Response> {
  readonly name: string;
  readonly transport: Transport<Request, Response>;
  readonly settings: ConnectionSettings;
  readonly system: ConnectionSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Runs `machines/connection.machine.ts` over a transport. */
export class ManagedConnection<Request, Response> implements Connection<Request, Response> {
  readonly name: string;
  readonly #options: ConnectionOptions<Request, Response>;
  readonly #slot: LinkSlot<Request, Response>;
  readonly #actor: ActorRefFrom<typeof connectionMachine>;
  readonly #host: CallHost<Request, Response>;
  readonly #seekers = new Map<string, LinkSeeker>();
  readonly #calls = new Slots<ConnectionCall<Request, Response>>();
  readonly #closed: Promise<void>;
  #lastTraffic: number;
  readonly #life = new SignsOfLife();
  #connects = 0;

  constructor(options: ConnectionOptions<Request, Response>) {
    const { name, transport, settings, system, clock, random, logger } = options;
    this.name = name;
    this.#options = options;
    this.#slot = new LinkSlot(transport);
    this.#lastTraffic = clock.now();
    this.#host = {
      name,
      deadlines: system.deadlines,
      ask: (call) => this.#ask(call),
      unask: (call) => this.#unask(call),
      link: () => this.#slot.link,
      onSettled: (slot) => this.#calls.remove(slot),
      onTraffic:
        settings.idleTimeoutMs === undefined
          ? () => {}
          : () => {
              this.#lastTraffic = clock.now();
            },
      onHeard: (link) => {
        this.#host.onTraffic();
        if (link === this.#slot.link) this.#life.heard();
      },
      onUnanswered: (link) => {
        if (link !== this.#slot.link) return;
        this.#life.missed();
        this.#actor.send({ type: 'call.unanswered' });
      },
      onLinkLost: (link, error) => {
        if (link === this.#slot.link) this.#actor.send({ type: 'link.closed', error });
      },
      describe: () => this.#describe(),
    };
    this.#actor = system.connections.create(this.#machine(), `connection:${name}`, {
      settings,
      startsServer: transport.startsServer === true,
      now: () => clock.now(),
      random,
    });
    this.#closed = new Promise((resolve) => {
      this.#actor.subscribe({ complete: resolve, error: () => resolve() });
    });
    logStates(this.#actor, { name, target: transport.target, logger });
    this.#actor.start();
  }

  request(message: Request, options: CallOptions): Promise<Response> {
    if (options.signal?.aborted === true) {
      const cause: unknown = options.signal.reason;
      return Promise.reject(new GatechartError('CALL_CANCELLED', `The call to ${this.name} was cancelled.`, { cause }));
    }
    return new Promise((resolve, reject) => {
      const call = new ConnectionCall(this.#host, message, options, resolve, reject);
      call.slot = this.#calls.add(call);
      call.start(this.#options.system.createCall(this.name, options.replay ?? 'never', call));
    });
  }

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ask({ id: `connect#${++this.#connects}`, linkReady: resolve, refuse: reject });
    });
  }

  status(): ConnectionStatus {
    const { value, context } = this.#actor.getSnapshot();
    const stream = this.#slot.link?.streamStatus?.();
    return {
      name: this.name,
      target: this.#options.transport.target,
      state: dotted(value),
      attempt: context.attempt,
      lastError: context.lastError,
      nextTimerInMs: context.dueAt === undefined ? undefined : Math.max(0, context.dueAt - this.#options.clock.now()),
      waiting: context.waiting.length,
      inFlight: [...this.#calls].filter((call) => !this.#seekers.has(call.id)).length,
      ...(stream === undefined ? {} : { stream }),
    };
  }

  close(): Promise<void> {
    if (this.#isOpen()) this.#actor.send({ type: 'close' });
    return this.#closed;
  }

  #machine(): typeof connectionMachine {
    return connectionMachine.provide({
      actors: {
        openLink: fromPromise<void, { proven: boolean }>(({ signal, input }) => {
          this.#life.heard();
          return this.#slot.open(signal, input.proven);
        }),
        watchLink: fromCallback<ConnectionEvent>(({ sendBack }) => {
          const { link } = this.#slot;
          // Before `closed`: a link that retires with nothing in flight ends at once.
          void link?.retiring?.then(() => sendBack({ type: 'link.retiring' }));
          const closed = link?.closed ?? Promise.resolve({});
          void closed.then(({ error }: { error?: Error }) =>
            sendBack({ type: 'link.closed', error: error ?? new Error('the link was closed') }),
          );
          return link?.onTraffic?.(() => this.#host.onHeard(link));
        }),
        pingLink: fromPromise(({ signal }) => this.#life.ask(this.#slot.link, signal)),
        releaseLink: fromPromise(() => this.#release()),
        releaseLinks: fromPromise(() => this.#releaseAll()),
      },
      actions: {
        retireLink: () => this.#retire(),
        admitCall: ({ event }) => this.#admit('call' in event ? [event.call] : []),
        admitCalls: ({ context }) => this.#admit(context.waiting),
        refuseCall: ({ context, event }, { reason }) =>
          this.#refuse('call' in event ? [event.call] : [], reason, context),
        refuseCalls: ({ context }, { reason }) => this.#refuse(context.waiting, reason, context),
      },
      guards: {
        isSilent: ({ context }) => this.#life.unanswered >= (context.settings.suspectAfter || Number.POSITIVE_INFINITY),
        sawTraffic: ({ context }) =>
          this.#calls.size > 0 || this.#options.clock.now() - this.#lastTraffic < (context.settings.idleTimeoutMs ?? 0),
      },
    });
  }

  #isOpen(): boolean {
    return this.#actor.getSnapshot().status === 'active';
  }

  #ask(seeker: LinkSeeker): void {
    const { status, value, context } = this.#actor.getSnapshot();
    if (status !== 'active') {
      seeker.refuse(this.#refusal('closed', context));
    } else if (typeof value === 'object' && 'ready' in value && this.#slot.link !== undefined) {
      seeker.linkReady();
    } else {
      this.#seekers.set(seeker.id, seeker);
      this.#actor.send({ type: 'call.arrived', call: seeker.id });
    }
  }

  #unask(seeker: LinkSeeker): void {
    if (this.#seekers.delete(seeker.id) && this.#isOpen()) this.#actor.send({ type: 'call.left', call: seeker.id });
  }

  #admit(ids: readonly string[]): void {
    for (const id of ids) this.#take(id)?.linkReady();
  }

  #refuse(ids: readonly string[], reason: RefusalReason, context: ConnectionContext): void {
    for (const id of ids) this.#take(id)?.refuse(this.#refusal(reason, context));
  }

  #take(id: string): LinkSeeker | undefined {
    const seeker = this.#seekers.get(id);
    this.#seekers.delete(id);
    return seeker;
  }

  async #release(): Promise<void> {
    const { link } = this.#slot;
    await this.#slot.release();
    if (link !== undefined) this.#cutOff(link);
  }

  /** Nobody waits for this: the link goes when its calls are settled. */
  #retire(): void {
    const { link } = this.#slot;
    if (link !== undefined) void this.#slot.retire().then(() => this.#cutOff(link));
  }

  async #releaseAll(): Promise<void> {
    const retired = [...this.#slot.retired];
    await Promise.all([this.#release(), this.#slot.releaseRetired()]);
    for (const link of retired) this.#cutOff(link);
  }

  /** A link settles its requests when it ends; this holds even if one does not. */
  #cutOff(link: Link<Request, Response>): void {
    for (const call of this.#calls) call.cutOff(link);
  }

  #refusal(reason: RefusalReason, context: ConnectionContext): GatechartError {
    return connectionRefusal(this.name, this.#options.transport.target, reason, context);
  }

  #describe(): string {
    const { value, context } = this.#actor.getSnapshot();
    const { attempt, lastError } = context;
    return `connection ${dotted(value)}, attempt ${attempt}${lastError === undefined ? '' : `, last error: ${lastError.message}`}`;
  }
}
