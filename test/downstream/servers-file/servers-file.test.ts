import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readServers } from '../../../src/downstream/servers-file/read-servers.js';
import { refusalOf } from '../../fixtures/config/refusal.js';
import { folder, readText } from '../../fixtures/downstream/servers-folder.js';

const messagesOf = (text: string): string[] =>
  refusalOf(() => readText(text))
    .message.split('\n')
    .slice(1);

describe('a servers file', () => {
  it.each(['mcpServers', 'servers'])('has its servers under %s, in its order', (root) => {
    const read = readText(`{ // of a client
      "${root}": { "b": {"command": "x"}, "7": {"command": "x"}, "a": {"command": "x"}, },
    }`);
    expect(read.entries.map(({ name }) => name)).toEqual(['b', '7', 'a']);
    expect(read.issues).toEqual([]);
    expect(read.files).toEqual([join(folder, 'servers.json')]);
  });

  it('may have none', () => {
    expect(readText('{"mcpServers": {}}')).toMatchObject({ entries: [], broken: [], disabled: [], issues: [] });
  });

  it.each([
    ['[]', 'servers.json:1:1: expected a map with `mcpServers`, found an empty list'],
    ['"sesame"', 'servers.json:1:1: expected a map with `mcpServers`, found a string of 6 characters'],
    ['{}', 'servers.json:1:1 mcpServers: is missing; expected a map of servers'],
    [
      '{"mcpservers": {}}',
      'servers.json:1:1 mcpServers: is missing, but there is "mcpservers"; expected a map of servers',
    ],
    ['{"mcpServers": []}', 'servers.json:1:16 mcpServers: expected a map of servers, found an empty list'],
    ['{"mcpServers": null}', 'servers.json:1:16 mcpServers: expected a map of servers, found null'],
    [
      '{"mcpServers": {}, "servers": {}}',
      'servers.json:1:20 servers: says what `mcpServers` says; put all servers under one of the two',
    ],
    [
      '{"mcpServers": {}, "serverDefaults": {"timeout": 1}}',
      'servers.json:1:20 serverDefaults: defaults of all servers are not supported; write its keys into each server',
    ],
    ['{"mcpServers": {},, }', 'servers.json:1:19: expected a key in double quotes, found `,`'],
  ])('is refused: %s', (text, message) => {
    expect(messagesOf(text)).toEqual([message]);
  });

  it('says of other keys that nothing reads them, strictly so if told to', () => {
    const text =
      '{"$schema": "x", "inputs": [{"id": "k"}], "serverDefaults": {}, "imputs": 1, "theme": 1, "servers": {}}';
    expect(readText(text).issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'inputs: has no effect: nobody is asked here; set environment variables in place of `${input:ID}`',
      'imputs: unknown key; did you mean `inputs`?',
      'theme: unknown key; nothing reads it',
    ]);
    expect(refusalOf(() => readText(text, { strict: true })).message).toContain('servers.json has 2 errors');
  });

  it('that is not there, or is a folder, is told as such', () => {
    expect(refusalOf(() => readServers('none.json', { cwd: folder })).message).toBe(
      'none.json cannot be read: there is no such file; give the path of a configuration file',
    );
    expect(refusalOf(() => readServers(folder)).code).toBe('CONFIG_UNREADABLE');
  });

  it('is found by path, from home, and by URL', () => {
    writeFileSync(join(folder, 'some.json'), '{"servers": {"a": {"command": "${HOME_OF_IT}"}}}');
    const env = { HOME_OF_IT: 'x' };
    const file = join(folder, 'some.json');
    for (const [source, options] of [
      [file, {}],
      ['~/some.json', { home: folder }],
      ['some.json', { cwd: folder }],
      [pathToFileURL(file), {}],
    ] as const) {
      expect(readServers(source, { env, ...options }).entries[0]?.name).toBe('a');
    }
  });

  it('may be an object of a program', () => {
    const read = readServers({ mcpServers: { a: { command: 'x', cwd: 'sub' }, b: 5 } }, { env: {}, cwd: folder });
    expect(read.entries[0]?.reach).toMatchObject({ cwd: join(folder, 'sub') });
    expect(read.broken).toEqual([
      { name: 'b', description: undefined, error: 'mcpServers.b: expected a map of keys, found a number' },
    ]);
    expect(refusalOf(() => readServers({ mcpServers: { a: new Map() } })).message).toContain('found a Map object');
    expect(refusalOf(() => readServers([])).message).toContain('expected a map with `mcpServers`');
  });

  it('takes the environment, the home and the working directory of the process unless told otherwise', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'gatechart-elsewhere-'));
    try {
      writeFileSync(
        join(elsewhere, 's.json'),
        '{"servers": {"a": {"command": "${PATH}", "args": ["${workspaceFolder}"]}}}',
      );
      const { entries } = readServers(join(elsewhere, 's.json'));
      expect(entries[0]?.reach).toMatchObject({ command: process.env['PATH'], args: [elsewhere] });
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});

describe('the name of a server', () => {
  it.each(['a', 'two words', '__proto__', 'constructor', 'ünï', '💡', 'x'.repeat(128)])('may be %j', (name) => {
    const { entries } = readText(`{"mcpServers": {${JSON.stringify(name)}: {"command": "x"}}}`);
    expect(entries.map((entry) => entry.name)).toEqual([name]);
  });

  it.each([
    ['', 'expected a name, found none'],
    [' ', 'expected a name, found none'],
    ['a\nb', 'expected a name without control characters, found one with some'],
    ['a\u2028b', 'expected a name without control characters, found one with some'],
    ['\ud800', 'expected a name without control characters, found one with some'],
    ['x'.repeat(129), 'expected a name of at most 128 characters, found 129'],
  ])('may not be %j', (name, message) => {
    const { broken } = readText(`{"mcpServers": {${JSON.stringify(name)}: {"command": "x"}}}`);
    expect(broken).toHaveLength(1);
    expect(broken[0]?.name).toBe(name);
    expect(broken[0]?.error).toContain(message);
  });

  it('of a variable or a header may not be __proto__, which readers pass over', () => {
    const { broken } = readText('{"mcpServers": {"s": {"command": "x", "env": {"__proto__": "x"}}}}');
    expect(broken[0]?.error).toBe('servers.json:1:47 mcpServers.s.env.__proto__: this key is not allowed');
  });
});
