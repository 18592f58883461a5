import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonJson, schemaTokens, withinBudget } from '../../../src/gateway/offer/schema-tokens.js';

describe('the tokens of a tool', () => {
  it.each([
    [{}, 1],
    [{ name: 'abc', description: 'd' }, 1],
    [{ name: 'abcd', description: 'efgh' }, 2],
    // {"type": "object"} has 18 characters.
    [{ name: 'ab', inputSchema: { type: 'object' } }, 5],
    [{ name: 'ab', inputSchema: { type: 'object' }, outputSchema: { type: 'object' }, annotations: { a: 1 } }, 5],
    // Code points, not halves of pairs.
    [{ name: '😀😀😀😀', description: '😀😀😀😀' }, 2],
  ])('of %j are %i', (tool, tokens) => {
    expect(schemaTokens(tool)).toBe(tokens);
  });

  it.each([
    [{ b: 1, a: [1, 2.5, null, true] }, '{"b": 1, "a": [1, 2.5, null, true]}'],
    [{ é: '😀\u007f\u2028' }, '{"\\u00e9": "\\ud83d\\ude00\\u007f\\u2028"}'],
    ['"\\\n\r\t\b\f\u0001/', '"\\"\\\\\\n\\r\\t\\b\\f\\u0001/"'],
    [[{}, []], '[{}, []]'],
    [1e-5, '1e-05'],
    [1.25e-7, '1.25e-07'],
    [0.0001, '0.0001'],
    [1e-10, '1e-10'],
    [-1.5e-300, '-1.5e-300'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [0, '0'],
  ])('count JSON as Python writes it: %j', (value, text) => {
    expect(pythonJson(value)).toBe(text);
  });

  it('count JSON that means the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(pythonJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(pythonJson(value)).toMatch(/^[ -~]*$/);
      }),
    );
  });
});

describe('a budget', () => {
  const tools = fc.array(fc.record({ name: fc.string({ maxLength: 40 }), inputSchema: fc.constant({}) }));

  it('takes tools in their order until the first that would exceed it', () => {
    fc.assert(
      fc.property(tools, fc.integer({ min: -5, max: 60 }), (all, budget) => {
        const { items, tokens } = withinBudget(all, (tool) => tool, budget);
        expect(items).toEqual(all.slice(0, items.length));
        expect(tokens).toBe(items.reduce((sum, tool) => sum + schemaTokens(tool), 0));
        if (items.length > 0) expect(tokens).toBeLessThanOrEqual(budget);
        const next = all[items.length];
        if (next !== undefined) expect(tokens + schemaTokens(next)).toBeGreaterThan(budget);
      }),
    );
  });

  it('does not try the smaller ones behind it', () => {
    const named = (length: number) => ({ name: 'x'.repeat(length), inputSchema: {} });
    const { items, tokens } = withinBudget([named(4), named(100), named(4)], (tool) => tool, 10);
    expect([items.length, tokens]).toEqual([1, 1]);
  });

  it('of nothing, less, or no number takes none', () => {
    for (const budget of [0, -1, Number.NaN])
      expect(withinBudget([{ name: 'a' }], (tool) => tool, budget)).toEqual({ items: [], tokens: 0 });
  });
});
