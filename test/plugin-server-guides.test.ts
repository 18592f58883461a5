import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, expect, it } from 'vitest';

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string) => readFileSync(root(path), 'utf8');

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

// The examples import the package by its name, which leads to the build.
beforeAll(async () => {
  if (!existsSync(root('dist/src/index.js'))) {
    await promisify(execFile)(process.execPath, [
      root('node_modules/typescript/bin/tsc'),
      '-p',
      root('tsconfig.build.json'),
    ]);
  }
}, 120_000);

it.each([
  ['docs/guides/serve-plugins.md', 'docs/examples/serve-plugins/deny-list.js'],
  ['docs/guides/serve-plugins.md', 'docs/examples/serve-plugins/plugins.yaml'],
  ['docs/guides/serve-plugins.md', 'docs/examples/serve-plugins/serve.js'],
  ['docs/guides/connect-a-plugin-server.md', 'docs/examples/connect-a-plugin-server/plugins.yaml'],
  ['docs/guides/connect-a-plugin-server.md', 'docs/examples/connect-a-plugin-server/call.js'],
])('%s shows %s as it is', (guide, example) => {
  expect(read(guide)).toContain(read(example));
});

it('the server of one guide serves the host of the other', async () => {
  const server = spawn(process.execPath, [root('docs/examples/serve-plugins/serve.js')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(server);
  const exit = once(server, 'exit');
  const [address] = await once(createInterface(server.stdout), 'line');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [root('docs/examples/connect-a-plugin-server/call.js')],
    { env: { ...process.env, DENY_LIST_URL: String(address), PLUGINS_LOG_LEVEL: 'error' } },
  );
  expect(stdout).toBe('allowed\nblocked: The arguments contain secret\n');
  server.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});
