import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectorCli, newNode } from '../tools.js';
import { type House, openHouse } from './house.js';

const run = promisify(execFile);

let house: House;
let folder: string;
beforeAll(async () => {
  house = await openHouse();
  folder = await mkdtemp(path.join(tmpdir(), 'inspector-'));
  await writeFile(path.join(folder, 'gateway.json'), JSON.stringify({ mcpServers: { gateway: house.command } }));
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const targets = {
  'over stdio': () => ['--config', path.join(folder, 'gateway.json'), '--server', 'gateway'],
  'over HTTP': () => [house.url, '--transport', 'http'],
};

describe.each(Object.entries(targets))('the command line of the inspector %s', (_name, target) => {
  const ask = async (...args: string[]): Promise<string> =>
    (await run(newNode, [inspectorCli, '--cli', ...target(), '--method', ...args])).stdout;

  test('lists tools', async () => {
    expect(await ask('tools/list')).toContain('"files__read_text_file"');
  });

  test('calls a tool', async () => {
    expect(await ask('tools/call', '--tool-name', 'suite__test_simple_text')).toContain('Nothing but a text.');
  });

  test('gets a prompt', async () => {
    expect(await ask('prompts/get', '--prompt-name', 'suite__test_simple_prompt')).toContain('A prompt without more');
  });

  test('reads a resource', async () => {
    expect(await ask('resources/read', '--uri', 'test://static-text')).toContain('stays the same');
  });
});
