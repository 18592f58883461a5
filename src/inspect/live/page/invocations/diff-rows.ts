import type { DiffDetail, ShownValue, ValueChange } from '../../feed/feed-invocations.js';
import { counted } from '../parts/time-format.js';
import { type Span, wordChanges } from './word-changes.js';

export interface DiffLine {
  readonly sign: '-' | '+';
  readonly spans: readonly Span[];
  /** What the value is, not the value: it was redacted. */
  readonly redacted: boolean;
}

export interface DiffRow {
  readonly path: string;
  /** `string, changed`. */
  readonly about: string;
  readonly lines: readonly DiffLine[];
}

/** Strings up to this length are seen whole at a glance: nothing is marked in them. */
const shortString = 40;

/** The changes as they are read: a heading with the path, below it what was and what is. */
export function diffRows({ changes }: DiffDetail): readonly DiffRow[] {
  return changes.map((change) => ({
    path: change.path === '' ? 'the whole payload' : change.path,
    about: `${typeText(change)}, ${change.kind}`,
    lines: linesOf(change),
  }));
}

/** What the rows leave out, in one sentence; empty where that is nothing. */
export function diffRest({ more, unchanged }: DiffDetail): string {
  return [
    ...(more > 0 ? [`And ${more.toLocaleString('en')} more.`] : []),
    ...(unchanged > 0 ? [`${counted(unchanged, 'value')} unchanged.`] : []),
  ].join(' ');
}

/** A value that is not shown: its type, its size and its fingerprint. */
export function redactedText({ type, length, fp }: ShownValue): string {
  const unit = units[type];
  const size = length === undefined || unit === undefined ? [] : [counted(length, ...unit)];
  return [type, ...size, ...(fp === undefined ? [] : [`#${fp}`])].join(', ');
}

const units: Partial<Readonly<Record<ShownValue['type'], readonly [one: string, many: string]>>> = {
  array: ['entry', 'entries'],
  object: ['entry', 'entries'],
  binary: ['byte', 'bytes'],
  string: ['character', 'characters'],
};

function typeText({ was, now }: ValueChange): string {
  const types = [was?.type, now?.type].filter((type) => type !== undefined);
  return [...new Set(types)].join(' to ') || 'value';
}

function linesOf({ was, now }: ValueChange): DiffLine[] {
  const marked = was === undefined || now === undefined ? undefined : markedWords(was, now);
  return [
    ...(was === undefined ? [] : [lineOf('-', was, marked?.was)]),
    ...(now === undefined ? [] : [lineOf('+', now, marked?.now)]),
  ];
}

function markedWords(was: ShownValue, now: ShownValue): ReturnType<typeof wordChanges> | undefined {
  const areStrings = was.type === 'string' && now.type === 'string';
  if (!areStrings || was.text === undefined || now.text === undefined) return undefined;
  return Math.max(was.text.length, now.text.length) > shortString ? wordChanges(was.text, now.text) : undefined;
}

function lineOf(sign: '-' | '+', value: ShownValue, spans: readonly Span[] | undefined): DiffLine {
  if (value.text === undefined) {
    return { sign, spans: [{ text: redactedText(value), marked: false }], redacted: true };
  }
  const whole = [{ text: value.text === '' ? '(empty)' : value.text, marked: value.text !== '' }];
  return { sign, spans: spans ?? whole, redacted: false };
}
