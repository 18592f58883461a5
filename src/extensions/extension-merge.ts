import { isDeepStrictEqual } from 'node:util';
import { valueAt } from '../json/paths.js';
import { isEmpty } from '../json/records.js';
import type { ExtensionAccess, PartAccess } from './extension-access.js';
import { withPart } from './extension-parts.js';
import { markRead } from './extension-reader.js';
import type { ExtensionPart } from './extension-table.js';
import type { Extensions } from './extensions.js';
import { isWritable, writers } from './extension-writers.js';

/** What became of what a plugin wrote. */
export interface MergedExtensions {
  /** The very object there was before if nothing changed. */
  readonly extensions: Extensions | undefined;
  /** What was not taken and why, as ends of sentences. */
  readonly refused: readonly string[];
}

const none: Extensions = Object.freeze({});

/**
 * Puts what a plugin answered as extensions into those of the request, part by part: what it may not write stays, what it
 * left out stays, and so does what it was not shown. Both results of one plugin, merged twice, are alike.
 *
 * @param before those of the request; undefined if the host gave none
 * @param shown what the plugin was given: a view of `before`, or undefined for nothing
 * @param written what it answered, as `readExtensions` gives it
 */
export function mergeExtensions(
  before: Extensions | undefined,
  shown: Extensions | undefined,
  written: Extensions,
  { parts }: ExtensionAccess,
): MergedExtensions {
  if (written === shown) return { extensions: before, refused: [] };
  const start = before ?? none;
  let next = start;
  const refused: string[] = [];
  for (const access of parts) {
    const wanted = valueAt(written, access.path);
    const given = valueAt(shown, access.path);
    if (wanted === undefined || isDeepStrictEqual(wanted, given)) continue;
    const { part, path } = access;
    if (given === undefined && saysNothing(part, wanted)) continue;
    const refusal = refusalOf(access);
    if (refusal !== undefined || !isWritable(part)) {
      refused.push(refusal ?? `${part} is not for plugins to change`);
      continue;
    }
    const present = valueAt(before, path);
    const { value, problem } = writers[part](present, given, wanted);
    if (problem !== undefined) refused.push(`${part}: ${problem}`);
    if (!isDeepStrictEqual(value, present)) next = withPart(next, path, value);
  }
  return { extensions: next === start ? before : markRead(next), refused };
}

/** `cpex` writes out every field of a slot, empty where nothing was said. A key that somebody chose says something. */
function saysNothing(part: ExtensionPart, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return part === 'custom' ? isEmpty(value) : Object.values(value).every((inside) => saysNothing(part, inside));
}

function refusalOf({ part, mayWrite }: PartAccess): string | undefined {
  if (mayWrite === 'yes') return undefined;
  return mayWrite === 'never'
    ? `${part} is not for plugins to change`
    : `${part} needs the capability ${mayWrite.needs}`;
}
