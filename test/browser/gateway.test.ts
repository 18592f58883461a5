import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { until } from '../fixtures/waiting.js';
import { browserForTests, show } from './fixtures/browser.js';
import { inspectedGateway } from './fixtures/inspected-gateway.js';

const browser = browserForTests();

/** Writes down where a connection is, as the page has it, until it has been everywhere. */
async function seenStates(page: Page, name: string, states: readonly string[], seen: string[]): Promise<void> {
  const row = page.getByRole('row').filter({ hasText: name });
  await until(`${name} is ${states.join(', then ')}; seen: ${seen.join(', ')}`, async () => {
    const text = (await row.count()) === 0 ? '' : await row.first().innerText();
    const state = /\b(ready|connecting|reconnecting|failed|idle|closed)\b/.exec(text)?.[1];
    if (state !== undefined && seen.at(-1) !== state) seen.push(state);
    return states.every((one, index) =>
      index === 0 ? seen.includes(one) : seen.indexOf(one, seen.indexOf(states[index - 1] ?? '')) >= 0,
    );
  });
}

it('a connection is seen to connect, be ready, lose its server, fail, and come back when it is told to', async () => {
  const gateway = await inspectedGateway(['--inspect-control']);
  const { page } = await browser.open(gateway.url, { hash: '#/connections' });
  const call = gateway.execute('flaky', 'read_graph');
  const first: string[] = [];
  await seenStates(page, 'flaky', ['connecting', 'ready'], first);
  expect(await call).toContain('entities');
  gateway.breakServer();
  const second: string[] = [];
  await seenStates(page, 'flaky', ['reconnecting', 'failed'], second);
  await show(page, '#/overview');
  await page.locator('main h1').filter({ hasText: 'connection is down' }).waitFor();
  gateway.mendServer();
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Try now' }).click();
  await show(page, '#/connections');
  await seenStates(page, 'flaky', ['ready'], []);
  expect(await gateway.execute('flaky', 'read_graph')).toContain('entities');
  await show(page, '#/overview');
  await page.getByRole('heading', { name: 'All is quiet.' }).waitFor();
});

it('a blocked invocation shows its violation, and what was changed before', async () => {
  const gateway = await inspectedGateway();
  const { page } = await browser.open(gateway.url, { hash: '#/invocations' });
  await gateway.execute('memory', 'search_nodes', { query: 'birds' });
  const told = await gateway.execute('memory', 'search_nodes', { query: 'forbidden 4111111111111111' });
  expect(told).toContain('WORDS_FOUND');
  const row = page.getByRole('row').filter({ hasText: 'blocked' });
  await row.first().waitFor();
  await row.first().click();
  const main = page.locator('main');
  await main.getByText('WORDS_FOUND').first().waitFor();
  const text = await main.innerText();
  for (const said of ['blocked by DenyWords', 'Forbidden words', 'The server was not called.', 'query', 'Masker'])
    expect(text).toContain(said);
  // Nothing of the payload leaves the process unless it is asked to.
  expect(await page.content()).not.toContain('4111111111111111');
});

it('payloads are shown where that was asked for', async () => {
  const gateway = await inspectedGateway(['--inspect-payloads']);
  const { page } = await browser.open(gateway.url, { hash: '#/invocations' });
  await gateway.execute('memory', 'search_nodes', { query: 'card 4111111111111111' });
  const row = page.getByRole('row').filter({ hasText: 'modified' });
  await row.first().waitFor();
  await row.first().click();
  await page.getByText('[card]').first().waitFor();
});
