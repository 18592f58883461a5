import { expect, it } from 'vitest';
import type { InvocationDetail } from '../../src/inspect/live/feed/feed-invocations.js';
import type { NextMessage } from '../../src/inspect/live/feed/feed-next.js';
import type { SnapshotMessage } from '../../src/inspect/live/feed/messages.js';
import { viewNames } from '../../src/inspect/live/page/routes/route.js';
import { SampleSource } from '../fixtures/inspect/sample-source.js';
import { browserForTests, show } from './fixtures/browser.js';
import { servedInspector } from './fixtures/sample-inspector.js';

const browser = browserForTests();

const scripts = [
  '<img src=x onerror="policyViolated(1)">',
  '<script>policyViolated(2)</script>',
  '"><svg onload=policyViolated(3)>',
  'javascript:policyViolated(4)',
  '<a href="javascript:policyViolated(5)">here</a>',
  '</title></style><iframe src="http://198.51.100.7/">',
  '{{constructor.constructor("policyViolated(6)")()}}',
];

/** What is text from outside: all but what tells messages, actors and states apart. */
const texts = new Set(
  'name code message target subject agent by requestId reason description told text p source why outstanding e'.split(
    ' ',
  ),
);

/** The same with a script in each text. */
function withScripts<Told>(told: Told): Told {
  let next = 0;
  const changed = JSON.stringify(told, (key, value: unknown) =>
    typeof value === 'string' && texts.has(key) ? `${value} ${scripts[next++ % scripts.length]}` : value,
  );
  return JSON.parse(changed) as Told;
}

class HostileSource extends SampleSource {
  override *snapshot(): Iterable<SnapshotMessage> {
    for (const piece of super.snapshot()) yield withScripts(piece);
  }
  override invocation(id: string): InvocationDetail | undefined {
    const detail = super.invocation(id);
    return detail && { ...withScripts(detail), id };
  }
  override next(actor: string): NextMessage | undefined {
    const next = super.next(actor);
    return next && withScripts(next);
  }
}

it('shows script in names, payloads and messages as the text that it is', async () => {
  const { server } = await servedInspector(new HostileSource({ control: true }));
  const { page } = await browser.open(server.url());
  const own = await page.evaluate<number>("document.querySelectorAll('script, iframe, img, object, embed').length");
  const hashes = viewNames.map((view) => `#/${view}`);
  for (const hash of [
    ...hashes,
    '#/connections/connection:github',
    '#/invocations/inv184216',
    '#/invocations/inv184216?tab=sequence',
  ]) {
    await show(page, hash);
    await page.waitForTimeout(100);
    const found = await page.evaluate<{ elements: number; handlers: number; links: string[] }>(`({
      elements: document.querySelectorAll('script, iframe, img, object, embed').length,
      handlers: document.querySelectorAll('[onerror], [onload], [onclick]').length,
      links: [...document.querySelectorAll('[href]')].map((link) => link.getAttribute('href')),
    })`);
    expect({ hash, ...found, links: found.links.filter((link) => !/^(?:#|data:,$)/.test(link)) }).toEqual({
      hash,
      elements: own,
      handlers: 0,
      links: [],
    });
  }
  await show(page, '#/plugins');
  expect(await page.getByText('<script>policyViolated(2)</script>').count()).toBeGreaterThan(0);
});
