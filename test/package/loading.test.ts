import { afterEach, expect, it } from 'vitest';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { loadedPackages } from '../fixtures/package/loaded-packages.js';
import { cli } from '../fixtures/processes/processes.js';

// What is built, as users have it. zod and XState are in it already; what is listed is loaded beside them.

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const loadedBy = (program: string): Promise<string[]> =>
  loadedPackages(['--input-type=module', '--eval', program], undefined);

const inProcess = (config: string, options = 'logger: silentLogger'): string => `
  import { createManager, definePlugin, silentLogger } from 'gatechart';
  const tag = definePlugin({ hooks: { tool_pre_invoke: ({ name }) => ({ metadata: { name } }) } });
  const manager = await createManager({ kinds: { tag }, env: { WORD: 'x' }, config: ${config}, ${options} });
  const { metadata } = await manager.invokeHook('tool_pre_invoke', { name: 'search' }, { requestId: '1' });
  if (metadata.name !== 'search') throw new Error('the plugin did not run');
  await manager.close();
`;

const entry = "{ name: 'Tag', kind: 'tag', hooks: ['tool_pre_invoke'] }";

/** What a plugin over HTTP needs, and a gateway. */
const mcp = [
  '@modelcontextprotocol/sdk',
  'ajv',
  'ajv-formats',
  'fast-deep-equal',
  'fast-uri',
  'ipaddr.js',
  'json-schema-traverse',
  'tldts',
  'tough-cookie',
  'undici',
  'zod',
  'zod-to-json-schema',
];

it.each(['gatechart', 'gatechart/machines', 'gatechart/plugins', 'gatechart/testing'])(
  'an import of %s loads no package',
  async (specifier) => {
    expect(await loadedBy(`await import('${specifier}')`)).toEqual([]);
  },
);

it('a plugin in this process needs no package', async () => {
  expect(await loadedBy(inProcess(`{ plugins: [${entry}] }`))).toEqual([]);
});

it('the logger is loaded with the first line, YAML with a file, and Jinja with a template', async () => {
  const folder = folderWith({
    'plain.yaml': 'plugins:\n  - { name: Tag, kind: tag, hooks: [tool_pre_invoke] }\n',
    'template.yaml': 'plugins:\n  - { name: "{{ env.WORD }}", kind: tag, hooks: [tool_pre_invoke] }\n',
  });
  const logged = await loadedBy(inProcess(`{ plugins: [${entry}] }`, ''));
  expect(logged).toContain('pino');
  expect(logged).not.toContain('yaml');
  expect(await loadedBy(inProcess(`'${folder}/plain.yaml'`))).toEqual(['yaml']);
  expect(await loadedBy(inProcess(`'${folder}/template.yaml'`))).toEqual(['@huggingface/jinja', 'yaml']);
});

it('a plugin over HTTP brings the MCP SDK and undici, and nothing of gRPC', async () => {
  const server = await startEchoServer();
  closing.push(() => server.close());
  const program = `
    import { createManager, silentLogger } from 'gatechart';
    const mcp = { proto: 'STREAMABLEHTTP', url: '${server.address}' };
    const config = { plugins: [{ name: 'Echo', kind: 'external', hooks: ['tool_pre_invoke'], mcp }] };
    const manager = await createManager({ config, env: { PLUGINS_SSRF_ALLOW: 'true' }, logger: silentLogger });
    await manager.invokeHook('tool_pre_invoke', { name: 'search' }, { requestId: '1' });
    await manager.close();
  `;
  expect(await loadedBy(program)).toEqual(mcp);
});

it('a gateway brings what keeps servers, and nothing of metrics, tokens or the search for tools', async () => {
  const program = `
    import { createGateway, createServerSet, silentLogger as logger } from 'gatechart';
    const servers = await createServerSet({ servers: { mcpServers: {} }, logger });
    const gateway = await createGateway({ servers, rules: { agents: {} }, logger });
    await gateway.close();
  `;
  expect(await loadedBy(program)).toEqual([...mcp, 'signal-exit'].toSorted());
});

it('the command loads its own parser, and a check of a file no more than the file needs', async () => {
  const folder = folderWith({ 'plugins.yaml': 'plugins: []\n' });
  expect(await loadedPackages([cli, '--version'])).toEqual(['commander']);
  expect(await loadedPackages([cli, 'check-config', `${folder}/plugins.yaml`])).toEqual([
    'commander',
    'import-meta-resolve',
    'yaml',
  ]);
});
