import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeOfferProblem } from '../../../src/gateway/offer/offer-problems.js';
import { type ListingServer, type NamingOptions, offerNames } from '../../../src/gateway/offer/offered-names.js';
import { isPrefixed, prefixOf } from '../../../src/gateway/offer/prefixes.js';

const server = (name: string, ...tools: readonly string[]): ListingServer => ({
  name,
  alias: undefined,
  items: tools.map((tool) => ({ name: tool, description: `of ${name}` })),
});
const prefixed: NamingOptions = { isPrefixed: true, separator: '__' };
const bare: NamingOptions = { isPrefixed: false, separator: '__' };

/** Names that run into each other, with prefixes as well as without. */
const part = fc.constantFrom('a', 'b', 'a__b', 'b__a', '_a', 'a_', '__');
const servers = fc.uniqueArray(
  fc.record({
    name: part,
    alias: fc.option(part, { nil: undefined }),
    items: fc.array(
      part.map((name) => ({ name })),
      { maxLength: 4 },
    ),
  }),
  { selector: ({ name }) => name, maxLength: 5 },
);
const options = fc.record({ isPrefixed: fc.boolean(), separator: fc.constantFrom('__', '_', '-') });
const nameIn = (from: ListingServer, tool: string, given: NamingOptions) =>
  given.isPrefixed ? `${from.alias ?? from.name}${given.separator}${tool}` : tool;

describe('offered names', () => {
  it('are those that one server lists once, each leads to what it lists, and all others are named', () => {
    fc.assert(
      fc.property(servers, options, (given, naming) => {
        const all = given.flatMap((from) =>
          from.items.map(({ name }) => ({ offered: nameIn(from, name, naming), server: from.name, original: name })),
        );
        const times = (name: string) => all.filter(({ offered }) => offered === name).length;
        const { items, table, problems } = offerNames('tools', given, naming);
        expect(items.map(({ name, server, original }) => ({ offered: name, server, original }))).toEqual(
          all.filter(({ offered }) => times(offered) === 1),
        );
        expect([...table.entries()]).toEqual(items.map((item) => [item.name, item]));
        expect(items.every(({ name, item }) => item['name'] === name)).toBe(true);
        const collided = [...new Set(all.map(({ offered }) => offered))].filter((name) => times(name) > 1);
        expect(problems).toEqual(
          collided.map((name) => ({
            kind: 'collision',
            name,
            listed: all.filter(({ offered }) => offered === name).map(({ server, original }) => ({ server, original })),
          })),
        );
      }),
    );
  });

  it('depend on the order of the configuration alone', () => {
    fc.assert(
      fc.property(servers, options, fc.infiniteStream(fc.nat()), (given, naming, keys) => {
        // What arrives in another order is put in that of the configuration before it is named.
        const arrived = given.map((from) => ({ from, key: keys.next().value ?? 0 })).sort((a, b) => a.key - b.key);
        const order = given.map(({ name }) => name);
        const sorted = arrived.map(({ from }) => from).sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
        expect(offerNames('tools', sorted, naming)).toEqual(offerNames('tools', given, naming));
      }),
    );
  });

  it('go with their server, and no others go', () => {
    fc.assert(
      fc.property(servers, options, fc.nat(), (given, naming, index) => {
        const gone = given[index % Math.max(given.length, 1)];
        const before = offerNames('tools', given, naming);
        const after = offerNames(
          'tools',
          given.filter((from) => from !== gone),
          naming,
        );
        const stayed = before.items.filter(({ server }) => server !== gone?.name);
        expect(after.items.filter((item) => before.table.has(item.name))).toEqual(stayed);
        // What comes instead is what had collided with something of the server that is gone.
        const freed = new Set(
          before.problems.flatMap((problem) => (problem.kind === 'collision' ? [problem.name] : [])),
        );
        for (const { name } of after.items) expect(before.table.has(name) || freed.has(name)).toBe(true);
      }),
    );
  });

  it('have a prefix where there is more than one server, or where it is asked for', () => {
    expect([0, 1, 2].map((count) => isPrefixed('auto', count))).toEqual([false, false, true]);
    expect([isPrefixed('always', 1), isPrefixed('never', 2)]).toEqual([true, false]);
    expect(offerNames('tools', [server('s', 'x', 'y')], bare).items.map(({ name }) => name)).toEqual(['x', 'y']);
    expect([...offerNames('tools', [server('s', 'x'), server('t', 'x')], prefixed).table.keys()]).toEqual([
      's__x',
      't__x',
    ]);
  });

  it('take the alias instead of the name, and no characters that a tool cannot have', () => {
    expect(prefixOf({ name: 'long', alias: 'l' })).toBe('l');
    expect(prefixOf({ name: 'my server/ü😀.x-1', alias: undefined })).toBe('my_server___.x-1');
  });

  it('are never taken apart', () => {
    const { table } = offerNames('tools', [server('a__b', 'c__d'), server('a', 'e')], prefixed);
    expect(table.get('a__b__c__d')).toMatchObject({ server: 'a__b', original: 'c__d' });
  });

  it('are not those of what no client could take', () => {
    const { items, problems } = offerNames(
      'tools',
      [{ ...server('s', 'fine', '', 'sp ace', 'a\u200b', 'x'.repeat(129)), alias: undefined }],
      bare,
    );
    expect(items.map(({ name }) => name)).toEqual(['fine']);
    expect(problems.map((problem) => problem.kind === 'unfit' && problem.reason)).toEqual([
      'its name is empty',
      'its name has other characters than letters, digits, "_", "-" and "."',
      'its name has hidden characters',
      'its name is longer than 128 characters',
    ]);
    expect(offerNames('tools', [{ name: 's', alias: undefined, items: [{}] }], bare).problems).toEqual([
      { kind: 'unfit', server: 's', name: '', reason: 'it has no name' },
    ]);
  });

  it('of more than 64 characters are offered and warned about', () => {
    const [short, long] = ['x'.repeat(64), 'x'.repeat(65)];
    const { items, problems } = offerNames('tools', [server('s', short, long)], bare);
    expect(items).toHaveLength(2);
    expect(problems).toEqual([{ kind: 'long', server: 's', name: long, length: 65 }]);
  });

  it('of prompts get the prefix too, and may have other characters', () => {
    const offer = offerNames('prompts', [server('s', 'Write a poem'), server('t', 'x')], prefixed);
    expect([...offer.table.keys()]).toEqual(['s__Write a poem', 't__x']);
  });

  it('of resources are their URIs; the prefix is put before what people read', () => {
    const listed = (name: string, uri: string): ListingServer => ({
      name,
      alias: undefined,
      items: [{ uri, name: 'doc' }],
    });
    const offer = offerNames('resources', [listed('s', 'a://1'), listed('t', 'a://2'), listed('u', 'a://2')], prefixed);
    expect(offer.items).toEqual([
      { name: 'a://1', server: 's', original: 'a://1', item: { uri: 'a://1', name: 's__doc' } },
    ]);
    expect(offer.problems).toEqual([
      {
        kind: 'collision',
        name: 'a://2',
        listed: [
          { server: 't', original: 'a://2' },
          { server: 'u', original: 'a://2' },
        ],
      },
    ]);
  });
});

it('problems are told in sentences that show nothing hidden', () => {
  const told = (given: ListingServer[]) =>
    offerNames('tools', given, bare).problems.map((problem) => describeOfferProblem('tools', problem));
  expect(told([server('s', 'x'), server('t', 'x')])).toEqual([
    'tool "x" is not offered, because it would be more than one: "x" of server "s", "x" of server "t"',
  ]);
  expect(told([server('s', 'a\u202eb', 'y'.repeat(65))])).toEqual([
    'tool "a\\u202eb" of server "s" is not offered: its name has hidden characters',
    `tool "${'y'.repeat(65)}" of server "s" has a name of 65 characters, and some clients take 64 at most; a short "alias" in the entry of the server helps`,
  ]);
});
