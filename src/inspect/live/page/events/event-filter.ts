import type { FeedEvent } from '../../feed/feed-states.js';
import { durationOf, pluginOf, rowKeys, rowQuestion, splitFilter } from '../../feed/row-filter.js';

/** An event, and what is known of what was before it. */
export interface ListedEvent {
  readonly event: FeedEvent;
  /** How long its actor had been in the state that it was in, in milliseconds; undefined: longer than is held. */
  readonly lasted: number | undefined;
}

/** One token of a filter as it was written, and what it asks. */
export interface FilterToken {
  readonly text: string;
  /** @param now of the time that is shown */
  readonly isWanted: (listed: ListedEvent, now: number) => boolean;
  /** Whether what it wants changes with time alone. */
  readonly isTimed?: boolean;
}

/** What a filter asks, or the first token that nobody understands, and why. */
export type EventFilter =
  | { readonly tokens: readonly FilterToken[] }
  | { readonly tokens: undefined; readonly token: string; readonly problem: string };

/** Tokens, as they are explained to who writes one. */
export const filterKeys = [
  'actor:',
  'event:',
  'state:',
  'kind:',
  'guard:',
  'did:',
  ...rowKeys,
  'odd',
  'moved',
  'duration>',
] as const;

/**
 * Reads a filter: `actor:github -event:call.arrived state:failed odd duration>200ms "no route"`. All tokens have to hold; a
 * `-` turns one around.
 */
export function parseFilter(text: string): EventFilter {
  const tokens: FilterToken[] = [];
  for (const token of splitFilter(text)) {
    const isExcluded = token.length > 1 && token.startsWith('-');
    const asked = questionOf((isExcluded ? token.slice(1) : token).replaceAll('"', ''));
    if (typeof asked === 'string') return { tokens: undefined, token, problem: asked };
    tokens.push({
      text: token,
      isWanted: isExcluded ? (listed, now) => !asked(listed, now) : asked,
      isTimed: /^-?since:/.test(token),
    });
  }
  return { tokens };
}

export function matchesFilter(tokens: readonly FilterToken[], listed: ListedEvent, now = 0): boolean {
  return tokens.every(({ isWanted }) => isWanted(listed, now));
}

/** What a token asks of an event, or why it asks nothing. */
function questionOf(token: string): FilterToken['isWanted'] | string {
  if (token === 'odd') return ({ event }) => event.odd === true;
  if (token === 'moved') return ({ event }) => event.from !== event.to;
  const longer = /^duration([<>])(.*)$/.exec(token);
  if (longer !== null) return durationQuestion(longer[1] === '>', longer[2] ?? '');
  const common = rowQuestion(token);
  if (typeof common === 'string') return common;
  if (common !== undefined) return ({ event: { a, t } }, now) => common({ t, plugin: pluginOf(a) }, now);
  const [, key, value = ''] = /^([a-z]+):(.*)$/s.exec(token) ?? [];
  if (key === undefined) return wordQuestion(token.toLowerCase());
  if (value === '') return `“${key}:” wants something after it.`;
  const wanted = value.toLowerCase();
  switch (key) {
    case 'actor':
      return ({ event: { a } }) =>
        a === value ||
        a
          .slice(a.indexOf(':') + 1)
          .toLowerCase()
          .includes(wanted);
    case 'event':
      return ({ event: { e } }) => e.toLowerCase().includes(wanted);
    case 'state':
      return ({ event: { to } }) => isInState(to, value);
    case 'kind':
      return ({ event: { a } }) => a.slice(0, Math.max(0, a.indexOf(':'))).toLowerCase() === wanted;
    case 'guard':
      return ({ event: { guard = {} } }) => Object.keys(guard).some((name) => name.toLowerCase().includes(wanted));
    case 'did':
      return ({ event: { did = [] } }) => did.some((name) => name.toLowerCase().includes(wanted));
    default:
      return `“${key}:” is not a filter. There are ${filterKeys.join(' ')} and words.`;
  }
}

function durationQuestion(isLonger: boolean, text: string): FilterToken['isWanted'] | string {
  const limit = durationOf(text);
  if (typeof limit === 'string') return limit;
  return ({ lasted }) => lasted !== undefined && (isLonger ? lasted > limit : lasted < limit);
}

/** `failed` is all that lies in it. */
function isInState(state: string, wanted: string): boolean {
  return state.split(',').some((one) => one.trim() === wanted || one.trim().startsWith(`${wanted}.`));
}

function wordQuestion(word: string): FilterToken['isWanted'] {
  return ({ event: { a, e, from, to, guard = {}, did = [], data = {} } }) =>
    [a, e, from, to, ...Object.keys(guard), ...did, ...Object.values(data)].some((text) =>
      String(text).toLowerCase().includes(word),
    );
}
