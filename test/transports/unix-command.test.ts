import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createManager } from '../../src/manager/create-manager.js';
import { silentLogger } from '../../src/observability/logger.js';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
let folder: string;
let config: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-cli-'));
  writeFileSync(
    join(folder, 'greeter.mjs'),
    `const greet = (payload) => ({ modifiedPayload: { ...payload, args: { ...payload.args, greeting: 'hello' } } });
     export const Greeter = { create: () => ({ handler: (hook) => (hook === 'tool_pre_invoke' ? greet : undefined) }) };`,
  );
  config = join(folder, 'served.yaml');
  writeFileSync(config, 'plugins:\n  - name: Greeter\n    kind: ./greeter.mjs#Greeter\n    hooks: [tool_pre_invoke]\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]) {
  const given = args.includes('--config') ? args : ['--config', config, ...args];
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'plugin-server', ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const lines = createInterface({ input: child.stdout });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  return { child, lines, errors, exit: once(child, 'exit') };
}

it('plugin-server --transport unix serves until SIGTERM, and says READY when it listens', async () => {
  const path = join(folder, 's');
  const { child, lines, exit } = start('--transport', 'unix', '--path', path);
  expect(await once(lines, 'line')).toEqual(['READY']);
  const manager = await createManager({
    config: { plugins: [{ name: 'Greeter', kind: 'external', unix_socket: { path } }] },
    logger: silentLogger,
  });
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 't', args: {} }, { requestId: 'r' });
  expect(outcome).toMatchObject({ modifiedPayload: { name: 't', args: { greeting: 'hello' } } });
  expect(manager.connections).toMatchObject([{ target: `unix:${path}` }]);
  await manager.close();
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

it('plugin-server --transport grpc serves on a Unix socket as well', async () => {
  const uds = join(folder, 'g');
  const { child, errors, exit } = start('--transport', 'grpc', '--uds', uds);
  while (!errors.join('').includes('serving 1 plugins')) await once(child.stderr, 'data');
  const manager = await createManager({
    config: { plugins: [{ name: 'Greeter', kind: 'external', grpc: { uds } }] },
    logger: silentLogger,
  });
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 't', args: {} }, { requestId: 'r' });
  expect(outcome).toMatchObject({ modifiedPayload: { name: 't', args: { greeting: 'hello' } } });
  await manager.close();
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

it('plugin-server reads its configuration once, so that it may be a pipe', async () => {
  const pipe = join(folder, 'pipe.yaml');
  execFileSync('mkfifo', [pipe]);
  const path = join(folder, 'p');
  const written = `${readFileSync(config, 'utf8')}unix_socket_server_settings: { path: ${path} }\n`;
  const { child, lines, exit } = start('--config', pipe, '--transport', 'unix');
  await writeFile(pipe, written);
  expect(await once(lines, 'line')).toEqual(['READY']);
  const manager = await createManager({
    config: { plugins: [{ name: 'Greeter', kind: 'external', unix_socket: { path } }] },
    logger: silentLogger,
  });
  await manager.close();
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

it('plugin-server --transport unix takes no host', async () => {
  const { exit, errors } = start('--transport', 'unix', '--host', 'localhost');
  expect(await exit).toEqual([2, null]);
  expect(errors.join('')).toBe(
    'gatechart plugin-server: --transport unix listens on --path; leave --host, --port and --uds out, or use --transport http or grpc\n',
  );
});
