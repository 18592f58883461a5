import { createRequire } from 'node:module';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createManager, guardClient, silentLogger } from 'gatechart';

const manager = await createManager({ config: `${import.meta.dirname}/plugins.yaml`, logger: silentLogger });

const client = new Client({ name: 'my agent', version: '1.0.0' });
const guarded = guardClient(client, manager, () => ({ requestId: crypto.randomUUID(), user: 'ada@example.org' }));

const server = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
await guarded.connect(
  new StdioClientTransport({ command: process.execPath, args: [server, 'stdio'], stderr: 'ignore' }),
);

for (const message of ['hello', 'a message that is longer than it may be', 'a secret']) {
  console.log(await guarded.callTool({ name: 'echo', arguments: { message } }));
}
try {
  await guarded.readResource({ uri: 'demo://resource/secret' });
} catch (error) {
  console.log(String(error));
}
await guarded.close();
await manager.close();
