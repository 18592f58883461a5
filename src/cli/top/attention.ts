import type { ActorState, PluginState } from '../../inspect/live/feed/feed-states.js';
import { conditionOf } from './condition.js';
import type { FeedPicture } from './feed-picture.js';
import type { Glyph, Tone } from './look.js';

/** Something that a person may have to do something about. */
export interface Attention {
  readonly glyph: Glyph;
  readonly tone: Tone;
  readonly who: string;
  /** What is the matter and what comes of it. */
  readonly what: string;
  /** The cause, as it was told. */
  readonly cause: string;
  /** When it changes by itself; undefined: never. */
  readonly due: number | undefined;
  readonly rank: number;
}

/** What needs attention, the worst first. */
export function attentionOf({ actors, plugins }: FeedPicture): Attention[] {
  const found = [
    ...[...actors.values()].map((actor) => (actor.ended === undefined ? ofActor(actor) : undefined)),
    ...plugins.map(ofPlugin),
  ].filter((one) => one !== undefined);
  return found.sort((one, other) => one.rank - other.rank || (one.who < other.who ? -1 : 1));
}

function ofActor(actor: ActorState): Attention | undefined {
  const { kind, at, name, error, timer, facts } = actor;
  const common = { who: name, cause: error?.message ?? '', due: timer?.due };
  if (kind === 'login') {
    if (!/waiting|failed/i.test(at)) return undefined;
    const cause = facts?.['command'] ?? common.cause;
    return { ...common, cause, glyph: 'login', tone: 'connecting', what: 'login waits for a person', rank: 4 };
  }
  if (kind !== 'connection' && kind !== 'server') return undefined;
  const condition = conditionOf(actor);
  if (condition === 'failed') {
    return { ...common, glyph: 'failed', tone: 'failed', what: attemptsUsed(actor), rank: 1 };
  }
  if (condition !== 'reconnecting') return undefined;
  // Calls that wait are people who wait.
  const rank = (actor.waiting ?? 0) > 0 ? 0 : 2;
  return { ...common, glyph: 'reconnecting', tone: 'reconnecting', what: attemptsSoFar(actor), rank };
}

function ofPlugin(plugin: PluginState): Attention | undefined {
  const { at, mode, name, error, timer } = plugin;
  const isOff = /(?:^|\.)(?:disabled|failed|off)(?:\.|$)/.test(at);
  // One that is off because the configuration says so is where it should be.
  if (!isOff || mode === 'disabled') return undefined;
  const what = /(?:^|\.)failed/.test(at) ? 'plugin failed' : 'plugin is off';
  return {
    glyph: 'plugin',
    tone: 'reconnecting',
    who: name,
    what,
    cause: error?.message ?? '',
    due: timer?.due,
    rank: 3,
  };
}

function attemptsUsed({ attempt, waiting = 0 }: ActorState): string {
  const used = attempt === undefined ? 'attempts used up' : `${attempt[0]} of ${attempt[1]} used up`;
  return waiting > 0 ? `${used}, ${waitingCalls(waiting)}` : used;
}

function attemptsSoFar({ attempt, waiting = 0 }: ActorState): string {
  const tried = attempt === undefined ? 'link lost' : `try ${attempt[0]} of ${attempt[1]} failed`;
  return waiting > 0 ? `${tried}, ${waitingCalls(waiting)}` : tried;
}

function waitingCalls(count: number): string {
  return count === 1 ? '1 call waits' : `${count} calls wait`;
}
