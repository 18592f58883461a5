import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { toolFilter } from '../../../src/gateway/filters/tool-filter.js';

const names = fc.constantFrom('a', 'b', 'c', '*');

it('what is denied is denied, what is not allowed is denied, and without a list all is allowed', () => {
  const lists = fc.record({
    allow: fc.option(fc.array(names), { nil: undefined }),
    deny: fc.option(fc.array(names), { nil: undefined }),
  });
  fc.assert(
    fc.property(lists, fc.constantFrom('a', 'b', 'c', 'd'), ({ allow, deny }, tool) => {
      const isIn = (list: readonly string[]) => list.includes(tool) || list.includes('*');
      const expected = !isIn(deny ?? []) && (allow === undefined || isIn(allow));
      expect(toolFilter({ allow, deny })(tool)).toBe(expected);
    }),
  );
});

it('an empty list of what is allowed allows nothing', () => {
  expect(toolFilter({ allow: [], deny: undefined })('a')).toBe(false);
});

it('a name that is longer than patterns look at is not let through, whatever the lists say', () => {
  const filter = toolFilter({ allow: undefined, deny: undefined });
  expect([filter('a'.repeat(1024)), filter('a'.repeat(1025))]).toEqual([true, false]);
});

it('a denial that matches nothing, though it was meant to, keeps everything back', () => {
  expect(toolFilter({ allow: undefined, deny: ['[z-a]*'] })('delete')).toBe(false);
  expect(toolFilter({ allow: undefined, deny: ['[a-c]*'] })('delete')).toBe(true);
});
