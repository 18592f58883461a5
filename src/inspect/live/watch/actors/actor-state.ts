import type { AnyStateNode } from 'xstate';
import type { ConnectionStatus } from '../../../../connection/connection-api.js';
import type { ActorState, TimerState } from '../../feed/feed-states.js';
import { rounded } from '../model/latencies.js';
import { connectionError, withoutUrlSecrets } from '../redaction/shown-errors.js';
import { shownName, shownText } from '../redaction/shown-text.js';
import type { ActorContext, ActorRecord } from './actor-record.js';
import type { ConnectionCalls } from './connection-calls.js';

export interface StateDependencies {
  readonly now: () => number;
  /** Times of clocks, in milliseconds since the epoch. */
  readonly timeOf: (onClock: number) => number;
  readonly calls: ConnectionCalls;
  /** Where a connection is, by the id of its actor. */
  readonly connectionOf: (actor: string) => ConnectionStatus | undefined;
  /** Takes out of a text what the entry of this name gives to know. */
  readonly withoutSecrets: (name: string, text: string) => string;
}

/** An actor as a row shows it. */
export function actorState(record: ActorRecord, dependencies: StateDependencies): ActorState {
  const { id, kind, name, words, at, since, began, ended, last } = record;
  const { context } = record;
  const timer = ended === undefined ? timerOf(record, context, dependencies) : undefined;
  const error = errorOf(record, dependencies);
  return {
    id,
    kind,
    machine: words.id,
    name,
    at,
    since: rounded(since),
    began: rounded(began),
    ...(ended !== undefined && { ended: rounded(ended) }),
    ...(timer !== undefined && { timer }),
    ...attemptsOf(context),
    ...(kind === 'connection' && connectionFields(record, dependencies)),
    ...(error !== undefined && { error }),
    ...(last !== undefined && {
      last: { event: words.event(last.type, last.from), from: last.from, t: rounded(last.t) },
    }),
    ...factsOf(context, name, dependencies),
  };
}

function connectionFields(record: ActorRecord, { calls, connectionOf, now }: StateDependencies): Partial<ActorState> {
  const status = connectionOf(record.actor.id);
  const { perSecond, p50, p99 } = calls.figures(callsName(record), now()) ?? {};
  return {
    ...(status !== undefined && {
      inFlight: status.inFlight,
      target: withoutUrlSecrets(shownText(status.target, 512)),
    }),
    ...(perSecond !== undefined && { perSecond }),
    ...(p50 !== undefined && { p50 }),
    ...(p99 !== undefined && { p99 }),
  };
}

/** What the calls of a connection are called. */
export function callsName({ actor }: ActorRecord): string {
  return actor.id.slice(actor.id.indexOf(':') + 1);
}

function attemptsOf({ attempt, settings, waiting }: ActorContext): Partial<ActorState> {
  const { reconnectAttempts, maxWaiting } = fieldsOf(settings);
  return {
    ...(typeof attempt === 'number' &&
      typeof reconnectAttempts === 'number' && { attempt: [attempt, reconnectAttempts] }),
    ...(Array.isArray(waiting) && { waiting: waiting.length }),
    ...(typeof maxWaiting === 'number' && { maxWaiting }),
  };
}

/** The timer of the innermost state that has one. */
function timerOf(record: ActorRecord, context: ActorContext, { timeOf }: StateDependencies): TimerState | undefined {
  const { words, at, since } = record;
  const node = words.activeNodes(at).find(({ after }) => after.length > 0);
  const [delayed] = node?.after ?? [];
  if (node === undefined || delayed === undefined) return undefined;
  const { dueAt, delayMs } = context;
  const event = words.event(delayed.eventType, at);
  if (typeof dueAt === 'number') {
    if (!Number.isFinite(dueAt)) return undefined;
    const due = rounded(timeOf(dueAt));
    return { event, due, of: rounded(typeof delayMs === 'number' ? delayMs : Math.max(0, due - since)) };
  }
  const delay = delayOf(node, delayed.delay, context);
  return delay === undefined ? undefined : { event, due: rounded(since + delay), of: rounded(delay) };
}

function delayOf(node: AnyStateNode, delay: unknown, context: ActorContext): number | undefined {
  if (typeof delay === 'number') return delay;
  const declared: unknown = typeof delay === 'string' ? node.machine.implementations.delays[delay] : undefined;
  if (typeof declared === 'number') return declared;
  if (typeof declared !== 'function') return undefined;
  try {
    const ms: unknown = Reflect.apply(declared, undefined, [{ context, event: { type: '' } }]);
    return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
  } catch {
    // A delay that looks into its event is not known afterwards.
    return undefined;
  }
}

function errorOf({ error, errorAt, name }: ActorRecord, { withoutSecrets }: StateDependencies): ActorState['error'] {
  if (error === undefined || error === null) return undefined;
  return connectionError(error, rounded(errorAt), (text) => withoutSecrets(name, text));
}

/** Characters of a fact that are looked at: a subject may be as long as a message. */
const longestFact = 1_024;

/** Numbers, flags and names of ours that machines remember; what they hold of others is left out. */
const shownFacts: Readonly<Record<string, string>> = {
  rests: 'rests',
  leg: 'leg',
  server: 'server',
  method: 'method',
  subject: 'subject',
  sessionsLost: 'sessions lost',
  distrusted: 'distrusted',
  stepUps: 'step-ups',
  address: 'address',
};

function factsOf(context: ActorContext, name: string, { withoutSecrets }: StateDependencies): Partial<ActorState> {
  const facts: Record<string, string> = {};
  for (const [field, label] of Object.entries(shownFacts)) {
    const value = context[field];
    if (value === undefined || value === '' || value === 0 || value === false) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    const text = shownText(withoutSecrets(name, shownText(String(value), longestFact)), longestFact);
    facts[label] = shownName(withoutUrlSecrets(text));
  }
  return Object.keys(facts).length > 0 ? { facts } : {};
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
