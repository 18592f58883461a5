import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from '../measurement.js';
import { compareMany } from './comparison.js';
import { endEntry, endServer, httpGateway, httpMiddle, withFiles } from './middles.js';
import { stayOnOneCore } from '../processes.js';

/** Of npm's `mcp-proxy`, which is nothing that this package depends on. */
const version = '6.7.19';

/** Where it is installed when it is first needed; Git ignores it. */
const folder = fileURLToPath(new URL(`../.peers/mcp-proxy-${version}`, import.meta.url));

function mcpProxy(): string {
  const entry = join(folder, 'node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs');
  if (existsSync(entry)) return entry;
  console.error(`Installing mcp-proxy ${version} for the benchmarks …`);
  mkdirSync(folder, { recursive: true });
  const quietly = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error'];
  execFileSync('npm', ['install', '--prefix', folder, ...quietly, `mcp-proxy@${version}`], { stdio: 'inherit' });
  return entry;
}

const proxy = mcpProxy();
stayOnOneCore();
await withFiles(endEntry, async ({ servers }) => {
  const ours = await httpGateway('--servers', servers, '--face', 'transparent');
  // Else as it comes, as the gateway is.
  const options = ['--host', '127.0.0.1'];
  const theirs = await httpMiddle((port) => [
    proxy,
    ...options,
    '--port',
    String(port),
    '--',
    process.execPath,
    endServer,
    'stdio',
  ]);
  report(await compareMany('gateway/peer-http', ours, theirs));
  await Promise.all([ours.close(), theirs.close()]);
});
