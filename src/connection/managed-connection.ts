import { type ActorRefFrom, fromCallback, fromPromise, type SnapshotFrom } from 'xstate';
import type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionSettings,
  RefusalReason,
} from '../../machines/connection-context.js';
import { connectionMachine } from '../../machines/connection.machine.js';
import { providedMachine } from '../actors/provided-machine.js';
import type { GatechartError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Clock, Random } from '../time/clock.js';
import type { Transport } from '../transports/transport.js';
import { callCancelled } from './call-errors.js';
import type { CallOwner } from './call-owner.js';
import { ConnectionCall } from './connection-call.js';
import type { CallOptions, ConnectionStatus, OwnConnection } from './connection-api.js';
import { connectionRefusal } from './connection-refusal.js';
import type { ConnectionSystem } from './connection-system.js';
import { dotted, isClosed, logStates } from './connection-states.js';
import { LinkSlot } from './link-slot.js';
import { OpenCalls } from './open-calls.js';
import { type PendingRequest, PendingRequests } from './pending-requests.js';
import { SignsOfLife } from './signs-of-life.js';
import { TurnHolder, type Turns } from './turns.js';
import { msUntil } from '../time/duration.js';

export interface ConnectionOptions<Request, Response> {
  readonly name: string;
  /** What it is called in errors. Default: its name. */
  readonly owner?: string;
  readonly transport: Transport<Request, Response>;
  readonly settings: ConnectionSettings;
  readonly system: ConnectionSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Where only so many connections may be opening at a time: it waits for a turn each time that it opens. */
  readonly turns?: Turns;
  /** Somebody may log in at the server. */
  readonly hasLogin?: boolean;
  /** Hears of each state that it comes to, nested ones with dots. Must not throw. */
  readonly onState?: (state: string) => void;
  /** Whether somebody wants to hear of the server who does not call: the link is not given up for want of traffic then. */
  readonly isListenedTo?: () => boolean;
}

/** Runs `machines/connection.machine.ts` over a transport. */
export class ManagedConnection<Request, Response> implements OwnConnection<Request, Response> {
  readonly name: string;
  readonly #options: ConnectionOptions<Request, Response>;
  readonly #slot: LinkSlot<Request, Response>;
  readonly #actor: ActorRefFrom<typeof connectionMachine>;
  /** What its calls are called, so that those of several connections to one server can be told apart. */
  readonly #callsName: string;
  readonly #owner: CallOwner<Request, Response>;
  readonly #pending = new PendingRequests();
  readonly #calls: OpenCalls<Request, Response>;
  readonly #closed: Promise<void>;
  #lastTraffic: number;
  readonly #life = new SignsOfLife();
  readonly #turn: TurnHolder;
  #connects = 0;

  constructor(options: ConnectionOptions<Request, Response>) {
    const { name, transport, settings, system, clock, random, logger } = options;
    this.name = name;
    this.#options = options;
    this.#slot = new LinkSlot(transport);
    this.#turn = new TurnHolder(options.turns);
    this.#calls = new OpenCalls(this.#slot);
    this.#lastTraffic = clock.now();
    this.#owner = {
      name: options.owner ?? name,
      deadlines: system.deadlines,
      ask: (call) => this.#ask(call),
      stopAsking: (call) => this.#stopAsking(call),
      link: () => this.#slot.link,
      onSettled: (index) => this.#calls.remove(index),
      onTraffic:
        settings.idleTimeoutMs === undefined
          ? () => {}
          : () => {
              this.#lastTraffic = clock.now();
            },
      onHeard: (link) => {
        this.#owner.onTraffic();
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
    this.#actor = system.connections.create(this.#machine(), system.connectionId(name), {
      settings,
      startsServer: transport.startsServer === true,
      takesTurns: options.turns !== undefined,
      hasLogin: options.hasLogin === true,
      now: () => clock.now(),
      random,
    });
    this.#callsName = this.#actor.id.slice('connection:'.length);
    this.#closed = new Promise((resolve) => {
      this.#actor.subscribe({ complete: resolve, error: () => resolve() });
    });
    system.opened(this.#actor.id, this, this.#closed);
    logStates(this.#actor, { name, target: transport.target, logger });
    const { onState } = options;
    if (onState !== undefined) this.#actor.subscribe(({ value }) => onState(dotted(value)));
    this.#actor.start();
  }

  request(message: Request, options: CallOptions): Promise<Response> {
    if (options.signal?.aborted === true) return Promise.reject(callCancelled(this.#owner.name, options.signal.reason));
    return new Promise((resolve, reject) => {
      const call = new ConnectionCall(this.#owner, message, options, resolve, reject);
      this.#calls.add(call);
      call.start(this.#options.system.createCall(this.#callsName, options.replay ?? 'never', call));
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
      nextTimerInMs: msUntil(context.dueAt, this.#options.clock.now()),
      waiting: context.waiting.length,
      inFlight: this.#calls.inFlight(this.#pending),
      ...(stream === undefined ? {} : { stream }),
    };
  }

  get isClosed(): boolean {
    return isClosed(this.#actor.getSnapshot().value);
  }

  /** What the machine is in, for explanations. */
  snapshot(): SnapshotFrom<typeof connectionMachine> {
    return this.#actor.getSnapshot();
  }

  /** Makes the next attempt now, where one is being waited for, or a call; nothing happens in other states. */
  retry(): void {
    if (this.#isOpen()) this.#actor.send({ type: 'retry' });
  }

  close(): Promise<void> {
    if (this.#isOpen()) this.#actor.send({ type: 'close' });
    return this.#closed;
  }

  #machine(): typeof connectionMachine {
    return providedMachine(connectionMachine, {
      actors: {
        awaitTurn: fromPromise(({ signal }) => this.#turn.take(signal)),
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
          return link?.onTraffic?.(() => this.#owner.onHeard(link));
        }),
        pingLink: fromPromise(({ signal }) => this.#life.ask(this.#slot.link, signal)),
        releaseLink: fromPromise(() => this.#calls.release()),
        releaseLinks: fromPromise(() => this.#calls.releaseAll()),
      },
      actions: {
        endTurn: () => this.#turn.end(),
        retireLink: () => this.#calls.retire(),
        admitCall: ({ event }) => this.#pending.admit('call' in event ? [event.call] : []),
        admitCalls: ({ context }) => this.#pending.admit(context.waiting),
        refuseCall: ({ context, event }, { reason }) =>
          this.#refuse('call' in event ? [event.call] : [], reason, context),
        refuseCalls: ({ context }, { reason }) => this.#refuse(context.waiting, reason, context),
      },
      guards: {
        isSilent: ({ context }) => this.#life.unanswered >= (context.settings.suspectAfter || Number.POSITIVE_INFINITY),
        sawTraffic: ({ context }) =>
          this.#calls.size > 0 ||
          this.#options.isListenedTo?.() === true ||
          this.#options.clock.now() - this.#lastTraffic < (context.settings.idleTimeoutMs ?? 0),
      },
    });
  }

  #isOpen(): boolean {
    return this.#actor.getSnapshot().status === 'active';
  }

  #ask(request: PendingRequest): void {
    const { status, value, context } = this.#actor.getSnapshot();
    if (status !== 'active') {
      request.refuse(this.#refusal('closed', context));
    } else if (this.#hasOpenLink(value) && !this.#options.system.connections.isWatched) {
      // The edge `ready / call.arrived → admitCall` without its cost, about 3 µs of a call's 11 (`npm run bench`, unix/64).
      // The edge changes no state, so whoever subscribes to states misses nothing; while somebody inspects, it is taken.
      // `connection-short-cut.test.ts` shows that the outcomes are the same.
      request.linkReady();
    } else {
      this.#pending.add(request);
      this.#actor.send({ type: 'call.arrived', call: request.id });
    }
  }

  #stopAsking({ id }: PendingRequest): void {
    if (this.#pending.remove(id) && this.#isOpen()) this.#actor.send({ type: 'call.left', call: id });
  }

  #hasOpenLink(state: unknown): boolean {
    return typeof state === 'object' && state !== null && 'ready' in state && this.#slot.link !== undefined;
  }

  #refuse(ids: readonly string[], reason: RefusalReason, context: ConnectionContext): void {
    this.#pending.refuse(ids, () => this.#refusal(reason, context));
  }

  #refusal(reason: RefusalReason, context: ConnectionContext): GatechartError {
    return connectionRefusal(this.#owner.name, this.#options, reason, context);
  }

  #describe(): string {
    const { value, context } = this.#actor.getSnapshot();
    const { attempt, lastError } = context;
    return `connection ${dotted(value)}, attempt ${attempt}${lastError === undefined ? '' : `, last error: ${lastError.message}`}`;
  }
}
