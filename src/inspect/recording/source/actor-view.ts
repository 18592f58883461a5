import { possibleSteps } from '../../../actors/state-explanation.js';
import { isPlainObject } from '../../../json/records.js';
import type { ActorState, ErrorState, TimerState } from '../../live/feed/feed-states.js';
import { kindOf } from '../../live/watch/actors/actor-kinds.js';
import type { Recording } from '../read/recording.js';
import { shownMs } from '../replay/departure-texts.js';
import type { ActorAt, Timeline } from '../replay/timeline.js';
import { labelAt } from './event-view.js';

/** Fields of contexts that are shown as what they are, and not among the facts. */
const shownElsewhere: ReadonlySet<string> = new Set(['settings', 'attempt', 'waiting', 'dueAt', 'delayMs', 'steps']);

const longestFact = 200;

/** An actor as a row shows it, at the event of `at.place`. */
export function actorState(recording: Recording, timeline: Timeline, at: ActorAt, hasEnded: boolean): ActorState {
  const { actor, place, since, step } = at;
  const { to } = recording.events.stepAt(place);
  const t = recording.events.t[place] ?? 0;
  const context: unknown = step?.snapshot.context;
  const fields = isPlainObject(context) ? context : {};
  const settings = isPlainObject(fields['settings']) ? fields['settings'] : {};
  const { attempt, waiting } = fields;
  const most = settings['reconnectAttempts'];
  const maxWaiting = settings['maxWaiting'];
  const timer = hasEnded ? undefined : timerOf(at, fields, recording.header.clock);
  const error = errorOf(fields, since);
  return {
    id: actor.id,
    kind: kindOf(actor.machine),
    machine: actor.machine,
    name: nameOf(actor.id),
    at: to,
    since,
    began: actor.t,
    ...(hasEnded && { ended: t }),
    ...(timer !== undefined && { timer }),
    ...(typeof attempt === 'number' && typeof most === 'number' && { attempt: [attempt, most] as const }),
    ...(Array.isArray(waiting) && { waiting: waiting.length }),
    ...(typeof maxWaiting === 'number' && { maxWaiting }),
    ...(error !== undefined && { error }),
    last: { event: labelAt(recording, timeline, place), from: timeline.stateBefore(place), t },
    facts: factsOf(fields),
  };
}

/** A value of a context as text. */
export function valueText(value: unknown): string {
  if (value instanceof Error) return errorText(value);
  if (typeof value === 'function') return 'asked when it is needed';
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value, (_key, inner: unknown) => plain(inner));
  return text.length > longestFact ? `${text.slice(0, longestFact)}…` : text;
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  return typeof value === 'function' ? undefined : value;
}

function errorText(error: Error): string {
  const code = codeOf(error);
  return error.message === code ? code : `${code}: ${error.message}`;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function nameOf(id: string): string {
  return id.replace(/^[A-Za-z]+:/, '');
}

/** A context says when its timer is due; where it does not, its delay ran from when the state was entered. */
function timerOf({ step, since }: ActorAt, fields: object, clock: number): TimerState | undefined {
  const timed = step === undefined ? undefined : possibleSteps(step.snapshot).find(({ isTimed }) => isTimed);
  if (timed === undefined || step === undefined) return undefined;
  const armed = step.timers[timed.event.replace(/^after /, '')];
  const dueAt: unknown = 'dueAt' in fields ? fields.dueAt : undefined;
  const delayMs: unknown = 'delayMs' in fields ? fields.delayMs : undefined;
  const due = typeof dueAt === 'number' ? dueAt - clock : since + (armed ?? Number.NaN);
  const of = typeof delayMs === 'number' && delayMs > 0 ? delayMs : (armed ?? due - since);
  return Number.isFinite(due) ? { event: timed.event, due, of } : undefined;
}

function errorOf(fields: Readonly<Record<string, unknown>>, t: number): ErrorState | undefined {
  const { lastError, error = lastError, errorCode } = fields;
  if (error instanceof Error) return { code: codeOf(error), message: error.message, t };
  return typeof errorCode === 'string' ? { code: errorCode, message: errorCode, t } : undefined;
}

function factsOf(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(fields).filter(
    ([name, value]) => value !== undefined && typeof value !== 'function' && !shownElsewhere.has(name),
  );
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      name.endsWith('Ms') && typeof value === 'number' ? shownMs(value) : valueText(value),
    ]),
  );
}
