import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KnownEntries } from '../../../src/downstream/servers-file/known-entries.js';
import { readServers } from '../../../src/downstream/servers-file/read-servers.js';
import { folderWith } from '../../fixtures/manager/managers.js';

const url = 'http://127.0.0.1:1/mcp';

/** Reads servers again and again, as the reloads of a set do. */
function reader(options: { readonly env?: NodeJS.ProcessEnv; readonly baseDir?: string } = {}) {
  const known = new KnownEntries();
  return (mcpServers: object) => readServers({ mcpServers }, { env: {}, ...options }, known);
}

test('an entry that says what it said is the same one, and one beside it that changed is another', () => {
  const read = reader();
  const [a, b] = read({ a: { url }, b: { url } }).entries;
  const again = read({ b: { url: `${url}?x` }, a: { url } }).entries;
  expect(again.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(again[1]).toBe(a);
  expect(again[0]).not.toBe(b);
  expect(again[0]?.reach).toMatchObject({ url: `${url}?x` });
});

test('an entry is another where a variable of it holds something else, though it is written the same', () => {
  const env: NodeJS.ProcessEnv = { TOKEN: 'one' };
  const folder = folderWith({ secret: 'x' });
  const read = reader({ env, baseDir: folder });
  const servers = { a: { url, headers: { t: '${TOKEN}' } }, b: { url, headers: { t: '${file:secret}' } } };
  const headers = () => read(servers).entries.map(({ reach }) => 'headers' in reach && reach.headers['t']);
  expect(headers()).toEqual(['one', 'x']);
  env['TOKEN'] = 'two';
  writeFileSync(join(folder, 'secret'), 'y');
  expect(headers()).toEqual(['two', 'y']);
});

test('what an entry leads to is read each time', () => {
  const folder = folderWith({ '.env': 'A=1\n' });
  const read = reader({ baseDir: folder });
  const servers = { a: { command: 'node', envFile: '.env' } };
  const variables = () => read(servers).entries.map(({ reach }) => 'env' in reach && reach.env);
  expect(variables()).toEqual([{ A: '1' }]);
  writeFileSync(join(folder, '.env'), 'A=2\n');
  expect(variables()).toEqual([{ A: '2' }]);
});

test('what is wrong with an entry is told each time', () => {
  const read = reader();
  const told = () => {
    const { broken, issues } = read({ a: { url: 'no url' }, b: { url, timeout: 5 }, c: { url } });
    return [broken.map(({ name }) => name), issues.length];
  };
  const first = told();
  expect(first).toEqual([['a'], 2]);
  expect(told()).toEqual(first);
});

test('an alias that another entry takes meanwhile is refused, though its entry is as it was', () => {
  const read = reader();
  expect(read({ a: { url, alias: 'x' } }).broken).toEqual([]);
  expect(read({ x: { url }, a: { url, alias: 'x' } }).broken.map(({ name }) => name)).toEqual(['a']);
});
