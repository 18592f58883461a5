import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { leastResponseBytes } from '../../src/gateway/limits/response-limit.js';
import { longestUri, nameFault } from '../../src/gateway/offer/name-faults.js';
import { offerNames } from '../../src/gateway/offer/offered-names.js';
import { defaultSeparator } from '../../src/gateway/offer/prefixes.js';

const page = readFileSync('docs/reference/offered-names.md', 'utf8');
const rows = [...page.matchAll(/^\| (.+?) \| ([\d,]+) characters.*? \| (.+?) \|$/gm)].map(
  ([, what = '', most = '', outcome = '']) => ({ what, most: Number(most.replace(',', '')), outcome }),
);

it.each(rows)(
  '$what of $most characters are the longest that are as the page on names says',
  ({ what, most, outcome }) => {
    const kind = what.startsWith('tools') ? 'tools' : what === 'prompts' ? 'prompts' : 'resources';
    const item = (length: number) => ({ name: 'x'.repeat(length), uri: 'x'.repeat(length) });
    const offer = (length: number) =>
      offerNames(kind, [{ name: 's', alias: undefined, items: [item(length)] }], {
        isPrefixed: false,
        separator: '__',
      });
    const isWarned = outcome.startsWith('offered, and warned of');
    const kinds = (length: number) => offer(length).problems.map((problem) => problem.kind);
    expect(kinds(most)).not.toContain(isWarned ? 'long' : 'unfit');
    expect(kinds(most + 1)).toEqual([isWarned ? 'long' : 'unfit']);
    expect(offer(most + 1).items).toHaveLength(isWarned ? 1 : 0);
  },
);

it('the page on names has a row for each limit, the separator, and the least limit of results', () => {
  expect(rows.map(({ most }) => most)).toEqual([128, 64, 128, longestUri]);
  expect(page).toContain(`then \`${defaultSeparator}\`, then`);
  expect(page).toContain(`${leastResponseBytes.toLocaleString('en')} bytes are the least`);
  expect(nameFault('tools', 'a b')).toBeDefined();
});
