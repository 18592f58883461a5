import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createServerSet } from '../../src/downstream/create-server-set.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { eventually, rejection } from '../fixtures/waiting.js';

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'servers-'));
  cleanups.push(() => rm(made, { recursive: true, force: true }));
  return made;
}

function file(...names: string[]): string {
  return JSON.stringify({ mcpServers: Object.fromEntries(names.map((name) => [name, { command: 'node' }])) });
}

test('a file is followed: written, replaced, and where a link on the way leads elsewhere', async () => {
  const root = await folder();
  const [first, second, link] = ['one', 'two', 'data'].map((name) => path.join(root, name)) as [string, string, string];
  await writeFile(first, file('a'));
  await writeFile(second, file('a', 'c'));
  await symlink('one', link);
  await using set = await createServerSet({ servers: link, watch: true, logger: new RecordingLogger() });
  await writeFile(first, file('a', 'b'));
  await eventually('what was written is in force', () => set.names().join() === 'a,b');
  // As Kubernetes changes what it mounts: another link takes the place of the one that is read.
  await symlink('two', path.join(root, 'next'));
  await rename(path.join(root, 'next'), link);
  await eventually('the other file is in force', () => set.names().join() === 'a,c');
});

test('a file that cannot be read, or says nothing that can be understood, changes nothing, and says why', async () => {
  const logger = new RecordingLogger();
  const name = path.join(await folder(), '.mcp.json');
  await writeFile(name, file('a'));
  await using set = await createServerSet({ servers: name, watch: true, logger });
  await writeFile(name, '{ "mcpServers": { "a": ');
  await eventually('the error is told', () => logger.lines('error').join().includes('nothing was reloaded'));
  expect(set.names()).toEqual(['a']);
  expect(await rejection(set.reload())).toMatchObject({ code: 'CONFIG_INVALID' });
  await rm(name);
  expect(await rejection(set.reload())).toMatchObject({ code: 'CONFIG_UNREADABLE' });
  expect(set.names()).toEqual(['a']);
  await writeFile(name, file('a', 'b'));
  expect(await set.reload()).toEqual({ added: ['b'], removed: [], changed: [], unchanged: ['a'], broken: [] });
});

test.each([
  [{ servers: 7 }, 'options.servers is a number, expected a path, a file: URL or an object.'],
  [{ servers: {}, watch: true }, 'options.watch is for servers that come from a file.'],
  [{ servers: {}, maxStarts: 0 }, 'options.maxStarts: expected an integer, 1 or more, found 0'],
  [{ servers: {}, eagre: true }, 'createServerSet has no option eagre; did you mean eager?'],
])('%j is refused', async (options, message) => {
  expect(await rejection(createServerSet(options as never))).toMatchObject({ code: 'CONFIG_INVALID', message });
});
