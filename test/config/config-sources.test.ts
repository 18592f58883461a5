import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { refusalOf, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file that cannot be read', () => {
  it.each([
    ['no-such.yaml', 'no-such.yaml cannot be read: there is no such file; give the path of a configuration file'],
    ['.', '. cannot be read: it is a directory; give the path of a configuration file'],
  ])('%s', (file, message) => {
    const error = refusalOf(() => loadConfig(file, { env: {}, cwd: folder }));
    expect([error.code, error.message, error.issues]).toEqual(['CONFIG_UNREADABLE', message, []]);
  });

  it('is refused when it is not text', () => {
    writeFileSync(join(folder, 'latin1.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    const error = refusalOf(() => loadConfig('latin1.yaml', { env: {}, cwd: folder }));
    expect(error.message).toBe('latin1.yaml has 1 error\nlatin1.yaml: expected text in UTF-8, found other bytes');
  });

  it('is refused when it is too large, or grows too large', () => {
    writeFileSync(join(folder, 'large.yaml'), `# ${'x'.repeat(1_048_576)}`);
    expect(refusalOf(() => loadConfig('large.yaml', { env: {}, cwd: folder })).message).toBe(
      'large.yaml has 1 error\nlarge.yaml: expected at most 1048576 bytes, found more',
    );
    const grows = `{% for a in env.A.split(",") %}{% for b in env.A.split(",") %}# ${'x'.repeat(200)}\n{% endfor %}{% endfor %}`;
    expect(refusalOfFile(folder, grows, { A: ','.repeat(100) }).message).toBe(
      'f.yaml has 1 error\nf.yaml:1:1: the template expands to more than 1048576 characters',
    );
  });
});

describe('a bad object', () => {
  const cyclic: Record<string, unknown> = { name: 'a', kind: 'k' };
  cyclic['config'] = { self: cyclic };

  it.each<[string, object, string[]]>([
    ['a list', [], ['expected a map, found an empty list']],
    ['a class instance', { plugins: new Map() }, ['plugins: expected JSON data, found a Map object']],
    [
      'a date',
      { plugins: [{ name: 'a', kind: 'k', config: { at: new Date(0) } }] },
      ['plugins[0].config.at: expected JSON data, found a Date object'],
    ],
    [
      'a function',
      { plugins: [{ name: 'a', kind: 'k', config: { run: () => 1 } }] },
      ['plugins[0].config.run: expected JSON data, found a function'],
    ],
    [
      'a cycle',
      { plugins: [cyclic] },
      ['plugins[0].config.self: expected data without cycles, found a value that contains itself'],
    ],
    [
      'a prototype',
      { plugins: [{ name: 'a', kind: 'k', config: JSON.parse('{"__proto__": {"x": 1}}') as unknown }] },
      ['plugins[0].config.__proto__: this key is not allowed'],
    ],
    [
      'duplicate names',
      {
        plugins: [
          { name: 'A', kind: 'k' },
          { name: 'a', kind: 'k' },
        ],
      },
      [
        'plugins[1].name: expected a name no other plugin has (upper and lower case count as the same), found the string "a", as in plugins[0].name',
      ],
    ],
  ])('%s', (_, source, messages) => {
    const error = refusalOf(() => loadConfig(source, { env: {}, cwd: folder }));
    expect(error.message.split('\n').slice(1)).toEqual(messages);
    expect(error.message.split('\n')[0]).toBe('the configuration has 1 error');
  });
});

describe('a bad environment', () => {
  it('is told for the settings that a file leaves to it', () => {
    const error = refusalOfFile(folder, 'plugins: []\n', {
      PLUGINS_PLUGIN_TIMEOUT: 'abc',
      PLUGINS_FAIL_ON_PLUGIN_ERROR: 'perhaps',
    });
    expect(error.message.split('\n')).toEqual([
      'the environment has 2 errors',
      'PLUGINS_PLUGIN_TIMEOUT: expected seconds, more than 0, found the string "abc"',
      'PLUGINS_FAIL_ON_PLUGIN_ERROR: expected true or false, found the string "perhaps"',
    ]);
  });
});
