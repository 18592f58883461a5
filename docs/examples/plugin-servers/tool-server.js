import { createRequire } from 'node:module';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/** Starts the public reference MCP server as a child process and connects to it. */
export async function startToolServer() {
  const script = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
  const client = new Client({ name: 'plugin-servers', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [script, 'stdio'], stderr: 'ignore' }),
  );
  return client;
}
