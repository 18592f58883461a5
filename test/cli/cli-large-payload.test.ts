import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readJson } from '../../src/cli/json-file.js';
import { temporaryFolder } from '../fixtures/config/refusal.js';
import { rejection } from '../fixtures/waiting.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

it.each<[string, string]>([
  ['text', 'a'.repeat(40_000_000)],
  ['text with escapes', '\\n'.repeat(20_000_000)],
])('a payload file with long %s is read', async (_, text) => {
  const file = join(folder, 'long.json');
  writeFileSync(file, `{"x": "${text}"}`);
  const read = (await readJson(file)) as { readonly x: string };
  expect(read.x.length).toBeGreaterThan(10_000_000);
});

it('a folder is no payload', async () => {
  expect(await rejection(readJson(folder))).toMatchObject({
    code: 'PAYLOAD_INVALID',
    message: `${folder} cannot be read: it is a directory`,
  });
});
