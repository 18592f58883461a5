import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { canonicalJson } from '../../../src/json/canonical-json.js';
import type { Implementation } from '../python-environment.js';
import type { Chain, ChainOutcome } from './chain.js';
import type { Pair } from './chain-adjustments.js';
import { type ChainDifference, chainDifferences } from './chain-differences.js';
import { runHere } from './gatechart-chains.js';
import { asItIs, type Emulation, type PythonChains } from './python-chains.js';

/** The differences that one of the two has. */
export function differencesFrom(implementation: Implementation): readonly ChainDifference[] {
  return chainDifferences.filter(({ only }) => only === undefined || only === implementation);
}

/** What came of one chain on both sides, with some differences taken out. */
export interface Comparison {
  readonly equal: boolean;
  readonly pairs: readonly Pair[];
  /** Those that had something to take out or to translate. */
  readonly met: readonly ChainDifference[];
}

/** Runs a chain on both sides. */
export async function compare(
  chain: Chain,
  python: PythonChains,
  differences: readonly ChainDifference[],
): Promise<Comparison> {
  const met = new Set<ChainDifference>();
  const translated = differences.reduce((given, difference) => {
    const next = difference.translate?.(given) ?? given;
    if (!isDeepStrictEqual(next, given)) met.add(difference);
    return next;
  }, chain);
  const emulation: { -readonly [key in keyof Emulation]: boolean } = { ...asItIs };
  for (const difference of differences) {
    if (difference.emulate === undefined) continue;
    met.add(difference);
    emulation[difference.emulate] = true;
  }
  const [ours, theirs] = await Promise.all([runHere(chain), python.run(translated, emulation)]);
  const empty: ChainOutcome = { seen: [], order: [], background: [] };
  const pairs = chain.calls.slice(0, Math.max(ours.length, theirs.length)).map((call, index) => {
    let pair: Pair = { ours: sorted(ours[index] ?? empty), theirs: sorted(theirs[index] ?? empty) };
    for (const difference of differences) {
      const next = difference.remove?.(pair, call, chain) ?? pair;
      if (!isDeepStrictEqual(next, pair)) met.add(difference);
      pair = next;
    }
    return pair;
  });
  return { equal: pairs.every((pair) => isDeepStrictEqual(pair.ours, pair.theirs)), pairs, met: [...met] };
}

/** The table of notes has no order that matters, nor have the keys of a note. */
function sorted(outcome: ChainOutcome): ChainOutcome {
  const { notes } = outcome;
  if (!Array.isArray(notes)) return outcome;
  return { ...outcome, notes: notes.toSorted((a, b) => order(canonicalJson(a), canonicalJson(b))) };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A chain and what came of it where that differs, to be read. */
export function report(chain: Chain, { pairs }: Comparison): string {
  const calls = pairs.flatMap(({ ours, theirs }, index) => {
    const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
    const unlike = names.filter((name) => !isDeepStrictEqual(ours[name], theirs[name]));
    if (unlike.length === 0) return [];
    return unlike.map((name) => ({ call: index, in: name, ours: ours[name] ?? null, theirs: theirs[name] ?? null }));
  });
  return stringify({ chain, differs: calls }, { lineWidth: 120, aliasDuplicateObjects: false });
}
