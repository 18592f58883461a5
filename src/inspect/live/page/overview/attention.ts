import type { ActorState, PluginState, TimerState } from '../../feed/feed-states.js';
import { type Meaning, meaningOf } from '../parts/meaning.js';
import { counted } from '../parts/time-format.js';
import { grouped } from '../store/grouped.js';
import type { Model } from '../store/model.js';

/** Something that somebody should know of: one connection, plugin or login, or several connections with one cause. */
export interface AttentionItem {
  readonly key: string;
  readonly kind: 'connection' | 'plugin' | 'login';
  /** Ids of actors, or names of plugins. */
  readonly ids: readonly string[];
  readonly name: string;
  readonly at: string;
  readonly meaning: Meaning;
  /** As it was told; undefined: nothing was. */
  readonly cause: string | undefined;
  readonly code: string | undefined;
  readonly consequence: string;
  readonly timer: TimerState | undefined;
  /** What comes when the timer ends, up to `in 6.2 s`; without a timer, all that is to say. */
  readonly when: string;
  /** What a person runs. */
  readonly command: string | undefined;
  /** When it began, in milliseconds since the epoch. */
  readonly since: number;
  /** The worst first. */
  readonly rank: number;
}

/** From so many connections on, one cause is one row. */
const leastToJoin = 3;

/** Several parts of the page ask the same of each model. */
const found = new WeakMap<
  Model['actors'],
  { readonly plugins: Model['plugins']; readonly items: readonly AttentionItem[] }
>();

/** What needs attention, the worst first, and of equal ones the oldest. */
export function attentionOf({ actors, plugins }: Pick<Model, 'actors' | 'plugins'>): readonly AttentionItem[] {
  const before = found.get(actors);
  if (before?.plugins === plugins) return before.items;
  const items = itemsOf(actors, plugins);
  found.set(actors, { plugins, items });
  return items;
}

function itemsOf(actors: Model['actors'], plugins: Model['plugins']): readonly AttentionItem[] {
  const items = [...actors.values()].flatMap((actor) => itemOfActor(actor) ?? []);
  return [...joined(items), ...plugins.flatMap((plugin) => itemOfPlugin(plugin) ?? [])].sort(
    (a, b) => a.rank - b.rank || a.since - b.since || (a.key < b.key ? -1 : 1),
  );
}

function itemOfActor(actor: ActorState): AttentionItem | undefined {
  const meaning = meaningOf(actor.at);
  if (actor.kind === 'login') return loginItem(actor);
  if (actor.kind !== 'connection' || (meaning !== 'failed' && meaning !== 'reconnecting')) return undefined;
  const waiting = actor.waiting ?? 0;
  const [head, nested] = actor.at.split('.');
  return {
    ...common(actor),
    kind: 'connection',
    meaning,
    consequence: consequenceOf(actor, meaning),
    when:
      meaning === 'reconnecting'
        ? head === 'suspect'
          ? 'it is given up'
          : 'next try'
        : actor.timer !== undefined
          ? 'a call may try it'
          : nested === 'rested'
            ? 'the next call tries it'
            : 'no timer runs',
    command: undefined,
    rank: meaning === 'failed' ? 0 : waiting > 0 ? 1 : 3,
  };
}

function common({ id, name, at, error, timer, since }: ActorState) {
  return { key: id, ids: [id], name, at, cause: error?.message, code: error?.code, timer, since };
}

function consequenceOf({ attempt, waiting = 0, inFlight = 0 }: ActorState, meaning: Meaning): string {
  const tried =
    attempt === undefined
      ? []
      : attempt[0] >= attempt[1] && meaning === 'failed'
        ? [`${attempt[0]} of ${attempt[1]} attempts used up`]
        : [`attempt ${attempt[0]} of ${attempt[1]}${meaning === 'reconnecting' ? ' failed' : ''}`];
  const calls = [
    ...(waiting > 0 ? [`${counted(waiting, 'call')} ${waiting === 1 ? 'waits' : 'wait'}`] : []),
    ...(inFlight > 0 ? [`${inFlight} in flight`] : []),
    ...(meaning === 'failed' ? ['calls are refused'] : []),
  ];
  return [...tried, ...calls].join(' · ') || 'no call waits';
}

function loginItem(actor: ActorState): AttentionItem | undefined {
  const waits = actor.at.startsWith('loggingIn.waitingForPerson');
  const needed = actor.at === 'needed' || actor.at.startsWith('refused');
  if (!waits && !needed) return undefined;
  return {
    ...common(actor),
    kind: 'login',
    meaning: waits ? 'connecting' : 'failed',
    consequence: waits ? 'calls are told so, and where to go' : 'its calls are refused until somebody logs in',
    timer: undefined,
    when: 'a person is waited for',
    command: actor.facts?.['command'],
    rank: 4,
  };
}

function itemOfPlugin(plugin: PluginState): AttentionItem | undefined {
  const { name, at, since = 0, timer, error } = plugin;
  const isOff = at.startsWith('running.disabled');
  if (!isOff && !at.startsWith('failed') && !at.startsWith('loading.abandoned')) return undefined;
  return {
    key: `plugin:${name}`,
    kind: 'plugin',
    ids: [name],
    name,
    at,
    meaning: 'failed',
    cause: error?.message,
    code: error?.code,
    consequence: isOff ? 'its hooks run without it' : 'it did not start',
    timer,
    when:
      timer !== undefined
        ? 'one trial'
        : at.endsWith('rested')
          ? 'the next call is a trial'
          : 'off until somebody enables it',
    command: undefined,
    since,
    rank: isOff ? 2 : 1,
  };
}

/** Connections that are in one state for one cause become one row. */
function joined(items: readonly AttentionItem[]): AttentionItem[] {
  const groups = grouped(items, ({ kind, meaning, code, cause, key }) =>
    kind === 'connection' && cause !== undefined ? `${meaning} ${code} ${cause}` : key,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length < leastToJoin) return group;
    const names = group.map(({ name }) => name).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const soonest = group.reduce((a, b) => ((b.timer?.due ?? Infinity) < (a.timer?.due ?? Infinity) ? b : a));
    return [
      {
        ...first,
        key: `${first.meaning} ${first.code} ${first.cause}`,
        ids: group.flatMap(({ ids }) => ids),
        name: counted(group.length, 'connection'),
        consequence: `${names[0]} to ${names.at(-1)}, for one cause`,
        timer: soonest.timer,
        when: `first ${soonest.when.replace('next try', 'try')}`,
        since: Math.min(...group.map(({ since }) => since)),
        rank: Math.min(...group.map(({ rank }) => rank)),
      },
    ];
  });
}
