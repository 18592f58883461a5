import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ListingServer, offerNames } from '../../../src/gateway/offer/offered-names.js';
import { resourceRoutes } from '../../../src/gateway/offer/resource-routes.js';
import { matchesTemplate } from '../../../src/gateway/offer/uri-templates.js';

const naming = { isPrefixed: true, separator: '__' };
const listing = (name: string, field: string, ...values: readonly string[]): ListingServer => ({
  name,
  alias: undefined,
  items: values.map((value) => ({ [field]: value, name: 'n' })),
});

describe('a template', () => {
  it.each([
    ['a://{id}', 'a://1', true],
    ['a://{id}', 'a://', false],
    ['a://{id}', 'a://1/2', false],
    ['a://{id}', 'a://New York', true],
    ['a://{id}/x', 'a://1/x', true],
    ['a://{id}/x', 'a://1/y', false],
    ['a://{path*}', 'a://1/2', true],
    ['a://{+path}', 'a://1/2', true],
    ['a://x{#part}', 'a://x#y/z', true],
    ['a://x{/part}', 'a://x/y', true],
    ['a://x{.kind}', 'a://x.json', true],
    ['a://x{?q,r}', 'a://x', true],
    ['a://x{?q,r}', 'a://x?q=1', true],
    ['a://x{?q,r}', 'a://xq=1', false],
    ['a://x?k=1{&q}', 'a://x?k=1&q=2', true],
    ['a://{a}-{b}', 'a://1-2-3', true],
    ['a://{', 'a://{', false],
    ['a://}', 'a://}', false],
    ['a://{!x}', 'a://x', false],
    ['a://{}', 'a://x', false],
    ['a://(.*)', 'a://x', false],
    ['', '', true],
  ])('%s and %s: %s', (template, uri, expected) => {
    expect(matchesTemplate(template)(uri)).toBe(expected);
  });

  /** Expansion as RFC 6570 has it in the table of its appendix, of strings. */
  const operators: Readonly<Record<string, { first: string; between: string; isNamed: boolean; isReserved: boolean }>> =
    {
      '': { first: '', between: ',', isNamed: false, isReserved: false },
      '+': { first: '', between: ',', isNamed: false, isReserved: true },
      '#': { first: '#', between: ',', isNamed: false, isReserved: true },
      '.': { first: '.', between: '.', isNamed: false, isReserved: false },
      '/': { first: '/', between: '/', isNamed: false, isReserved: false },
      ';': { first: ';', between: ';', isNamed: true, isReserved: false },
      '?': { first: '?', between: '&', isNamed: true, isReserved: false },
      '&': { first: '&', between: '&', isNamed: true, isReserved: false },
    };
  const expression = fc
    .tuple(
      fc.constantFrom(...Object.keys(operators)),
      fc.array(fc.record({ name: fc.constantFrom('x', 'y'), value: fc.string({ minLength: 1 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([operator, given]) => {
      const { first, between, isNamed, isReserved } = operators[operator] ?? expect.unreachable();
      const encode = isReserved ? encodeURI : encodeURIComponent;
      const values = given.map(({ name, value }) => `${isNamed ? `${name}=` : ''}${encode(value)}`);
      return [`{${operator}${given.map(({ name }) => name).join(',')}}`, `${first}${values.join(between)}`] as const;
    });
  const text = fc.constantFrom('a', '/', '-', '.', '%20').map((written) => [written, written] as const);

  it('matches all that comes of it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, expression), { maxLength: 6 }), (parts) => {
        const [template, uri] = [0, 1].map((side) => `t://${parts.map((part) => part[side]).join('')}`);
        expect(matchesTemplate(template ?? '')(uri ?? '')).toBe(true);
      }),
    );
  });

  it('takes no time that grows faster than the URI, whatever it is', () => {
    const slow = `a://${'{+x}'.repeat(50)}!`;
    const started = performance.now();
    expect(matchesTemplate(slow)(`a://${'x'.repeat(8000)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('and no more pieces are looked for than templates have that are meant for people', () => {
    const template = (values: number): string => `a:${'{+b}'.repeat(values)}`;
    expect(matchesTemplate(template(63))(`a:${'x'.repeat(100)}`)).toBe(true);
    expect(matchesTemplate(template(64))(`a:${'x'.repeat(100)}`)).toBe(false);
  });
});

describe('a URI', () => {
  const route = resourceRoutes(
    offerNames(
      'resources',
      [listing('s', 'uri', 'a://1', 'both://', 'a://twice', 'a://twice'), listing('t', 'uri', 'b://1', 'both://')],
      naming,
    ),
    offerNames(
      'resourceTemplates',
      [
        listing('s', 'uriTemplate', 'a://{x}', 'b://{x}', 'same://{x}', 'a://{x}{?y}'),
        listing('t', 'uriTemplate', 'c://{x}', 'a://2/{x}', 'both:{+x}', 'same://{x}', '{scheme}://2/3/{x}'),
      ],
      naming,
    ),
  );

  it.each([
    ['a://1', { kind: 'server', server: 's' }],
    // Listed by one, though a template of the other would match.
    ['b://1', { kind: 'server', server: 't' }],
    ['a://7', { kind: 'server', server: 's' }],
    ['a://2/7', { kind: 'server', server: 't' }],
    ['a://twice', { kind: 'server', server: 's' }],
    ['both://', { kind: 'ambiguous', servers: ['s', 't'] }],
    ['both://x', { kind: 'server', server: 't' }],
    ['same://x', { kind: 'ambiguous', servers: ['s', 't'] }],
    ['nowhere://x', { kind: 'unknown' }],
    [`a://${'x'.repeat(9000)}`, { kind: 'unknown' }],
  ])('%s goes to the server that lists it, else to the one whose template it matches', (uri, expected) => {
    expect(route(uri)).toEqual(expected);
  });
});
