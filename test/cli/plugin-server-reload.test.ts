import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { messageOfStream, openSession, post, rpc } from '../fixtures/hosting/raw-http.js';
import { callTool, folderWith, http, start } from '../fixtures/manager/managers.js';
import { cli, freePort, startNode, startPluginServerProcess } from '../fixtures/processes/processes.js';
import { until } from '../fixtures/waiting.js';

const module = `export const Say = { create: ({ config }) => ({ handler: () => () => ({ metadata: { said: config.say, pid: process.pid } }) }) };\n`;

function yaml(plugins: Readonly<Record<string, string>>, more = ''): string {
  const entries = Object.entries(plugins).map(
    ([name, say]) => `  - { name: ${name}, kind: ./say.mjs#Say, hooks: [tool_pre_invoke], config: { say: ${say} } }\n`,
  );
  return `plugins:\n${entries.join('')}${more}`;
}

/** A real server, a session of a client, and a manager whose plugin Kept it serves. */
async function world() {
  const folder = folderWith({ 'say.mjs': module, 'plugins.yaml': yaml({ Kept: 'hello', Changed: 'one' }) });
  const config = join(folder, 'plugins.yaml');
  const port = await freePort();
  const server = await startPluginServerProcess(config, port);
  const url = `http://127.0.0.1:${port}/mcp`;
  const session = await openSession(url);
  const call = async (tool: string, args: object): Promise<string> => {
    const { body, status } = await post(url, rpc(2, 'tools/call', { name: tool, arguments: args }), {
      'mcp-session-id': session,
      'mcp-protocol-version': '2025-06-18',
    });
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return JSON.stringify(messageOfStream(body));
  };
  return { config, server, url, call };
}

it('SIGHUP changes the plugins that a server serves; the process, its sessions and its listener stay', async () => {
  const { config, server, url, call } = await world();
  const entry = { name: 'Kept', kind: 'external', hooks: ['tool_pre_invoke'], mcp: http(url) };
  const host = await start({ config: { plugins: [entry] } });
  const before = await callTool(host, 't');
  expect(before.metadata).toEqual({ said: 'hello', pid: server.child.pid });

  writeFileSync(config, yaml({ Kept: 'hello', Changed: 'two', New: 'new' }, 'server_settings: { port: 1 }\n'));
  server.child.kill('SIGHUP');
  await until('the new list is served', async () => (await call('get_plugin_configs', {})).includes('New'));
  expect(await call('get_plugin_config', { name: 'Changed' })).toContain('two');
  expect((await callTool(host, 't')).metadata).toEqual(before.metadata);
  expect(host.connections).toMatchObject([{ name: 'Kept', state: expect.stringMatching(/^ready/), attempt: 1 }]);

  // What cannot be read changes nothing.
  writeFileSync(config, 'plugins: [');
  server.child.kill('SIGHUP');
  await until('the log says so', () => server.stderr().includes('nothing was reloaded'));
  expect(await call('get_plugin_configs', {})).toContain('New');
  expect(server.child.exitCode).toBe(null);
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
});

it('SIGHUP while the plugins of a server start is heard, and followed when they have', async () => {
  const slow = `import { existsSync, writeFileSync } from 'node:fs';
const go = new URL('go', import.meta.url);
export const Slow = { create: () => ({
  initialize: async () => {
    writeFileSync(new URL('starting', import.meta.url), '');
    while (!existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 10));
  },
  handler: () => () => undefined,
}) };
`;
  const entry = (name: string): string => `{ name: ${name}, kind: ./slow.mjs#Slow, hooks: [tool_pre_invoke] }`;
  const folder = folderWith({ 'slow.mjs': slow, 'plugins.yaml': `plugins: [${entry('First')}]\n` });
  const config = join(folder, 'plugins.yaml');
  const port = await freePort();
  const args = ['--transport', 'http', '--port', String(port), '--config', config];
  const server = startNode([cli, 'plugin-server', ...args], { env: { PLUGINS_LOG_LEVEL: 'info' } });
  await until('it is starting', () => existsSync(join(folder, 'starting')));
  writeFileSync(config, `plugins: [${entry('First')}, ${entry('Second')}]\n`);
  server.child.kill('SIGHUP');
  writeFileSync(join(folder, 'go'), '');
  await until('it has reloaded', () => server.stderr().includes('the plugins were reloaded'));
  expect(server.stderr()).toContain('1 added, 1 unchanged');
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
});
