import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const built = new URL('../../../dist/src/inspect/live/page/page.html', import.meta.url);

it('the page as it is built has under 80,000 bytes gzipped', () => {
  const page = readFileSync(built);
  expect(page.toString()).toMatch(/^<!doctype html>.*<script>.*<\/script><\/body><\/html>$/s);
  expect(gzipSync(page, { level: 9 }).length).toBeLessThan(80_000);
});
