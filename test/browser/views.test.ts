import { describe, expect, it } from 'vitest';
import { viewNames } from '../../src/inspect/live/page/routes/route.js';
import { seriousFindings } from './fixtures/accessibility.js';
import { browserForTests, settled, show } from './fixtures/browser.js';
import { sampleInspector } from './fixtures/sample-inspector.js';

const browser = browserForTests();

const hashes = [
  ...viewNames.map((view) => `#/${view}`),
  '#/connections/connection:github',
  '#/connections/connection:github?chart=full',
  '#/invocations/inv184216',
  '#/invocations/inv184216?tab=sequence',
  '#/invocations/inv184216?tab=executions',
];

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it.each(hashes)('%s has no serious findings of axe, and its heading', async (hash) => {
    const { server } = await sampleInspector();
    const { page } = await browser.open(server.url(), { colorScheme, hash });
    await settled(page);
    expect(await seriousFindings(page)).toEqual([]);
  });
});

/** What stands out of its card, or out of the page, and would be cut there: as tag, class and words. */
const standingOut = `[...document.querySelectorAll('main *')].flatMap((element) => {
  if (element.closest('svg, .unseen') !== null) return [];
  const { right, width, height } = element.getBoundingClientRect();
  if (width === 0 || height === 0) return [];
  let box = element.parentElement;
  // What can be scrolled, or ends its words with dots, holds whatever is in it.
  while (box !== null && !box.matches('.card, main')) {
    if (getComputedStyle(box).overflowX !== 'visible') return [];
    box = box.parentElement;
  }
  const beyond = Math.round(right - box.getBoundingClientRect().right);
  return beyond <= 1 ? [] : [element.tagName + '.' + element.className + ' by ' + beyond + ': ' + element.textContent.slice(0, 40)];
})`;

it.each([
  ['a phone', { width: 360, height: 780 }],
  ['a tablet', { width: 768, height: 1024 }],
  ['a laptop at 200 %', { width: 720, height: 450 }],
  ['a small laptop', { width: 1280, height: 800 }],
  ['a laptop', { width: 1440, height: 900 }],
])('every view fits %s', async (_, viewport) => {
  const { server } = await sampleInspector();
  const { page } = await browser.open(server.url(), { viewport });
  for (const hash of hashes) {
    await show(page, hash);
    // What the view asks the host for comes with its own width.
    if (hash.includes('/connections/')) await page.locator('.next-table').waitFor();
    if (hash.includes('/invocations/')) await page.locator('.invocation-page .card').first().waitFor();
    const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    const cut = await page.evaluate<string[]>(standingOut);
    expect({ hash, beyond: Math.max(0, beyond), cut }).toEqual({ hash, beyond: 0, cut: [] });
  }
  expect(await seriousFindings(page)).toEqual([]);
});
