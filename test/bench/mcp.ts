import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createManager, type PluginManager, silentLogger } from 'gatechart';
import { inFlight, singles } from './calls.js';
import { contest, measurement, report } from './measurement.js';
import { context, payload } from './requests.js';

const cli = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const serverConfig = fileURLToPath(new URL('server/plugins.yaml', import.meta.url));
const serve = (...args: string[]): string[] => [cli, 'plugin-server', '--config', serverConfig, ...args];

async function startHttpServer(): Promise<{ url: string; child: ChildProcess }> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const child = spawn(process.execPath, serve('--transport', 'http', '--port', String(port)), { stdio: 'ignore' });
  const healthy = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await healthy())) await new Promise((resolve) => setTimeout(resolve, 50));
  return { url: `http://127.0.0.1:${port}/mcp`, child };
}

async function sdkClient(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(transport);
  return client;
}

function managerFor(mcp: object): Promise<PluginManager> {
  const plugins = [{ name: 'Nothing', kind: 'external', mcp }];
  return createManager({ config: { plugins }, logger: silentLogger, env: process.env });
}

const toolCall = {
  name: 'invoke_hook',
  arguments: {
    hook_type: 'tool_pre_invoke',
    plugin_name: 'Nothing',
    payload,
    context: { state: {}, global_context: { request_id: 'request-1', state: {}, metadata: {} }, metadata: {} },
  },
};

{
  const client = await sdkClient(
    new StdioClientTransport({ command: process.execPath, args: serve('--transport', 'stdio'), stderr: 'ignore' }),
  );
  await using manager = await managerFor({ proto: 'STDIO', cmd: [process.execPath, ...serve('--transport', 'stdio')] });
  const [ours, reference] = await singles(
    () => manager.invokeHook('tool_pre_invoke', payload, context),
    () => client.callTool(toolCall),
  );
  report([measurement('mcp-stdio/1', 'µs', ours, reference)]);
  await client.close();
}

{
  const { url, child } = await startHttpServer();
  const client = await sdkClient(new StreamableHTTPClientTransport(new URL(url)));
  await using manager = await managerFor({ proto: 'STREAMABLEHTTP', url });
  const call = (): Promise<unknown> => manager.invokeHook('tool_pre_invoke', payload, context);
  const sdkCall = (): Promise<unknown> => client.callTool(toolCall);
  const [ours, reference] = await singles(call, sdkCall);
  report([measurement('mcp-http/1', 'µs', ours, reference)]);
  const many = await contest({ ours: inFlight(call), reference: inFlight(sdkCall), count: 2_000, rounds: 7 });
  report([measurement('mcp-http/64', 'µs', many.ours, many.reference)]);
  await client.close();
  child.kill();
}
