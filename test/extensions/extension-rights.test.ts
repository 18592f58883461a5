import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Capability, capabilityNames } from '../../src/config/sections/capabilities.js';
import { accessOf } from '../../src/extensions/extension-access.js';
import { mergeExtensions } from '../../src/extensions/extension-merge.js';
import { readExtensions } from '../../src/extensions/extension-reader.js';
import { viewOf } from '../../src/extensions/extension-view.js';
import type { Extensions } from '../../src/extensions/extensions.js';
import { valueAt } from '../../src/json/paths.js';
import { isRecord } from '../../src/json/records.js';
import { anyCapabilities, anyExtensions } from '../models/extension-scenario.js';

/** What needs a capability to be seen in `cpex` 0.1.4, with all that give it; written by hand. */
const gates: readonly (readonly [path: readonly string[], readers: readonly Capability[]])[] = [
  [['agent'], ['read_agent']],
  [
    ['http', 'headers'],
    ['read_headers', 'write_headers'],
  ],
  [
    ['security', 'labels'],
    ['read_labels', 'append_labels'],
  ],
  [
    ['security', 'subject'],
    ['read_subject', 'read_roles', 'read_teams', 'read_claims', 'read_permissions'],
  ],
  [['security', 'subject', 'roles'], ['read_roles']],
  [['security', 'subject', 'teams'], ['read_teams']],
  [['security', 'subject', 'claims'], ['read_claims']],
  [['security', 'subject', 'permissions'], ['read_permissions']],
  [['delegation'], ['read_delegation', 'append_delegation']],
];

/** What may be written, and what is needed for it. */
const writable: readonly (readonly [path: readonly string[], writer: Capability | undefined])[] = [
  [['http', 'headers'], 'write_headers'],
  [['security', 'labels'], 'append_labels'],
  [['delegation'], 'append_delegation'],
  [['custom'], undefined],
];

type Data = Record<string, unknown>;

/** A copy with another value at a path, or none; as it is where there is nothing for the value to be in. */
function withValue(data: Extensions, path: readonly string[], value: unknown): Data {
  const copy = structuredClone(data) as Data;
  const parent = path.slice(0, -1).reduce<unknown>((inner, key) => valueAt(inner, [key]), copy) as Data | undefined;
  const key = path.at(-1) ?? '';
  if (parent !== undefined) parent[key] = value;
  if (parent !== undefined && value === undefined) delete parent[key];
  return copy;
}

/** Without objects on the way to parts that hold nothing. */
function withoutEmpty(data: Extensions): Data {
  let copy = data;
  for (const path of [['security', 'subject'], ['security'], ['http']]) {
    const value = valueAt(copy, path);
    if (isRecord(value) && Object.keys(value).length === 0) copy = withValue(copy, path, undefined);
  }
  return { ...copy };
}

function shownByHand(extensions: Extensions, capabilities: readonly Capability[]): Data {
  const hidden = gates.filter(([, readers]) => !readers.some((one) => capabilities.includes(one)));
  return withoutEmpty(hidden.reduce<Extensions>((left, [path]) => withValue(left, path, undefined), extensions));
}

function unwritable(extensions: Extensions | undefined, capabilities: readonly Capability[]): Data {
  const open = writable.filter(([, writer]) => writer === undefined || capabilities.includes(writer));
  return withoutEmpty(open.reduce<Extensions>((left, [path]) => withValue(left, path, undefined), extensions ?? {}));
}

function read(given: unknown): Extensions {
  const reading = readExtensions(given);
  if (!reading.ok) throw new Error(reading.problems.join('; '));
  return reading.extensions;
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(value).toSatisfy(Object.isFrozen);
  for (const inner of Object.values(value)) expectFrozen(inner);
}

const frozen = anyExtensions.map(read);

/** What a plugin answers that changes what it sees: every part it was shown, some of them others, and some it made up. */
const scenario = fc.record({ before: frozen, capabilities: anyCapabilities, written: frozen });

/** The plugin that spreads what it sees and puts its own over that, slot by slot. */
function answerOf(view: Extensions, written: Extensions): Extensions {
  return read({ ...view, ...written });
}

describe('what a plugin sees of the extensions', () => {
  it('is what its capabilities let it see', () => {
    fc.assert(
      fc.property(frozen, anyCapabilities, (extensions, capabilities) => {
        const view = viewOf(extensions, accessOf(capabilities));
        expect(withoutEmpty(view)).toEqual(shownByHand(extensions, capabilities));
      }),
    );
  });

  it('is the same whatever stands in what it may not see, or if nothing does', () => {
    fc.assert(
      fc.property(frozen, frozen, anyCapabilities, (one, other, capabilities) => {
        const access = accessOf(capabilities);
        const hidden = gates.filter(([, readers]) => !readers.some((reader) => capabilities.includes(reader)));
        const changed = hidden.reduce<Extensions>((left, [path]) => withValue(left, path, valueAt(other, path)), one);
        expect(withoutEmpty(viewOf(read(changed), access))).toEqual(withoutEmpty(viewOf(one, access)));
      }),
    );
  });

  it('is frozen at every depth, and the extensions themselves where nothing is hidden', () => {
    fc.assert(
      fc.property(frozen, anyCapabilities, (extensions, capabilities) => {
        expectFrozen(viewOf(extensions, accessOf(capabilities)));
        expect(viewOf(extensions, accessOf([...capabilityNames]))).toBe(extensions);
      }),
    );
  });

  it('is made once for all plugins that may see the same', () => {
    const extensions = read({ http: { headers: { a: 'b' } }, security: { labels: ['PII'], classification: 'high' } });
    const one = viewOf(extensions, accessOf(['read_labels', 'read_teams']));
    expect(
      viewOf(extensions, accessOf(['read_teams', 'read_labels', 'read_labels', 'read_meta', 'read_subject'])),
    ).toBe(one);
    expect(viewOf(extensions, accessOf(['read_labels']))).not.toBe(one);
  });
});

describe('what a plugin writes to the extensions', () => {
  it('changes nothing where it answers what it saw', () => {
    fc.assert(
      fc.property(frozen, anyCapabilities, (before, capabilities) => {
        const access = accessOf(capabilities);
        const shown = viewOf(before, access);
        for (const written of [shown, read(structuredClone(shown)), read({})]) {
          const merged = mergeExtensions(before, shown, written, access);
          expect(merged.extensions).toBe(before);
          expect(merged.refused).toEqual([]);
        }
      }),
    );
  });

  it('never touches what it may not see or may not change, whatever it answers', () => {
    fc.assert(
      fc.property(scenario, ({ before, capabilities, written }) => {
        const access = accessOf(capabilities);
        const shown = viewOf(before, access);
        for (const answer of [written, answerOf(shown, written)]) {
          const { extensions: after } = mergeExtensions(before, shown, answer, access);
          expect(unwritable(after, capabilities)).toEqual(unwritable(before, capabilities));
          expectFrozen(after);
        }
      }),
    );
  });

  it('never loses a label, nor a hop of a delegation', () => {
    fc.assert(
      fc.property(scenario, ({ before, capabilities, written }) => {
        const access = accessOf(capabilities);
        const { extensions: after } = mergeExtensions(before, viewOf(before, access), written, access);
        const labels = before.security?.labels ?? [];
        const chain = before.delegation?.chain ?? [];
        expect(after?.security?.labels?.slice(0, labels.length) ?? []).toEqual(labels);
        expect(after?.delegation?.chain?.slice(0, chain.length) ?? []).toEqual(chain);
        expect(before.delegation?.delegated === true && after?.delegation?.delegated !== true).toBe(false);
        const origin = before.delegation?.originSubjectId ?? chain[0]?.subjectId;
        const told = after?.delegation?.originSubjectId;
        if (origin !== undefined) expect([before.delegation?.originSubjectId, origin]).toContain(told);
      }),
    );
  });

  it('is taken where it may be written', () => {
    fc.assert(
      fc.property(scenario, ({ before, capabilities, written }) => {
        const access = accessOf(capabilities);
        const { extensions: after } = mergeExtensions(before, viewOf(before, access), written, access);
        if (written.custom !== undefined) expect(after?.custom ?? {}).toEqual(written.custom);
        if (written.http?.headers !== undefined && capabilities.includes('write_headers'))
          expect(after?.http?.headers ?? {}).toEqual(written.http.headers);
        if (capabilities.includes('append_labels'))
          expect(after?.security?.labels ?? []).toEqual(expect.arrayContaining([...(written.security?.labels ?? [])]));
      }),
    );
  });

  it('is taken of what is free also where a key of its own holds nothing', () => {
    for (const custom of ['{"seen":{}}', '{"__proto__":{}}', '{"list":[]}']) {
      const written = read({ custom: JSON.parse(custom) as Data });
      const { extensions: after } = mergeExtensions(read({}), read({}), written, accessOf([]));
      expect(JSON.stringify(after?.custom)).toBe(custom);
    }
    expect(mergeExtensions(read({}), read({}), read({ custom: {} }), accessOf([])).extensions).toEqual({});
  });

  it('is told of, part by part, where it was not taken', () => {
    fc.assert(
      fc.property(scenario, ({ before, written, capabilities }) => {
        const access = accessOf(capabilities);
        const shown = viewOf(before, access);
        const { refused } = mergeExtensions(before, shown, written, access);
        for (const { part, path } of access.parts) {
          const wanted = valueAt(written, path);
          const given = valueAt(shown, path);
          const isEmpty = !/[^[\]{},]/.test(JSON.stringify(wanted ?? 0).replaceAll(/"[^"]*":/g, ''));
          const wants = wanted !== undefined && !isDeepStrictEqual(wanted, given) && !(given === undefined && isEmpty);
          const [, writer] = writable.find(([place]) => place.join('.') === part) ?? [];
          const mayWrite = part === 'custom' || (writer !== undefined && capabilities.includes(writer));
          const told = refused.some((refusal) => refusal.startsWith(part));
          if (wants && !mayWrite) expect(told).toBe(true);
          if (!wants) expect(told).toBe(false);
        }
      }),
    );
  });

  it('adds up to the same in whatever order the plugins run that add', () => {
    const adding = fc.record({ label: fc.constantFrom('A', 'B', 'C'), key: fc.constantFrom('k', 'l', 'm') });
    fc.assert(
      fc.property(frozen, fc.uniqueArray(adding, { selector: ({ key }) => key }), (before, plugins) => {
        const access = accessOf(['append_labels']);
        const run = (order: typeof plugins): Extensions =>
          order.reduce((extensions, { label, key }) => {
            const shown = viewOf(extensions, access);
            const labels = [...(shown.security?.labels ?? []), label];
            const security = { ...shown.security, labels };
            const written = read({ ...shown, security, custom: { ...shown.custom, [key]: label } });
            return mergeExtensions(extensions, shown, written, access).extensions ?? extensions;
          }, before);
        const [forth, back] = [run(plugins), run(plugins.toReversed())];
        expect(forth.custom).toEqual(back.custom);
        expect(new Set(forth.security?.labels)).toEqual(new Set(back.security?.labels));
        expect(forth.security?.labels?.length).toBe(back.security?.labels?.length);
      }),
    );
  });

  it('of one that was shown nothing only adds', () => {
    fc.assert(
      fc.property(scenario, ({ before, capabilities, written }) => {
        const { extensions: after } = mergeExtensions(before, undefined, written, accessOf(capabilities));
        expect(Object.keys(after?.custom ?? {})).toEqual(expect.arrayContaining(Object.keys(before.custom ?? {})));
        const names = (extensions: Extensions | undefined): string[] =>
          Object.keys(extensions?.http?.headers ?? {}).map((name) => name.toLowerCase());
        expect(names(after)).toEqual(expect.arrayContaining(names(before)));
      }),
    );
  });
});
