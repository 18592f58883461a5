import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeCertificates } from '../fixtures/certificates.js';
import { folderWithInstall } from '../fixtures/processes/local-install.js';
import { callTool, repository, start } from '../fixtures/manager/managers.js';
import { freePort, startNode } from '../fixtures/processes/processes.js';
import { cleanups } from '../fixtures/cleanups.js';
import { until } from '../fixtures/waiting.js';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const example = (path: string): string => read(`docs/examples/${path}`);

describe('every example of a page is a file, shown as it is', () => {
  it.each([
    ['serve-plugins', ['deny-list.js', 'plugins.yaml', 'serve.js']],
    ['connect-a-plugin-server', ['plugins.yaml', 'child-process.yaml', 'call.js']],
    ['bring-your-plugin-servers', ['unix-socket.yaml', 'grpc.yaml']],
    ['write-once-serve-everywhere', ['servers.yaml', 'serve.js']],
  ])('%s', (name, files) => {
    const page = `docs/guides/${name}.md`;
    const shown = [...blocks(page, 'js'), ...blocks(page, 'yaml')];
    expect(shown.toSorted()).toEqual(files.map((file) => example(`${name}/${file}`)).toSorted());
  });
});

const blockedByDenyList = 'allowed\nblocked: The arguments contain secret\n';

it('the server of one guide serves the host of the other', async () => {
  const server = startNode(['docs/examples/serve-plugins/serve.js']);
  await until('its address', () => server.stdout().includes('\n'));
  const host = startNode(['docs/examples/connect-a-plugin-server/call.js'], {
    env: { DENY_LIST_URL: server.stdout().trim(), PLUGINS_LOG_LEVEL: 'error' },
  });
  expect(await host.ended).toMatchObject({ code: 0, stdout: blockedByDenyList });
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
});

it('a host starts the command of the guide in a folder where the package is installed', {
  timeout: 60_000,
}, async () => {
  const folder = folderWithInstall({
    'call.js': example('connect-a-plugin-server/call.js'),
    'plugins.yaml': example('connect-a-plugin-server/child-process.yaml'),
    'server.yaml': example('serve-plugins/plugins.yaml'),
    'deny-list.js': example('serve-plugins/deny-list.js'),
  });
  const host = startNode(['call.js'], { cwd: folder, env: { HOME: folder, PLUGINS_LOG_LEVEL: 'error' } });
  expect(await host.ended).toMatchObject({ code: 0, stdout: blockedByDenyList });
});

describe('every command of a guide serves plugins in a folder where the package is installed', () => {
  it.each(
    [
      ...blocks('docs/guides/serve-plugins.md', 'sh'),
      ...blocks('docs/guides/write-once-serve-everywhere.md', 'sh'),
    ].flatMap((block) => block.trimEnd().split('\n')),
  )('%s', { timeout: 60_000 }, async (line) => {
    const port = await freePort();
    const folder = folderWithInstall({ 'deny-list.js': example('serve-plugins/deny-list.js') });
    const here = (text: string): string => text.replace(/(--port |port: )\d+/, `$1${port}`);
    writeFileSync(join(folder, 'plugins.yaml'), here(example('serve-plugins/plugins.yaml')));
    const command = here(line);
    const [, transport = ''] = /--transport (\w+)/.exec(command) ?? [];
    const [, relative] = /--(?:uds|path) (\S+)/.exec(command) ?? [];
    const socket = relative && join(folder, relative);
    const entries: Record<string, object> = {
      stdio: { mcp: { proto: 'STDIO', cmd: command.split(' '), cwd: folder } },
      http: { mcp: { proto: 'STREAMABLEHTTP', url: `http://127.0.0.1:${port}/mcp`, ...(socket && { uds: socket }) } },
      unix: { unix_socket: { path: socket } },
      grpc: { grpc: socket === undefined ? { target: `127.0.0.1:${port}` } : { uds: socket } },
    };
    if (transport !== 'stdio') await serve(command, folder);
    const env = { PATH: process.env['PATH'], HOME: folder };
    const manager = await start({
      config: { plugins: [{ name: 'DenyList', kind: 'external', ...entries[transport] }] },
      env,
    });
    expect(await callTool(manager, 't', { city: 'secret' })).toMatchObject({ violation: { code: 'DENIED' } });
  });
});

describe('the settings of one guide serve the hosts of the other', () => {
  it.each([
    ['unix', 'unix-socket.yaml'],
    ['grpc', 'grpc.yaml'],
  ])('%s', { timeout: 60_000 }, async (transport, hostFile) => {
    const port = await freePort();
    const folder = folderWithInstall({ 'deny-list.js': example('serve-plugins/deny-list.js') });
    copyCertificates(join(folder, 'certs'));
    const here = (text: string): string =>
      text
        .replaceAll(/\/run\/plugins\/\w+\.sock/g, join(folder, 'p.sock'))
        .replace('0.0.0.0', '127.0.0.1')
        .replace('port: 50051', `port: ${port}`)
        .replace('scanner.internal:50051', `localhost:${port}`);
    const plugins = example('serve-plugins/plugins.yaml').replace('name: DenyList', 'name: Scanner');
    writeFileSync(join(folder, 'plugins.yaml'), plugins + here(example('write-once-serve-everywhere/servers.yaml')));
    writeFileSync(join(folder, 'host.yaml'), here(example(`bring-your-plugin-servers/${hostFile}`)));
    await serve(`npx gatechart plugin-server --config plugins.yaml --transport ${transport}`, folder);
    const manager = await start({ config: join(folder, 'host.yaml') });
    expect(await callTool(manager, 't', { city: 'secret' })).toMatchObject({ violation: { code: 'DENIED' } });
  });
});

it('the program of a guide serves on a Unix socket and ends on SIGTERM', { timeout: 60_000 }, async () => {
  const folder = folderWithInstall({
    'deny-list.js': example('serve-plugins/deny-list.js'),
    'plugins.yaml': example('serve-plugins/plugins.yaml'),
  });
  const path = join(folder, 'p.sock');
  writeFileSync(
    join(folder, 'serve.js'),
    example('write-once-serve-everywhere/serve.js').replace('/run/plugins/p.sock', path),
  );
  const server = startNode(['serve.js'], { cwd: folder });
  await until('it listens', () => server.stderr().includes('serving 1 plugins'));
  const manager = await start({
    config: { plugins: [{ name: 'DenyList', kind: 'external', unix_socket: { path } }] },
  });
  expect(await callTool(manager, 't', { city: 'secret' })).toMatchObject({ violation: { code: 'DENIED' } });
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
});

/** Runs a plugin server as a shell would, and waits until it listens. It ends with the test, and all that it started. */
async function serve(command: string, folder: string): Promise<void> {
  const env = { PATH: process.env['PATH'], HOME: folder };
  const child = spawn('sh', ['-c', command], { cwd: folder, env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'close');
  cleanups.push(async () => {
    // The group is the one that was just started: npx, its shell and the server.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  });
  await until(`${command} listens`, () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${log}`);
    return log.includes('serving 1 plugins');
  });
}

/** The certificates that the guides name, in the folder where they look for them. */
function copyCertificates(folder: string): void {
  const certificates = makeCertificates();
  cleanups.push(async () => certificates.remove());
  const { ca, server, client } = certificates;
  mkdirSync(folder);
  copyFileSync(ca.certfile, join(folder, 'ca.pem'));
  copyFileSync(server.certfile, join(folder, 'server.pem'));
  copyFileSync(server.keyfile, join(folder, 'server-key.pem'));
  copyFileSync(client.certfile, join(folder, 'client.pem'));
  copyFileSync(client.keyfile, join(folder, 'client-key.pem'));
}

function blocks(page: string, language: string): string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}
