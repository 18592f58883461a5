import { expectedBy } from '../hooks/expected-value.js';
import { describeValue } from '../json/described-value.js';
import { valueAt } from '../json/paths.js';
import type { z } from 'zod';

/** What was wrong with something from the other side: where, what was found (its kind, never its value), what was expected. */
export interface WireIssue {
  /** In the other side's names: `result.violation.code`. Empty for the whole. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly issue: WireIssue };

export function describeIssue(issue: WireIssue): string {
  return `${issue.path === '' ? '' : `${issue.path}: `}found ${issue.found}, expected ${issue.expected}`;
}

/** The first thing zod objects to. `nameOf` gives the name on the wire of a top-level key of what was checked. */
export function issueOf(
  error: z.ZodError,
  checked: unknown,
  root: string,
  nameOf: (key: string) => string = (key) => key,
): WireIssue {
  const first = error.issues[0];
  if (first === undefined) return { path: root, found: describeValue(checked), expected: 'something else' };
  const names = first.path.map((part, depth) =>
    depth === 0 && typeof part === 'string' ? nameOf(part) : String(part),
  );
  return {
    path: [root, ...names].filter((part) => part !== '').join('.'),
    found: describeValue(valueAt(checked, first.path)),
    expected: expectedBy(first),
  };
}
