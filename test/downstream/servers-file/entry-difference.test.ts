import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { changedKeys, sameEntry } from '../../../src/downstream/servers-file/entry-difference.js';
import { entryOf } from '../../fixtures/downstream/servers-folder.js';

const stdio = { command: 'x', env: { A: 'sesame' } };
const http = { url: 'http://x/mcp' };

it.each<[object, object, string[]]>([
  [stdio, { ...stdio, env: { A: 'other' } }, ['env']],
  [stdio, { ...stdio, args: ['a'], timeout: 5_000 }, ['args', 'timeout']],
  [stdio, { ...stdio, tools: { deny: ['a'] } }, ['tools']],
  [stdio, http, ['args', 'command', 'env', 'headers', 'type', 'url']],
  [http, { ...http, type: 'sse' }, ['type']],
  [http, { ...http, oauth: { clientId: 'a' } }, ['oauth']],
  [
    http,
    { ...http, headers: { A: 'b' }, connectTimeout: 1_000, idleTimeout: 2_000 },
    ['connectTimeout', 'headers', 'idleTimeout'],
  ],
  [{ url: 'unix:///a' }, { url: 'unix:///b' }, ['url']],
])('between %j and %j the keys that differ are named, without their values', (a, b, keys) => {
  expect(changedKeys(entryOf(a), entryOf(b))).toEqual(keys);
  expect(sameEntry(entryOf(a), entryOf(b))).toBe(false);
});

it('what is written in another order, or as a default, is the same', () => {
  const a = entryOf({ command: 'x', env: { A: '1', B: '2' }, timeout: 300_000 });
  const b = entryOf({ env: { B: '2', A: '1' }, command: '${C}' }, { env: { C: 'x' } });
  expect(sameEntry(a, b)).toBe(true);
  expect(changedKeys(a, b)).toEqual([]);
});

it('entries are the same exactly if no key differs', () => {
  const entry = fc
    .record({
      command: fc.constantFrom('x', 'y'),
      args: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
      env: fc.dictionary(fc.constantFrom('A', 'B'), fc.constantFrom('1', '2'), { noNullPrototype: true }),
      timeout: fc.constantFrom(1_000, 2_000),
      replay: fc.constantFrom('never', 'once', ['a']),
    })
    .map((keys) => entryOf(keys));
  fc.assert(fc.property(entry, entry, (a, b) => sameEntry(a, b) === (changedKeys(a, b).length === 0)));
});
