import { expect } from 'vitest';
import { Actor, type AnyActor } from 'xstate';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import type { CallOptions } from '../../src/connection/connection-api.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import type { Turns } from '../../src/connection/turns.js';
import { isGatechartError } from '../../src/errors.js';
import type { ConnectionSettings } from '../../machines/index.js';
import type { ActorRecorder } from '../../src/actors/actor-recorder.js';
import type { Inspector } from '../../src/actors/supervisor.js';
import { applyFault, type Fault } from '../../src/testing/faults.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { ScriptedTransport } from '../../src/testing/scripted-transport.js';
import { RecordingLogger } from '../../src/testing/recording-logger.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { Deadlines } from '../../src/time/deadlines.js';

/** What scripted links answer: which link it was, and what it was asked. */
export interface Answer {
  readonly link: number;
  readonly message: string;
}

/** A call or a `connect`, and what came of it. */
export interface Tracked {
  readonly message: string;
  readonly options: CallOptions | undefined;
  readonly startedAt: number;
  readonly controller: AbortController;
  cancelledAt: number | undefined;
  settledAt: number | undefined;
  answer: Answer | undefined;
  code: string | undefined;
}

export const defaultSettings: ConnectionSettings = {
  connectTimeoutMs: 1_000,
  reconnectAttempts: 3,
  reconnectDelayMs: 100,
  jitter: 0,
  stablePeriodMs: 5_000,
  cooldownMs: 30_000,
  suspectAfter: 3,
  pingTimeoutMs: 500,
  idleTimeoutMs: undefined,
  maxWaiting: 100,
};

/** A wait after so many attempts. */
interface Backoff {
  readonly attempt: number;
  readonly ms: number;
}

/** States that own a link, by the connection machine's own description. */
const owning = /^(connecting|ready|suspect|closing)|releasing$/;
const timed = /^connecting$|settling$|parkable$|suspect$|backingOff$|coolingDown$/;

/** One connection over a scripted transport on a manual clock, and a record of all that was asked of it. */
export class ConnectionWorld {
  readonly clock = new ManualClock();
  readonly deadlines = new Deadlines(this.clock);
  readonly logger = new RecordingLogger();
  readonly system: ConnectionSystem;
  readonly transport: ScriptedTransport<string, Answer>;
  readonly connection: ManagedConnection<string, Answer>;
  readonly settings: ConnectionSettings;
  readonly calls: Tracked[] = [];
  readonly connects: Tracked[] = [];
  /** States the connection went through, without repeats. */
  readonly states: string[] = ['idle.empty'];
  /** Every wait between two attempts that is over. */
  readonly backoffs: Backoff[] = [];
  closing: Promise<void> | undefined;
  closed = false;
  #trials = 0;
  /** Links that were retired as soon as they were open. */
  #brief = 0;
  /** Counted here, not asked of the connection. */
  #attempts = 0;
  #enteredAt = 0;
  /** The state before it waited for its turn. */
  #queuedFrom: string | undefined;
  #longestFaultMs = 0;
  #count = 0;
  #failure: unknown;
  #isFollowed = false;
  #isRetried = false;

  constructor(
    settings: Partial<ConnectionSettings> = {},
    options: {
      seed?: number;
      inspector?: Inspector;
      recorderOf?: (clock: ManualClock) => ActorRecorder;
      startsServer?: boolean;
      turns?: Turns;
      hasLogin?: boolean;
    } = {},
  ) {
    this.settings = { ...defaultSettings, ...settings };
    this.system = new ConnectionSystem(this.clock, this.deadlines, this.logger);
    this.transport = new ScriptedTransport({
      clock: this.clock,
      reply: (message, link) => ({ link, message }),
      startsServer: options.startsServer === true,
    });
    const recorder = options.recorderOf?.(this.clock);
    if (recorder !== undefined) this.system.observe(recorder.observer);
    // Only until the actor is there: a connection that is watched takes no short cut.
    const finding = this.system.inspect(({ actorRef }) => this.#follow(actorRef));
    if (options.inspector !== undefined) this.system.inspect(options.inspector);
    this.connection = new ManagedConnection({
      name: 'world',
      transport: this.transport,
      settings: this.settings,
      system: this.system,
      clock: this.clock,
      random: seededRandom(options.seed ?? 1),
      logger: this.logger,
      ...(options.turns === undefined ? {} : { turns: options.turns }),
      ...(options.hasLogin === undefined ? {} : { hasLogin: options.hasLogin }),
    });
    finding.unsubscribe();
  }

  /** A request whose message no other request has. */
  call(options: Partial<CallOptions> = {}): Tracked {
    const controller = new AbortController();
    const full = { timeoutMs: 60_000, signal: controller.signal, ...options };
    const message = `message ${++this.#count}`;
    const call = this.#track(message, full, controller, this.calls);
    this.#settle(call, this.connection.request(message, full));
    return call;
  }

  connect(): Tracked {
    const connect = this.#track('connect', undefined, new AbortController(), this.connects);
    this.#settle(connect, this.connection.connect());
    return connect;
  }

  cancel(call: Tracked): void {
    call.cancelledAt ??= this.clock.now();
    call.controller.abort(new Error('the test cancelled'));
  }

  /** Somebody does not want to wait for the next attempt, which is made now where one was to come. */
  retry(): void {
    this.#isRetried = true;
    this.connection.retry();
    this.#isRetried = false;
  }

  close(): void {
    const closing = this.connection.close();
    if (this.closing !== undefined) expect(closing).toBe(this.closing);
    this.closing = closing;
    void closing.then(() => {
      this.closed = true;
    });
  }

  get state(): string {
    return this.connection.status().state;
  }

  /** Codes and answers, in the order of the calls: for examples. */
  get outcomes(): (string | number | undefined)[] {
    return this.calls.map(({ answer, code }) => answer?.link ?? code);
  }

  fault(fault: Fault): void {
    this.#longestFaultMs = Math.max(this.#longestFaultMs, durationOf(fault));
    applyFault(this.transport, fault);
  }

  /**
   * Milliseconds after `transport.heal()` within which the connection is ready, failed or idle: what was under way then
   * ends by itself or with the connect time-out, and the attempt after the longest backoff succeeds.
   */
  get healingMs(): number {
    const { connectTimeoutMs, reconnectDelayMs, pingTimeoutMs = 5_000, jitter } = this.settings;
    const { attempt } = this.connection.status();
    const longestBackoffMs = Math.max(reconnectDelayMs, 100) * (attempt + 1) * (1 + jitter);
    return Math.max(connectTimeoutMs + pingTimeoutMs, this.#longestFaultMs) + longestBackoffMs;
  }

  /** Attempts there may be by now: in the window further ones, each after a longer wait. */
  get #budget(): number {
    const { reconnectAttempts, reconnectWindowMs = 0, jitter } = this.settings;
    const planned = Math.max(1, reconnectAttempts) + this.#trials + this.#brief;
    if (reconnectWindowMs === 0 || reconnectAttempts <= 1 || this.transport.links.length === 0) return planned;
    // With a jitter of 1 a wait may be none at all, however rarely.
    return jitter === 1 ? Number.POSITIVE_INFINITY : planned + Math.sqrt(reconnectWindowMs / 50 / (1 - jitter)) + 1;
  }

  /** Ends all there is and holds the connection to having nothing left. */
  async end(): Promise<void> {
    this.close();
    await this.clock.run(60_000);
    this.check();
    expect(this.closed).toBe(true);
    expect(this.state).toBe('closed');
    expect([...this.calls, ...this.connects].filter(({ settledAt }) => settledAt === undefined)).toEqual([]);
    expect(this.transport.living + this.transport.retired).toBe(0);
    const [call, connect] = [this.call(), this.connect()];
    await this.clock.run(0);
    expect([call.code, connect.code]).toEqual(['CONNECTION_CLOSED', 'CONNECTION_CLOSED']);
    this.deadlines.close();
    this.system.stop();
    expect(this.clock.size).toBe(0);
  }

  /** What holds whenever nothing is about to happen at this very instant. */
  check(): void {
    const { state, attempt, waiting, inFlight, nextTimerInMs } = this.connection.status();
    expect(this.#failure).toBe(undefined);
    expect(this.logger.lines('error')).toEqual([]);
    expect(this.transport.mostLiving, 'links alive at one time').toBeLessThanOrEqual(1);
    const { living, retired } = this.transport;
    // A close waits for links that were put aside, too; and one may be retired before its server has answered a ping.
    const retiredEarly = state === 'connecting' && this.transport.link?.isRetired === true;
    if (state === 'closing' || retiredEarly) expect(living + retired, 'links there are').toBeGreaterThan(0);
    else expect(living, `links alive in ${state}`).toBe(owning.test(state) ? 1 : 0);
    expect(attempt, 'attempts counted').toBe(this.#attempts);
    expect(attempt, 'attempts').toBeLessThanOrEqual(this.#budget);
    expect(waiting, 'calls waiting').toBeLessThanOrEqual(Math.max(1, this.settings.maxWaiting));
    expect(nextTimerInMs !== undefined, `timer in ${state}`).toBe(timed.test(state));
    for (const backoff of this.backoffs) this.#checkBackoff(backoff);
    if (state === 'reconnecting.backingOff')
      this.#checkBackoff({ attempt, ms: this.clock.now() - this.#enteredAt + (nextTimerInMs ?? 0) });
    const pending = [...this.calls, ...this.connects].filter(({ settledAt }) => settledAt === undefined);
    expect(waiting + inFlight, 'calls not settled').toBe(pending.length);
    const due = ({ options, startedAt }: Tracked) =>
      options !== undefined && this.clock.now() - startedAt >= options.timeoutMs;
    const waits = pending.some(({ options }) => options !== undefined);
    expect(this.clock.holding > 0, 'the process is held open').toBe(waits);
    expect(pending.filter(due), 'calls past their deadline').toEqual([]);
    for (const call of this.calls) this.#checkCall(call);
  }

  /** Linear, give or take the jitter. */
  #checkBackoff({ attempt, ms }: Backoff): void {
    const { reconnectDelayMs, jitter } = this.settings;
    const extra = attempt - this.settings.reconnectAttempts + 1;
    const middle = Math.max(reconnectDelayMs * attempt, extra > 0 ? 100 * extra : 0);
    // The clock adds fractions of milliseconds up, and so rounds them.
    const rounding = 1e-6;
    expect(ms, `backoff after attempt ${attempt}`).toBeGreaterThanOrEqual(middle * (1 - jitter) - rounding);
    expect(ms, `backoff after attempt ${attempt}`).toBeLessThanOrEqual(middle * (1 + jitter) + rounding);
  }

  #checkCall(call: Tracked): void {
    const { message, options, answer, code, startedAt, settledAt, cancelledAt } = call;
    const attempts = this.transport.links.flatMap((link) =>
      link.requests.filter((request) => request.message === message).map(({ outcome }) => ({ link: link.id, outcome })),
    );
    const outcomes = attempts.map(({ outcome }) => outcome);
    const perhapsExecuted = outcomes.filter((outcome) => outcome !== 'notSent' && outcome !== 'sessionLost');
    expect(perhapsExecuted.length, `executions of ${message}`).toBeLessThanOrEqual(options?.replay === 'once' ? 2 : 1);
    expect(outcomes.slice(0, -1).filter((outcome) => !['notSent', 'sessionLost', 'cutOff'].includes(outcome))).toEqual(
      [],
    );
    if (settledAt === undefined) return;
    if (answer !== undefined) {
      expect(answer).toEqual({ message, link: attempts.at(-1)?.link });
      expect(outcomes.at(-1)).toBe('answered');
      return;
    }
    const mustHold: Record<string, boolean> = {
      CALL_REFUSED: outcomes.at(-1) === 'refused',
      CALL_TIMEOUT: settledAt - startedAt === options?.timeoutMs,
      CALL_CANCELLED: settledAt === cancelledAt,
      CALL_OUTCOME_UNKNOWN: outcomes.includes('cutOff'),
      SESSION_LOST:
        outcomes.filter((outcome) => outcome === 'sessionLost').length === 2 && !outcomes.includes('cutOff'),
      QUEUE_FULL: !outcomes.includes('cutOff'),
      CONNECTION_FAILED: !outcomes.includes('cutOff'),
      CONNECTION_CLOSED: !outcomes.includes('cutOff') && this.closing !== undefined,
    };
    expect(mustHold[code ?? ''], `${message} ended as ${code} after [${outcomes.join(', ')}]`).toBe(true);
  }

  #follow(actor: object): void {
    if (!(actor instanceof Actor) || actor.id !== 'connection:world' || this.#isFollowed) return;
    this.#isFollowed = true;
    (actor as AnyActor).subscribe({
      next: ({ value }: { value: unknown }) => this.#enter(dotted(value)),
      error: (error: unknown) => {
        this.#failure = error;
      },
    });
  }

  #enter(state: string): void {
    const before = this.states.at(-1);
    if (state === before) return;
    this.states.push(state);
    if (state === 'ready.stable' || state === 'ready.parkable') this.#trials = this.#brief = this.#attempts = 0;
    // A graceful end costs no attempt, unless it comes at once.
    if (state === 'connecting' && before?.startsWith('ready') === true) this.#trials = this.#brief = this.#attempts = 0;
    const retired = this.transport.link?.isRetired === true;
    if (retired && before?.startsWith('ready') === true && state === 'reconnecting.releasing') this.#brief++;
    if (before === 'suspect' && state === 'connecting') this.#brief++;
    // Nobody waited for it to be over.
    if (this.#isRetried) this.#trials++;
    else if (before === 'reconnecting.backingOff' && (state === 'connecting' || state === 'queued'))
      this.backoffs.push({ attempt: this.#attempts, ms: this.clock.now() - this.#enteredAt });
    if (state === 'queued') this.#queuedFrom = before;
    if (state === 'connecting') {
      if ((before === 'queued' ? this.#queuedFrom : before) === 'failed.rested') this.#trials++;
      this.#attempts++;
    }
    this.#enteredAt = this.clock.now();
  }

  #track(message: string, options: CallOptions | undefined, controller: AbortController, list: Tracked[]): Tracked {
    const tracked: Tracked = {
      message,
      options,
      controller,
      startedAt: this.clock.now(),
      cancelledAt: undefined,
      settledAt: undefined,
      answer: undefined,
      code: undefined,
    };
    list.push(tracked);
    return tracked;
  }

  #settle(tracked: Tracked, promise: Promise<Answer | void>): void {
    promise.then(
      (answer) => {
        tracked.settledAt = this.clock.now();
        tracked.answer = answer ?? undefined;
      },
      (error: unknown) => {
        tracked.settledAt = this.clock.now();
        tracked.code = isGatechartError(error) ? error.code : String(error);
      },
    );
  }
}

/** Milliseconds it goes on once it has begun; what hangs is ended by others. */
function durationOf(fault: Fault): number {
  if (!('behaviour' in fault)) return 0;
  const { behaviour } = fault;
  const afterMs = 'afterMs' in behaviour ? (behaviour.afterMs ?? 0) : 0;
  return afterMs + ('livesMs' in behaviour ? (behaviour.livesMs ?? 0) : 0);
}

function dotted(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value ?? {})
    .map(([state, inner]) => `${state}.${dotted(inner)}`)
    .join();
}
