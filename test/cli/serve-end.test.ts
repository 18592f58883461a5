import { join } from 'node:path';
import { expect, it } from 'vitest';
import { initialize, rpc } from '../fixtures/hosting/raw-http.js';
import { folderWith, repository } from '../fixtures/manager/managers.js';
import { descendantsOf, isRunning } from '../fixtures/processes/process-table.js';
import { cli, type Running, startNode } from '../fixtures/processes/processes.js';
import { eventually } from '../fixtures/waiting.js';

// These run the build.
const stubborn = {
  command: 'sh',
  // `; true` keeps the shell in between, as npx does.
  args: ['-c', `"${process.execPath}" "${join(repository, 'test/fixtures/servers/stdio-plugin-server.mjs')}"; true`],
  env: { IGNORE_SIGTERM: '1' },
};

const call = (id: number, tool: string, args: object = {}): string =>
  `${JSON.stringify(rpc(id, 'tools/call', { name: 'execute_tool', arguments: { server: 'a', tool, args } }))}\n`;

/** A gateway over stdio with a server that heeds no SIGTERM, a grandchild of that and a call under way. */
async function serveStubborn(): Promise<{ running: Running; pids: readonly number[] }> {
  const folder = folderWith({ 'servers.json': JSON.stringify({ mcpServers: { a: stubborn } }) });
  const running = startNode([cli, 'serve', '--servers', join(folder, 'servers.json')], { cwd: folder, stdin: 'pipe' });
  const { stdin, pid = 0 } = running.child;
  stdin?.write(`${JSON.stringify(initialize)}\n${call(2, 'grandchild')}`);
  await eventually('the grandchild is there', () => running.stdout().includes('"id":2'));
  const pids = descendantsOf(pid);
  // The shell, its server, and the shell and the process below that.
  expect(pids.length).toBeGreaterThanOrEqual(4);
  return { running, pids };
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'a gateway that is ended by %s ends with code 0, and with it all that it started',
  async (signal) => {
    const { running, pids } = await serveStubborn();
    running.child.kill(signal);
    expect(await running.ended).toMatchObject({ code: 0, signal: null });
    expect(pids.filter(isRunning)).toEqual([]);
  },
);

it('a gateway whose client closes its input answers what is under way, and ends with all that it started', async () => {
  const { running, pids } = await serveStubborn();
  running.child.stdin?.end(call(3, 'sleep', { ms: 300 }));
  expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('"id":3') });
  expect(pids.filter(isRunning)).toEqual([]);
});

it('a gateway that is told to end under a call that does not answers that call, and ends', async () => {
  const { running, pids } = await serveStubborn();
  running.child.stdin?.write(call(3, 'sleep', { ms: 600_000 }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/"code":"CANCELLED"[^\n]*"id":3|"id":3[^\n]*"code":"CANCELLED"/),
  });
  expect(pids.filter(isRunning)).toEqual([]);
}, 30_000);

it('a gateway whose client is killed ends by itself, with all that it started, also under a call', async () => {
  const folder = folderWith({
    'servers.json': JSON.stringify({ mcpServers: { a: stubborn } }),
    'client.mjs': `
import { spawn } from 'node:child_process';
const [cli, servers, ...lines] = process.argv.slice(2);
const gateway = spawn(process.execPath, [cli, 'serve', '--servers', servers], { stdio: ['pipe', 'pipe', 'ignore'] });
gateway.stdout.pipe(process.stdout);
gateway.stdin.write(lines.join(''));
`,
  });
  const lines = [`${JSON.stringify(initialize)}\n`, call(2, 'grandchild'), call(3, 'sleep', { ms: 600_000 })];
  const client = startNode([join(folder, 'client.mjs'), cli, join(folder, 'servers.json'), ...lines], { cwd: folder });
  await eventually('the grandchild is there', () => client.stdout().includes('"id":2'));
  const pids = descendantsOf(client.child.pid ?? 0);
  expect(pids.length).toBeGreaterThanOrEqual(5);
  client.child.kill('SIGKILL');
  const killed = performance.now();
  while (pids.some(isRunning)) {
    if (performance.now() - killed > 25_000) throw new Error(`left: ${pids.filter(isRunning).join()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}, 40_000);
