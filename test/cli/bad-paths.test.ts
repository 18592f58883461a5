import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { folderWith } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';

const { PATH } = process.env;
let folder = '';
beforeEach(() => {
  folder = folderWith({ note: 'kept', 'servers.json': '{"mcpServers": {}}', 'plugins.yaml': 'plugins: []\n' });
});

async function told(...args: string[]): Promise<{ code: unknown; stderr: string }> {
  const { code, stderr } = await gatechart(args, { cwd: folder, env: { PATH, HOME: folder, LOG_LEVEL: 'fatal' } });
  // What servers log of their start is not what is asked here.
  const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return { code, stderr: said.join('\n').replaceAll(folder, 'FOLDER') };
}

describe('a path or an address that cannot be used is told in words, and what is there is kept', () => {
  it.each<[string, string[], string]>([
    ['init into a file', ['init', 'note'], 'FOLDER/note cannot be written to: FOLDER/note is no folder; give a folder'],
    [
      'init below a file',
      ['init', '--plugin', 'note/mine'],
      'FOLDER/note/mine cannot be written to: FOLDER/note is no folder; give a folder',
    ],
    [
      'a recording below a file',
      ['serve', '--servers', 'servers.json', '--record', 'note/run.jsonl'],
      'gatechart serve: the recording note/run.jsonl cannot be written: note is no folder',
    ],
    [
      'a recording in no folder',
      ['serve', '--servers', 'servers.json', '--record', 'none/run.jsonl'],
      'gatechart serve: the recording none/run.jsonl cannot be written: there is no folder none',
    ],
    [
      'a recording of a failure that there may be, before it is looked for',
      ['simulate', '--record', 'servers.json', '--steps', '1'],
      'servers.json is there already, and is no recording: name another file',
    ],
    [
      'the same in no folder',
      ['simulate', '--record', 'none/run.jsonl', '--steps', '1'],
      'the recording none/run.jsonl cannot be written: there is no folder none',
    ],
    [
      'a path that is empty',
      ['check-config', ''],
      '"" cannot be read: there is no such file; give the path of a configuration file',
    ],
    [
      'a payload whose path is empty',
      ['invoke', '-c', 'plugins.yaml', '--hook', 'tool_pre_invoke', '--payload', ''],
      '"" cannot be read: there is no such file',
    ],
    [
      'a process to look into that is not there',
      ['top', '--once', '--url', 'http://127.0.0.1:1/#t=0YbqTzS6Q3mXh1n5cJ2r8A'],
      'The inspected process cannot be reached at http://127.0.0.1:1: bad port',
    ],
  ])('%s', async (_, args, message) => {
    expect(await told(...args)).toEqual({ code: 2, stderr: message });
    expect(readFileSync(`${folder}/note`, 'utf8')).toBe('kept');
  });

  it('serve --init, where the home is a file', async () => {
    const { code, stderr } = await gatechart(['serve', '--init'], {
      cwd: folder,
      env: { PATH, HOME: `${folder}/note` },
    });
    const where = `${folder}/note/.config/agent-mcp-gateway`;
    expect([code, stderr]).toEqual([2, `${where} cannot be written to: ${folder}/note is no folder; give a folder\n`]);
  });
});

describe('where nobody can listen, the start says why', () => {
  const serve = (...args: string[]) => told('plugin-server', '-c', 'plugins.yaml', ...args);

  it.each<[string, string[], string]>([
    [
      'a socket in no folder',
      ['--transport', 'unix', '--path', 'none/x.sock'],
      'Unix socket FOLDER/none/x.sock: there is no folder FOLDER/none; make it, or use another path',
    ],
    [
      'a socket below a file',
      ['--transport', 'http', '--uds', 'note/x.sock'],
      'Unix socket note/x.sock: note is no folder; make it, or use another path',
    ],
    [
      'an address of another machine',
      ['--transport', 'http', '--host', '192.0.2.1', '--port', '0'],
      'Cannot listen on 192.0.2.1:0: listen EADDRNOTAVAIL: address not available 192.0.2.1; this machine has no such address, give one that it has, like 127.0.0.1 or 0.0.0.0',
    ],
  ])('%s', async (_, args, message) => {
    expect(await serve(...args)).toEqual({ code: 1, stderr: `gatechart plugin-server: ${message}` });
  });
});
