import { type ExtensionPart, extensionTable, type PartRule } from './extension-table.js';

/** One part with its rule, and what some plugin may do to it. */
export interface PartAccess {
  readonly part: ExtensionPart;
  readonly path: readonly string[];
  readonly mayRead: boolean;
  /** What a write fails on: nothing, the part itself, or a capability that the plugin has not. */
  readonly mayWrite: 'yes' | 'never' | { readonly needs: string };
}

/** What a plugin may do to each part of the extensions. Plugins with the same capabilities share one. */
export interface ExtensionAccess {
  readonly parts: readonly PartAccess[];
  readonly hidden: readonly PartAccess[];
}

const rows = Object.entries(extensionTable) as [ExtensionPart, PartRule][];
const byList = new WeakMap<readonly string[], ExtensionAccess>();
const bySet = new Map<string, ExtensionAccess>();

/** The access that capabilities give, twice the same for the same ones. Words that open nothing are passed over. */
export function accessOf(capabilities: readonly string[]): ExtensionAccess {
  const known = byList.get(capabilities);
  if (known !== undefined) return known;
  const access = accessOfSet(withImplied(capabilities));
  byList.set(capabilities, access);
  return access;
}

function withImplied(capabilities: readonly string[]): ReadonlySet<string> {
  const has = new Set<string>();
  for (const [, { read, implies, write }] of rows) {
    const needed = neededTo(write);
    const mayWrite = needed !== undefined && capabilities.includes(needed);
    if (mayWrite) has.add(needed);
    if (read === 'free' || !(mayWrite || capabilities.includes(read))) continue;
    has.add(read);
    if (implies !== undefined) has.add(implies);
  }
  return has;
}

function accessOfSet(has: ReadonlySet<string>): ExtensionAccess {
  const key = [...has].toSorted().join(' ');
  const known = bySet.get(key);
  if (known !== undefined) return known;
  const parts = rows.map(([part, { read, write }]): PartAccess => {
    const needed = neededTo(write);
    const mayWrite =
      write === 'immutable' ? 'never' : needed === undefined || has.has(needed) ? 'yes' : { needs: needed };
    return { part, path: part.split('.'), mayRead: read === 'free' || has.has(read), mayWrite };
  });
  const access = { parts, hidden: parts.filter(({ mayRead }) => !mayRead) };
  bySet.set(key, access);
  return access;
}

function neededTo(write: PartRule['write']): string | undefined {
  if (typeof write === 'string') return undefined;
  return 'guarded' in write ? write.guarded : write.grows;
}
