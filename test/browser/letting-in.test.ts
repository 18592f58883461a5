import { describe, expect, it } from 'vitest';
import { until } from '../fixtures/waiting.js';
import { browserForTests, show } from './fixtures/browser.js';
import { sampleInspector } from './fixtures/sample-inspector.js';

const browser = browserForTests();

describe('the token', () => {
  it('is gone from the address before anybody can copy it, and lets nobody else in', async () => {
    const { server } = await sampleInspector();
    const url = server.url();
    const { page } = await browser.open(url);
    expect(page.url()).not.toContain(new URL(url).hash.slice(3));
    const other = await browser.open(url, { ready: 'not let in', status: 401 });
    expect(await other.page.getByText('github').count()).toBe(0);
    expect(await other.page.locator('main').innerText()).toContain('send SIGUSR2 to the process');
  });

  it('is asked for: the bare address shows nothing of the process', async () => {
    const { server } = await sampleInspector({ control: true });
    const { origin } = new URL(server.url());
    const { page } = await browser.open(`${origin}/`, { ready: 'not let in', status: 401 });
    for (const hash of ['#/overview', '#/connections', '#/plugins']) {
      await show(page, hash);
      expect(await page.locator('main').innerText()).not.toMatch(/github|jira|SecretsDetection/);
      expect(await page.getByRole('button', { name: 'Disable' }).count()).toBe(0);
    }
  });

  it('of a page is kept through a reload', async () => {
    const { server } = await sampleInspector();
    const { page } = await browser.open(server.url());
    await page.reload();
    await page.getByText('Live').first().waitFor();
  });
});

describe('control', () => {
  it('is not there without the flag, and the host refuses it too', async () => {
    const { server, source } = await sampleInspector();
    const { page } = await browser.open(server.url(), { status: 404 });
    for (const hash of ['#/overview', '#/connections/connection:github', '#/plugins']) {
      await show(page, hash);
      for (const name of ['Try now', 'Close', 'Enable', 'Disable', 'Reload'])
        expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
    }
    const status = await page.evaluate<number>(`fetch('/control', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + sessionStorage.getItem('gatechart.key') },
      body: JSON.stringify({ do: 'retry', actor: 'connection:github', expect: 'reconnecting.backingOff' }),
    }).then((response) => response.status)`);
    expect(status).toBe(404);
    expect(source.controlled).toEqual([]);
  });

  it('asks what comes of it, begins on Cancel where it takes something away, and sends what it was decided on', async () => {
    const { server, source } = await sampleInspector({ control: true });
    const { page } = await browser.open(server.url(), { hash: '#/connections/connection:github' });
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).toMatch(/4 calls are refused or cut off\. Nothing opens it again/);
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Cancel');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    expect(source.controlled).toEqual([]);
    await page.getByRole('button', { name: 'Try now', exact: true }).click();
    await dialog.getByRole('button', { name: 'Try now' }).click();
    await until('the host is asked', () => source.controlled.length > 0);
    expect(source.controlled).toEqual([{ do: 'retry', actor: 'connection:github', expect: 'reconnecting.backingOff' }]);
  });
});
