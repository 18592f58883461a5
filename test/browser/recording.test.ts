import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cli, startNode } from '../fixtures/processes/processes.js';
import { until } from '../fixtures/waiting.js';
import { seriousFindings } from './fixtures/accessibility.js';
import { browserForTests, show } from './fixtures/browser.js';
import { inspectedGateway } from './fixtures/inspected-gateway.js';

const browser = browserForTests();

/** A recording of a gateway whose server dies, does not start again, and of a call that is blocked. */
async function recorded(): Promise<string> {
  const gateway = await inspectedGateway(['--record', 'run.jsonl']);
  await gateway.execute('flaky', 'read_graph');
  await gateway.execute('memory', 'search_nodes', { query: 'forbidden 4111111111111111' });
  gateway.breakServer();
  await gateway.execute('flaky', 'read_graph').catch(() => undefined);
  await gateway.client.close();
  return join(gateway.folder, 'run.jsonl');
}

it('a recording opens at its first event, and is gone through back and forth', async () => {
  const file = await recorded();
  const viewer = startNode([cli, 'inspect', file, '--no-browser', '--port', '0']);
  const address = (): string | undefined => /inspector: (http:\S+)/.exec(viewer.stdout())?.[1];
  await until('the address of the recording', () => address() !== undefined);
  // It is no 404 in the console, either: before the first event nothing is asked for that is not there.
  const { page } = await browser.open(address() ?? '', { hash: '#/recording', ready: 'run.jsonl' });
  const place = async (): Promise<number> => {
    const [, seq = '0'] = /@(\d+)/.exec(await page.evaluate<string>('location.hash')) ?? [];
    return Number(seq);
  };
  const slider = page.getByRole('slider').first();
  await slider.waitFor();
  const first = await place();
  const shown = (): Promise<string> => page.locator('main').innerText();
  const before = await shown();
  const press = (key: string): string =>
    `document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }));`;
  // All in one turn of the page: none of them sees what the one before it has drawn.
  await page.evaluate(press('ArrowRight').repeat(5));
  await until(`event ${first + 5}`, async () => (await place()) === first + 5);
  await until('another picture', async () => (await shown()) !== before);
  await page.evaluate(press('ArrowRight').repeat(3) + press('ArrowLeft').repeat(4));
  await until('one event back', async () => (await place()) === first + 4);
  const there = first + 4;
  // In another view the time is the same, and keys count the same.
  await show(page, `#/events@${there}`);
  await until('the events', async () => (await page.evaluate<string>('location.hash')).startsWith('#/events'));
  // Until its heading is there, the view before it has the keys.
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  await until('the time that was', async () => (await place()) === there);
  await page.evaluate(press('ArrowRight').repeat(5));
  await until('five events on', async () => (await place()) === there + 5);
  await show(page, `#/recording@${there}`);
  await slider.waitFor();
  const box = await slider.boundingBox();
  if (box === null) throw new Error('the slider is not there');
  await page.mouse.move(box.x + 4, box.y + box.height / 2);
  await page.mouse.down();
  const places: number[] = [];
  for (let step = 1; step <= 20; step++) {
    await page.mouse.move(box.x + (box.width * step) / 21, box.y + box.height / 2);
    places.push(await place());
  }
  await page.mouse.up();
  await until('the end', async () => (await place()) > there);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(await seriousFindings(page)).toEqual([]);
  expect(await page.content()).not.toContain('4111111111111111');
});
