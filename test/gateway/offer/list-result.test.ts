import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Listed } from '../../../src/downstream/server-set-api.js';
import { acceptListResult } from '../../../src/gateway/offer/list-result.js';

const tool = (name: string, more: object = {}): Listed => ({
  name,
  description: `does ${name}`,
  inputSchema: { type: 'object', properties: { x: { type: 'string', description: 'an x' } }, required: ['x'] },
  ...more,
});
const schema = (property: object) => ({ type: 'object', properties: { x: property }, required: ['x'] });

describe('what plugins made of a list', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
  const answers = fc.array(
    fc.oneof(
      fc
        .record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), text: fc.string() })
        .map(({ name, text }) => tool(name, { description: text })),
      fc.record({ name: fc.constantFrom('a', 'b', 'c') }).map(({ name }) => tool(name, { inputSchema: {} })),
      fc.constantFrom<unknown>(null, 'a', {}, { name: 7 }, []),
    ),
  );

  it('holds no tool that was not there, none twice, none with another schema, and in the order of the server', () => {
    fc.assert(
      fc.property(names, answers, (given, answered) => {
        const before = given.map((name) => tool(name));
        const { tools, refused } = acceptListResult(before, answered);
        const listed = tools.map(({ name }) => name);
        expect(listed).toEqual(given.filter((name) => listed.includes(name)));
        for (const accepted of tools) expect(accepted['inputSchema']).toEqual(tool('a')['inputSchema']);
        // Nothing is dropped without a word.
        expect(tools.length + refused.length).toBe(answered.length);
      }),
    );
  });

  it('is what they were given, where they leave it alone or copy it', () => {
    const before = [tool('a'), tool('b', { annotations: { readOnlyHint: true }, outputSchema: { type: 'object' } })];
    expect(acceptListResult(before, before)).toEqual({ tools: before, refused: [] });
    expect(acceptListResult(before, structuredClone(before).reverse())).toEqual({ tools: before, refused: [] });
  });

  it.each<[what: string, change: object]>([
    ['another description', { description: 'other' }],
    ['no description', { description: undefined }],
    ['another title', { title: 'T' }],
    ['other annotations', { annotations: { readOnlyHint: false } }],
    [
      'another description in the schema',
      { inputSchema: schema({ type: 'string', description: 'other', title: 't' }) },
    ],
    ['no description in the schema', { inputSchema: schema({ type: 'string' }) }],
  ])('may have %s', (_what, change) => {
    const changed = { ...tool('a'), ...change };
    expect(acceptListResult([tool('a')], [changed])).toEqual({ tools: [changed], refused: [] });
  });

  it.each<[what: string, change: object, said: string]>([
    [
      'another type in the schema',
      { inputSchema: schema({ type: 'number' }) },
      'titles and descriptions in its inputSchema, and nothing else',
    ],
    ['no schema', { inputSchema: undefined }, 'titles and descriptions in its inputSchema, and nothing else'],
    [
      'a property that is called like a text',
      { inputSchema: { ...schema({}), description: { type: 'string' } } },
      'in its inputSchema',
    ],
    ['an output schema', { outputSchema: {} }, 'in its outputSchema'],
    ['a field that nobody knows', { execution: {} }, 'plugins may not change its execution'],
    ['a function', { annotations: { f() {} } }, 'annotations.f: found a function, expected JSON data'],
  ])('may not have %s', (_what, change, said) => {
    const { tools, refused } = acceptListResult([tool('a')], [{ ...tool('a'), ...change }]);
    expect(tools).toEqual([]);
    expect(refused).toEqual([expect.stringContaining(said)]);
  });

  it('says what was renamed or added', () => {
    expect(acceptListResult([tool('a')], [tool('b'), 5, tool('a'), tool('a')])).toEqual({
      tools: [tool('a')],
      refused: [
        'a plugin listed a tool that is not there: "b"',
        'a plugin listed what is no tool',
        'a plugin listed the tool "a" twice',
      ],
    });
  });
});
