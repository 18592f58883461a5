import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { startInspectorServer } from '../../src/inspect/live/serve/inspector-server.js';
import { silentLogger } from '../../src/observability/logger.js';
import { systemClock } from '../../src/time/clock.js';
import { SampleRecording } from '../fixtures/inspect/sample-recording.js';
import { SampleSource } from '../fixtures/inspect/sample-source.js';
import { openPage, startBrowser } from './fixtures/browser.js';
import { palettePng } from './fixtures/palette-png.js';

// Makes the pictures of the guides anew: the sample, which is the same each time, at one moment.

const folder = fileURLToPath(new URL('../../docs/guides/inspector', import.meta.url));

/** Bytes that a picture may have. */
const mostBytes = 150_000;

const laptop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

const pictures = [
  ['overview', '#/overview', laptop],
  ['connections', '#/connections', laptop],
  ['connection', '#/connections/connection:github', laptop],
  ['invocation', '#/invocations/inv184216', laptop],
  ['sequence', '#/invocations/inv184216?tab=sequence', laptop],
  ['plugins', '#/plugins', laptop],
  ['events', '#/events', laptop],
  ['machines', '#/machines', laptop],
  ['recording', '#/recording@207', laptop],
  ['phone', '#/overview', phone],
] as const;

/** The page without its clock running: frames are drawn, and no second passes. */
async function picture(
  browser: Browser,
  [name, hash, viewport]: (typeof pictures)[number],
  colorScheme: 'light' | 'dark',
): Promise<void> {
  const source =
    name === 'recording' ? new SampleRecording() : new SampleSource({ elapsed: () => 1_000, control: true });
  const server = await startInspectorServer({
    source,
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: silentLogger,
  });
  try {
    const options = { hash, viewport, colorScheme, isStill: true } as const;
    const { page, errors } = await openPage(browser, server.url(), options);
    await page.waitForTimeout(1_500);
    const png = palettePng(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
    if (errors.length > 0) throw new Error(`${name}: ${errors.join(', ')}`);
    if (png.length > mostBytes) throw new Error(`${name}-${colorScheme}.png has ${png.length} bytes`);
    writeFileSync(join(folder, `${name}-${colorScheme}.png`), png);
    process.stdout.write(`${name}-${colorScheme}.png ${png.length} bytes\n`);
    await page.context().close();
  } finally {
    await server.close();
  }
}

mkdirSync(folder, { recursive: true });
const browser = await startBrowser();
try {
  for (const one of pictures) for (const scheme of ['light', 'dark'] as const) await picture(browser, one, scheme);
} finally {
  await browser.close();
}
