import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, it } from 'vitest';
import { readServers } from '../../src/downstream/servers-file/read-servers.js';
import { readRules } from '../../src/gateway/rules/read-rules.js';
import { cleanups } from '../fixtures/cleanups.js';
import { repository } from '../fixtures/manager/managers.js';
import { folderWithInstall, installServer } from '../fixtures/processes/local-install.js';
import { cli, freePort, startNode } from '../fixtures/processes/processes.js';
import { until } from '../fixtures/waiting.js';

const page = readFileSync(join(repository, 'docs/guides/put-a-gateway-in-front.md'), 'utf8');
const example = join(repository, 'docs/examples/gateway');
const read = (file: string) => readFileSync(join(example, file), 'utf8');
const files = ['servers.json', 'rules.json', 'mcp.json', 'vscode-mcp.json', 'http-client.json'];

/** A folder of somebody who followed the guide; its servers are installed, so that npx downloads nothing. */
function project(): string {
  const folder = folderWithInstall({});
  for (const file of files) cpSync(join(example, file), join(folder, file));
  installServer(folder, '@modelcontextprotocol/server-filesystem', 'mcp-server-filesystem');
  installServer(folder, '@modelcontextprotocol/server-memory', 'mcp-server-memory');
  return folder;
}

const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

it('the guide on gateways shows its files as they are, and they can be used', () => {
  const shown = [...page.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, text]) => text);
  expect(shown).toEqual(files.map(read));
  const servers = readServers(join(example, 'servers.json'), { strict: true });
  expect(servers.issues).toEqual([]);
  const rules = readRules(join(example, 'rules.json'), { strict: true });
  expect(rules.issues.map(({ path }) => path)).toEqual(['defaults.deny_on_missing_agent']);
  expect(rules.unconfigured(servers.entries.map(({ name }) => name))).toEqual([]);
});

it.each([
  ['mcp.json', 'mcpServers'],
  ['vscode-mcp.json', 'servers'],
])(
  'a client that starts the gateway by %s has both servers, as the rules say',
  async (file, root) => {
    const folder = project();
    const { command, args } = JSON.parse(read(file).replaceAll('${workspaceFolder}', folder))[root].gateway;
    const client = new Client({ name: 'guide', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command,
        args,
        cwd: folder,
        env: { ...getDefaultEnvironment(), HOME: folder },
        stderr: 'ignore',
      }),
    );
    cleanups.push(() => client.close());
    expect((await names(client)).toSorted()).toEqual([
      'execute_tool',
      'get_server_tools',
      'list_servers',
      'search_tools',
    ]);
    const call = (args: Record<string, unknown>) => client.callTool({ name: 'execute_tool', arguments: args });
    expect(JSON.stringify(await call({ server: 'files', tool: 'list_directory', args: { path: folder } }))).toContain(
      'rules.json',
    );
    expect(await call({ server: 'memory', tool: 'read_graph' })).toMatchObject({ isError: true });
    expect(await call({ agent_id: 'researcher', server: 'memory', tool: 'read_graph' })).toMatchObject({
      isError: false,
    });
  },
  60_000,
);

it('a client reaches it over HTTP with the token, and not without', async () => {
  const folder = project();
  const port = await freePort();
  const commands = [...page.matchAll(/^npx gatechart (serve .*)$/gm)].map(([, command = '']) => command);
  expect(commands).toHaveLength(1);
  const args = [...(commands[0] ?? '').split(' '), '--port', `${port}`];
  const token = 'a-token-of-this-test';
  const gateway = startNode([cli, ...args], { cwd: folder, env: { HOME: folder, GATECHART_TOKEN: token } });
  await until('the gateway listens', () => gateway.stderr().includes('serves agents'));
  const { url, headers } = JSON.parse(
    read('http-client.json').replace('${GATECHART_TOKEN}', token).replace('8000', `${port}`),
  ).mcpServers.gateway;
  const connect = async (sent: Record<string, string>) => {
    const client = new Client({ name: 'guide', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: sent } }));
    cleanups.push(() => client.close());
    return names(client);
  };
  expect(await connect(headers)).toContain('execute_tool');
  await expect(connect({})).rejects.toThrow();
}, 30_000);
