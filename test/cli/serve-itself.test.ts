import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, it } from 'vitest';
import { cleanups } from '../fixtures/cleanups.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { descendantsOf } from '../fixtures/processes/process-table.js';
import { cli, gatechart } from '../fixtures/processes/processes.js';

const entry = (servers: string) => ({
  command: process.execPath,
  args: [cli, 'serve', '--face', 'transparent', '--servers', servers],
});
const file = (servers: object) => JSON.stringify({ mcpServers: servers });

async function clientOf(folder: string, servers: string) {
  const transport = new StdioClientTransport({
    ...entry(servers),
    cwd: folder,
    env: { HOME: folder },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  cleanups.push(() => client.close());
  return { client, pid: transport.pid ?? 0 };
}

it('a gateway whose servers file names the gateway itself does not start gateways without end', async () => {
  const folder = folderWith({ '.mcp.json': file({ gateway: entry('.mcp.json') }) });
  const { client, pid } = await clientOf(folder, '.mcp.json');
  expect((await client.listTools()).tools).toEqual([]);
  expect(descendantsOf(pid).length).toBeLessThan(2);
}, 60_000);

it('it says so, and a gateway behind another one with a file of its own starts', async () => {
  const folder = folderWith({
    'outer.json': file({ inner: entry('inner.json'), self: entry('outer.json') }),
    'inner.json': file({}),
  });
  const variable = { GATECHART_GATEWAYS: JSON.stringify([`${folder}/outer.json`]) };
  const env = { HOME: folder, ...variable };
  const { code, stderr } = await gatechart(['serve', '--servers', 'outer.json'], { cwd: folder, env });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/outer\.json has this gateway among its servers.*put the servers behind/),
  });
  expect(await gatechart(['serve', '--servers', 'inner.json'], { cwd: folder, env })).toMatchObject({ code: 0 });
}, 30_000);
