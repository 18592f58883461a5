import type { DiffDetail, ValueChange } from '../../feed/feed-invocations.js';
import type { KnownKeys } from './known-keys.js';
import type { ValueView } from './value-view.js';

const mostChanges = 50;
/** Parts of two payloads that are compared; what is beyond them counts as one change more. */
const mostNodes = 20_000;

interface Comparison {
  readonly view: ValueView;
  readonly known: KnownKeys;
  /** What stands there is masked, also where payloads are shown. */
  readonly maskedAt: string | undefined;
  readonly changes: ValueChange[];
  more: number;
  unchanged: number;
  left: number;
}

/** What two payloads differ in, by path; both are frozen, so that what they share need not be looked into. */
export function payloadDiff(
  before: unknown,
  after: unknown,
  { view, known, maskedAt }: Pick<Comparison, 'view' | 'known' | 'maskedAt'>,
): DiffDetail {
  const comparison: Comparison = { view, known, maskedAt, changes: [], more: 0, unchanged: 0, left: mostNodes };
  compare(before, after, '', comparison, 0);
  const { changes, more, unchanged, left } = comparison;
  if (left > 0) return { changes, more, unchanged };
  return { changes, more: more + 1, unchanged, isCut: true };
}

function compare(was: unknown, now: unknown, path: string, comparison: Comparison, depth: number): void {
  if (comparison.left-- <= 0) return;
  if (Object.is(was, now)) {
    comparison.unchanged++;
    return;
  }
  if (depth < 64 && isRecordLike(was) && isRecordLike(now)) return compareRecords(was, now, path, comparison, depth);
  if (depth < 64 && Array.isArray(was) && Array.isArray(now)) return compareLists(was, now, path, comparison, depth);
  if (areSameBytes(was, now)) comparison.unchanged++;
  else note(comparison, path, 'changed', { was, now });
}

function compareRecords(was: object, now: object, path: string, comparison: Comparison, depth: number): void {
  for (const key of Object.keys(was)) {
    if (comparison.left <= 0) return;
    if (!Object.hasOwn(now, key)) comparison.left--;
    const at = joined(path, comparison.view.key(key, comparison.known));
    const before: unknown = Reflect.get(was, key);
    if (Object.hasOwn(now, key)) compare(before, Reflect.get(now, key), at, comparison, depth + 1);
    else note(comparison, at, 'removed', { was: before });
  }
  for (const key of Object.keys(now)) {
    if (comparison.left-- <= 0) return;
    if (Object.hasOwn(was, key)) continue;
    const at = joined(path, comparison.view.key(key, comparison.known));
    note(comparison, at, 'added', { now: Reflect.get(now, key) });
  }
}

function compareLists(
  was: readonly unknown[],
  now: readonly unknown[],
  path: string,
  comparison: Comparison,
  depth: number,
): void {
  for (let index = 0; index < Math.max(was.length, now.length) && comparison.left > 0; index++) {
    const at = `${path}[${index}]`;
    if (index >= was.length || index >= now.length) comparison.left--;
    if (index >= was.length) note(comparison, at, 'added', { now: now[index] });
    else if (index >= now.length) note(comparison, at, 'removed', { was: was[index] });
    else compare(was[index], now[index], at, comparison, depth + 1);
  }
}

function note(
  comparison: Comparison,
  path: string,
  kind: ValueChange['kind'],
  values: { readonly was?: unknown; readonly now?: unknown },
): void {
  const { changes, maskedAt, view } = comparison;
  if (changes.length >= mostChanges) {
    comparison.more++;
    return;
  }
  const isMasked = maskedAt !== undefined && (path === maskedAt || path.startsWith(`${maskedAt}.`));
  changes.push({
    path,
    kind,
    ...('was' in values && { was: view.show(values.was, isMasked) }),
    ...('now' in values && { now: view.show(values.now, isMasked) }),
  });
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function isRecordLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function areSameBytes(one: unknown, other: unknown): boolean {
  if (!ArrayBuffer.isView(one) || !ArrayBuffer.isView(other)) return false;
  const bytes = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return bytes(one).equals(bytes(other));
}
