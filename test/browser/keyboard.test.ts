import { expect, it } from 'vitest';
import { viewNames } from '../../src/inspect/live/page/routes/route.js';
import { SampleSource } from '../fixtures/inspect/sample-source.js';
import { until } from '../fixtures/waiting.js';
import { browserForTests, drawn, show } from './fixtures/browser.js';
import { sampleInspector, servedInspector } from './fixtures/sample-inspector.js';

const browser = browserForTests();

it('the keys lead everywhere and back', async () => {
  const { server } = await sampleInspector();
  const { page } = await browser.open(server.url());
  const hash = (): Promise<string> => page.evaluate<string>('location.hash');
  for (const [index, view] of viewNames.entries()) {
    await page.keyboard.press(String(index + 1));
    await until(`the view ${view}`, async () => (await hash()).startsWith(`#/${view}`));
  }
  await page.keyboard.press('2');
  await page.getByRole('row').filter({ hasText: 'opa-policy' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await until('a connection', async () => /^#\/connections\/./.test(await hash()));
  await page.getByText('What can happen next').first().waitFor();
  await drawn(page);
  await page.keyboard.press('Escape');
  await until('the list again', async () => (await hash()) === '#/connections');
  await page.keyboard.press('/');
  await page.keyboard.type('1');
  expect(await hash()).toBe('#/connections');
  await page.keyboard.press('Escape');
  const theme = () =>
    page.evaluate<string>('getComputedStyle(document.body).backgroundColor + document.documentElement.dataset.theme');
  const before = await theme();
  await page.locator('main').click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('t');
  await until('another theme', async () => (await theme()) !== before);
  await page.keyboard.press(' ');
  await until('the time is held', async () => /@\d+/.test(await hash()));
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press(' ');
  await until('the time goes on', async () => !/@\d+/.test(await hash()));
  await page.keyboard.press('?');
  expect(await page.getByRole('dialog').innerText()).toMatch(/find[\s\S]*light or dark/);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
});

it.each(['#/overview', '#/connections/connection:github', '#/invocations/inv184216', '#/events'])(
  'what Tab reaches on %s has a name and is seen to have the focus, and nothing holds it',
  async (hash) => {
    const { server } = await sampleInspector({ control: true });
    const { page } = await browser.open(server.url(), { hash });
    // What comes in moves nothing meanwhile.
    await page.keyboard.press(' ');
    await show(page, await page.evaluate<string>('location.hash'));
    const reached: string[] = [];
    for (let press = 0; press < 200; press++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate<{ tag: string; name: string; isSeen: boolean; place: string }>(`(() => {
        const focused = document.activeElement;
        // A box around an input shows it for the input.
        const isShown = ({ outlineStyle, outlineWidth, boxShadow }) =>
          (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
        const around = [focused, focused.parentElement, focused.parentElement?.parentElement ?? focused];
        const name = focused.getAttribute('aria-label') ?? focused.textContent ?? '';
        const label = focused.labels?.[0]?.textContent ?? focused.getAttribute('aria-labelledby') ?? '';
        return {
          tag: focused.tagName,
          name: (name + label + (focused.getAttribute('placeholder') ?? '')).trim().slice(0, 60),
          isSeen: around.some((element) => isShown(getComputedStyle(element))),
          place: [...document.querySelectorAll('*')].indexOf(focused) + '',
        };
      })()`);
      if (focused.tag === 'BODY' || reached.includes(focused.place)) break;
      reached.push(focused.place);
      expect(focused).toMatchObject({ isSeen: true, name: expect.stringMatching(/./) });
    }
    expect(reached.length).toBeGreaterThan(8);
    expect(reached.length).toBeLessThan(200);
  },
);

it('with reduced motion nothing moves, and timers step once a second', async () => {
  const { server } = await sampleInspector();
  const still = await browser.open(server.url(), { hash: '#/connections/connection:github', reducedMotion: 'reduce' });
  const moving = await browser.open(server.url(), { hash: '#/connections/connection:github' });
  const steps = async (page: typeof still.page): Promise<number> => {
    await page.locator('.ring-arc').first().waitFor();
    const seen = new Set<string>();
    const end = performance.now() + 2_000;
    while (performance.now() < end) {
      seen.add(await page.evaluate<string>("document.querySelector('.ring-arc').style.strokeDashoffset"));
      await page.waitForTimeout(40);
    }
    return seen.size;
  };
  expect(await steps(still.page)).toBeLessThanOrEqual(4);
  expect(await steps(moving.page)).toBeGreaterThan(6);
  const running = "document.getAnimations().filter(({ playState }) => playState === 'running').length";
  expect(await still.page.evaluate<number>(running)).toBe(0);
});

it('with reduced motion ribbons are drawn though no second passes, and drawn anew in other colours', async () => {
  const { server } = await servedInspector(new SampleSource({ elapsed: () => 1_000 }));
  const options = { hash: '#/connections', reducedMotion: 'reduce', isStill: true } as const;
  const { page } = await browser.open(server.url(), options);
  const picture = () =>
    page.evaluate<string>(`(() => {
      const canvas = document.querySelector('canvas.ribbon');
      if (canvas === null) return '';
      const blank = document.createElement('canvas');
      [blank.width, blank.height] = [canvas.width, canvas.height];
      return canvas.toDataURL() === blank.toDataURL() ? '' : canvas.toDataURL();
    })()`);
  await until('a ribbon', async () => (await picture()) !== '');
  const before = await picture();
  await page.keyboard.press('t');
  await until('other colours', async () => ![before, ''].includes(await picture()));
});
