import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fixtureOverStdio, gatewayArgs, type Served, serveGateway } from '../served.js';

const require = createRequire(import.meta.url);
const filesystem = require.resolve('@modelcontextprotocol/server-filesystem/dist/index.js');
const memory = require.resolve('@modelcontextprotocol/server-memory/dist/index.js');
const node = process.execPath;

/** Real servers behind one gateway, and a gateway in front of them over HTTP. */
export interface House extends AsyncDisposable {
  readonly url: string;
  /** What starts another gateway in front of the same servers, over stdio. */
  readonly command: { readonly command: string; readonly args: string[] };
}

/** Opens a gateway in front of files, a memory, the conformance server and one that ends as soon as it is started. */
export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(path.join(tmpdir(), 'conformance-clients-'));
  await writeFile(path.join(folder, 'note.txt'), 'a note');
  const servers = {
    files: { command: node, args: [filesystem, folder] },
    memory: { command: node, args: [memory], env: { MEMORY_FILE_PATH: path.join(folder, 'memory.json') } },
    suite: fixtureOverStdio,
    broken: { command: node, args: ['-e', 'process.exit(3)'] },
  };
  const file = path.join(folder, 'servers.json');
  await writeFile(file, JSON.stringify({ mcpServers: servers }));
  const gateway: Served = await serveGateway(servers);
  return {
    url: gateway.url,
    command: { command: node, args: gatewayArgs(file, 'stdio') },
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
