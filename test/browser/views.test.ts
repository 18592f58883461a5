import { describe, expect, it } from 'vitest';
import { viewNames } from '../../src/inspect/live/page/routes/route.js';
import { seriousFindings } from './fixtures/accessibility.js';
import { browserForTests, show } from './fixtures/browser.js';
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
    // What the view asks for has its time to come.
    await page.waitForTimeout(200);
    expect(await seriousFindings(page)).toEqual([]);
  });
});

it.each([
  ['a phone', { width: 360, height: 780 }],
  ['a tablet', { width: 768, height: 1024 }],
  ['a laptop at 200 %', { width: 720, height: 450 }],
])('every view fits %s', async (_, viewport) => {
  const { server } = await sampleInspector();
  const { page } = await browser.open(server.url(), { viewport });
  for (const hash of hashes) {
    await show(page, hash);
    const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    expect({ hash, beyond: Math.max(0, beyond) }).toEqual({ hash, beyond: 0 });
  }
  expect(await seriousFindings(page)).toEqual([]);
});
