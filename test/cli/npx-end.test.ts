import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endWithRunner } from '../../src/cli/runner-watch.js';
import { cleanups } from '../fixtures/cleanups.js';
import { repository } from '../fixtures/manager/managers.js';
import { folderWithInstall } from '../fixtures/processes/local-install.js';
import { descendantsOf, isRunning } from '../fixtures/processes/process-table.js';
import { freePort } from '../fixtures/processes/processes.js';
import { eventually, until } from '../fixtures/waiting.js';

it.each<[string, readonly string[]]>([
  ['npx', ['npx', 'gatechart', 'serve']],
  ['npm run', ['npm', 'run', 'gateway', '--']],
])(
  'a gateway behind %s ends with it, and with all that it started',
  async (_, [command = '', ...args]) => {
    const stub = {
      command: process.execPath,
      args: [join(repository, 'test/fixtures/servers/stdio-plugin-server.mjs')],
    };
    const folder = folderWithInstall({
      'package.json': '{ "private": true, "type": "module", "scripts": { "gateway": "gatechart serve" } }',
      'servers.json': JSON.stringify({ mcpServers: { a: stub } }),
    });
    const port = await freePort();
    const token = 'a-token-of-this-test';
    const options = ['--servers', 'servers.json', '--transport', 'http', '--port', String(port)];
    const child = spawn(command, [...args, ...options], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, GATECHART_TOKEN: token },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own, so that nothing outlives a test that fails.
      detached: true,
    });
    const pid = child.pid ?? 0;
    cleanups.push(async () => {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // None of it is left.
      }
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('the gateway listens', () => {
      if (child.exitCode !== null) throw new Error(said);
      return said.includes('serves agents');
    });
    const client = new Client({ name: 'test', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), { requestInit }));
    await client.callTool({ name: 'get_server_tools', arguments: { server: 'a' } });
    await client.close();
    const pids = descendantsOf(pid);
    // The shell, the gateway and its server.
    expect(pids.length).toBeGreaterThanOrEqual(3);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await eventually('nothing of it is left', () => pids.filter(isRunning).length === 0);
  },
  60_000,
);

describe('a command that looks after the shell it was started in', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const killed = (script: string | undefined, ppidLater: number): unknown[] => {
    const kill = vi.fn((): true => true);
    const env = script === undefined ? {} : { npm_lifecycle_script: script };
    const fake = { env, pid: 7, ppid: 5, kill };
    endWithRunner(fake);
    vi.advanceTimersByTime(1_000);
    expect(kill).not.toHaveBeenCalled();
    fake.ppid = ppidLater;
    vi.advanceTimersByTime(1_000);
    return kill.mock.calls;
  };

  it.each(["'gatechart'", 'gatechart', 'gatechart serve --servers x.json', 'npx gatechart serve'])(
    'ends as by SIGTERM, once, when that is gone: %s',
    (script) => {
      expect(killed(script, 1)).toEqual([[7, 'SIGTERM']]);
      expect(killed(script, 5)).toEqual([]);
    },
  );

  it.each([undefined, 'node main.js', 'gatechart serve --transport http &', 'my-gatechart serve'])(
    'leaves it alone where it is not started like that: %s',
    (script) => expect(killed(script, 1)).toEqual([]),
  );
});
