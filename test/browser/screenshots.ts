import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import type { SinceAnswer } from '../../src/inspect/live/feed/live-source.js';
import { startInspectorServer } from '../../src/inspect/live/serve/inspector-server.js';
import { silentLogger } from '../../src/observability/logger.js';
import { systemClock } from '../../src/time/clock.js';
import { SampleRecording } from '../fixtures/inspect/sample-recording.js';
import { SampleSource } from '../fixtures/inspect/sample-source.js';
import { openPage, settled, startBrowser } from './fixtures/browser.js';
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

/** Whether the first delta comes before a picture is taken or after it, it changes nothing. */
class StillSource extends SampleSource {
  override since(seq: number, most: number): SinceAnswer | undefined {
    const answer = super.since(seq, most);
    if (answer === undefined) return undefined;
    const { actors: _actors, seconds: _seconds, ...delta } = answer.delta;
    return { ...answer, delta };
  }
}

/** The page without its clock running: frames are drawn, and no second passes. */
async function picture(
  browser: Browser,
  [name, hash, viewport]: (typeof pictures)[number],
  colorScheme: 'light' | 'dark',
): Promise<void> {
  const source =
    name === 'recording' ? new SampleRecording() : new StillSource({ elapsed: () => 1_000, control: true });
  const server = await startInspectorServer({
    source,
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: silentLogger,
  });
  try {
    const options = { hash, viewport, colorScheme, isStill: true, reducedMotion: 'reduce' } as const;
    const { page, errors } = await openPage(browser, server.url(), options);
    await settled(page);
    await page.evaluate('document.fonts.ready');
    // What is asked for again comes a third of a second later.
    await page.waitForTimeout(800);
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
// What is drawn in pieces, or by several at once, is not the same each time.
const browser = await startBrowser([
  '--disable-gpu',
  '--disable-lcd-text',
  '--disable-partial-raster',
  '--num-raster-threads=1',
]);
try {
  for (const one of pictures) for (const scheme of ['light', 'dark'] as const) await picture(browser, one, scheme);
} finally {
  await browser.close();
}
