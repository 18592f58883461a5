import type { ShownValue, ViolationDetail } from '../../feed/feed-invocations.js';
import type { KnownKeys } from '../redaction/known-keys.js';
import { withoutQuotes } from '../redaction/quoted-payload.js';
import { shownName, shownText } from '../redaction/shown-text.js';
import type { ValueView } from '../redaction/value-view.js';
import type { KeptInvocation } from './kept-invocation.js';

const mostDetails = 50;

/** Where plugins say what their violation points at. */
const pointers = ['path', 'at', 'field', 'location'] as const;

/** Why it was blocked, or what a plugin said that may not block. */
export function violationDetail(kept: KeptInvocation, view: ValueView, known: KnownKeys): ViolationDetail | undefined {
  const { end } = kept.trace;
  const violation = end?.violation;
  if (violation === undefined) return undefined;
  const { code, reason, description, details } = violation;
  const words = (text: string): string => shownText(view.isShown ? text : withoutQuotes(text, kept.payloads));
  const at = pointedAt(kept, view, known);
  return {
    code: shownName(view.isShown ? code : withoutQuotes(code, kept.payloads)),
    reason: words(reason),
    ...(description !== '' && { description: words(description) }),
    ...(at !== undefined && { at }),
    ...(details !== undefined && { details: shownDetails(details, view) }),
    counts: end?.kind === 'blocked',
  };
}

/** Path into the payload that the violation points at, as diffs write it. */
export function pointedAt({ trace }: KeptInvocation, view: ValueView, known: KnownKeys): string | undefined {
  const { details } = trace.end?.violation ?? {};
  const pointer = pointers.map((name) => details?.[name]).find((value) => typeof value === 'string');
  if (typeof pointer !== 'string' || pointer.length > 512) return undefined;
  const keys = pointer.replace(/\[(\d+)\]/g, '.$1').split('.');
  let at = '';
  let value: unknown = trace.payload;
  for (const key of keys) {
    // What does not lead into the payload is no path, and may be anything.
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
    if (/^\d+$/.test(key)) at += `[${key}]`;
    else at += `${at === '' ? '' : '.'}${view.key(key, known)}`;
  }
  return at;
}

function shownDetails(details: Readonly<Record<string, unknown>>, view: ValueView): Record<string, ShownValue> {
  const entries = Object.entries(details).slice(0, mostDetails);
  // Names of details are the plugin's own, and may quote as well.
  return Object.fromEntries(
    entries.map(([name, value]) => [view.key(name, new Set(pointers)), view.show(value, true)]),
  );
}
