import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ServerEntry, ServerReach } from '../../../src/downstream/server-entry.js';
import { entryOf, folder, warningsOf } from '../../fixtures/downstream/servers-folder.js';

const stdio = { command: 'node' };
const reachOf = (keys: object): ServerReach => entryOf(keys).reach;

describe('a server with a command', () => {
  it('has the defaults', () => {
    expect(entryOf(stdio)).toEqual({
      name: 's',
      description: undefined,
      alias: undefined,
      reach: { kind: 'stdio', command: 'node', args: [], env: {}, cwd: undefined },
      connectTimeoutMs: 60_000,
      timeoutMs: 300_000,
      idleTimeoutMs: undefined,
      eager: false,
      isolation: 'shared',
      replay: 'never',
      trustAnnotations: false,
      maxResponseBytes: undefined,
      maxConcurrent: 50,
      pin: 'off',
      tools: { allow: undefined, deny: undefined },
      forwardHeaders: [],
      protocol: 'legacy',
      roots: undefined,
    } satisfies ServerEntry);
  });

  it('takes arguments, variables and a folder', () => {
    mkdirSync(join(folder, 'work'), { recursive: true });
    const keys = { ...stdio, type: 'stdio', args: ['a', ''], env: { A: '1', constructor: 'x' }, cwd: 'work' };
    expect(reachOf(keys)).toEqual({
      kind: 'stdio',
      command: 'node',
      args: ['a', ''],
      env: { A: '1', constructor: 'x' },
      cwd: join(folder, 'work'),
    });
    expect(warningsOf(keys)).toEqual([]);
  });

  it('looks for its folder beside the file, then in the working directory, and under ~ in the home directory', () => {
    mkdirSync(join(folder, 'elsewhere', 'only-there'), { recursive: true });
    const elsewhere = { cwd: join(folder, 'elsewhere'), baseDir: folder };
    const folderOf = (cwd: string): unknown => {
      const { reach } = entryOf({ ...stdio, cwd }, { baseDir: folder, home: join(folder, 'elsewhere') });
      return reach.kind === 'stdio' ? reach.cwd : undefined;
    };
    expect(folderOf('work')).toBe(join(folder, 'work'));
    expect(folderOf('~/only-there')).toBe(join(folder, 'elsewhere', 'only-there'));
    expect(elsewhere.baseDir).toBe(folder);
    expect(warningsOf({ ...stdio, cwd: 'none' })).toEqual([
      '3 mcpServers.s.cwd: there is no such directory now, and the server cannot start without it',
    ]);
  });
});
