import { isDeepStrictEqual } from 'node:util';
import { mergeHeaders } from '../hooks/headers.js';
import { frozenCopy } from '../hooks/payload-copy.js';
import { setOwn } from '../json/records.js';
import type { DelegationExtension, DelegationHop } from './delegation-extension.js';
import type { ExtensionPart } from './extension-table.js';

/** What a part becomes, deeply frozen, and what of a write was not taken. */
interface Written {
  readonly value: unknown;
  readonly problem?: string | undefined;
}

/** How a write becomes a part: what is there, what the plugin was shown of it, and what it answered. */
type Writer = (present: unknown, shown: unknown, wanted: unknown) => Written;

type Fields = Readonly<Record<string, unknown>>;

/** The parts that some plugin may write. */
export const writers = {
  'http.headers': (present, shown, wanted) => {
    const left = namesMissingIn(wanted as Headers, shown as Headers | undefined);
    const kept = Object.entries((present as Headers | undefined) ?? {}).filter(
      ([name]) => !left.has(name.toLowerCase()),
    );
    return frozen(mergeHeaders(Object.fromEntries(kept), wanted as Headers));
  },
  'security.labels': (present, shown, wanted) => {
    const had = (present as Labels | undefined) ?? [];
    // Sets: another process may answer as many labels as its answer has room for.
    const known = new Set(had);
    const wants = new Set(wanted as Labels);
    const added = [...wants].filter((label) => !known.has(label));
    const left = ((shown as Labels | undefined) ?? []).filter((label) => !wants.has(label));
    const problem = left.length === 0 ? undefined : `labels only grow, and what it left out stays: ${left.join(', ')}`;
    return { ...frozen(added.length === 0 ? present : [...had, ...added]), problem };
  },
  delegation: (present, shown, wanted) =>
    grownDelegation(
      present as DelegationExtension | undefined,
      shown as DelegationExtension | undefined,
      wanted as DelegationExtension,
    ),
  custom: (present, shown, wanted) => {
    const next: Record<string, unknown> = {};
    for (const [key, value] of Object.entries((present as Fields | undefined) ?? {})) {
      const isLeftOut =
        Object.hasOwn((shown as Fields | undefined) ?? {}, key) && !Object.hasOwn(wanted as Fields, key);
      if (!isLeftOut) setOwn(next, key, value);
    }
    for (const [key, value] of Object.entries(wanted as Fields)) setOwn(next, key, value);
    return frozen(next);
  },
} satisfies Partial<Record<ExtensionPart, Writer>>;

type Headers = Readonly<Record<string, string>>;
type Labels = readonly string[];

export function isWritable(part: ExtensionPart): part is keyof typeof writers {
  return Object.hasOwn(writers, part);
}

/** Names that were shown and were not answered, in lower case. */
function namesMissingIn(answered: Headers, shown: Headers | undefined): ReadonlySet<string> {
  const names = new Set(Object.keys(answered).map((name) => name.toLowerCase()));
  const before = Object.keys(shown ?? {}).map((name) => name.toLowerCase());
  return new Set(before.filter((name) => !names.has(name)));
}

/** The hops at the end of what was shown are new. The rest of a delegation follows from its chain. */
function grownDelegation(
  present: DelegationExtension | undefined,
  shown: DelegationExtension | undefined,
  wanted: DelegationExtension,
): Written {
  const before = present?.chain ?? [];
  const known = shown?.chain ?? [];
  const answered = wanted.chain ?? known;
  if (!isDeepStrictEqual(answered.slice(0, known.length), known)) {
    return { value: present, problem: 'its chain only grows at the end, and the hops there are stay as they are' };
  }
  const added = answered.slice(known.length);
  const last = added.at(-1);
  const next = last === undefined ? (present ?? {}) : followed(present, [...before, ...added], added, wanted);
  const ignored = (Object.keys(wanted) as (keyof DelegationExtension)[]).filter(
    (field) => field !== 'chain' && wanted[field] !== shown?.[field] && wanted[field] !== next[field],
  );
  const problem = ignored.length === 0 ? undefined : `${ignored.join(', ')} is what follows from the chain`;
  return { ...frozen(last === undefined ? present : next), problem };
}

function followed(
  present: DelegationExtension | undefined,
  chain: readonly DelegationHop[],
  added: readonly DelegationHop[],
  { originSubjectId, ageSeconds }: DelegationExtension,
): DelegationExtension {
  const age = Math.max(present?.ageSeconds ?? 0, ageSeconds ?? 0);
  const isFirst = chain.length === added.length;
  return {
    ...present,
    chain,
    depth: (present?.depth ?? chain.length - added.length) + added.length,
    originSubjectId: present?.originSubjectId ?? (isFirst ? originSubjectId : undefined) ?? chain[0]?.subjectId,
    actorSubjectId: added.at(-1)?.subjectId,
    delegated: true,
    ageSeconds: age,
  };
}

function frozen(value: unknown): Written {
  return { value: frozenCopy(value).value };
}
