import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { login, type LoginCommand, logout } from '../../src/cli/login.js';
import { FileLoginStore } from '../../src/downstream/login/file-login-store.js';
import { cleanups } from '../fixtures/cleanups.js';
import { browse, requestWith } from '../fixtures/downstream/logged-in-client.js';
import { type LoginWorld, loginWorld, needed } from '../fixtures/downstream/login-world.js';
import { eventually, rejection } from '../fixtures/waiting.js';

interface Command {
  readonly world: LoginWorld;
  readonly folder: string;
  readonly servers: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `gatechart login` with a browser that does as people do. */
  readonly run: (name: string, command?: LoginCommand, isTTY?: boolean) => Promise<Ran>;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly opened: readonly string[];
}

async function command(entries: object = {}): Promise<Command> {
  const home = await mkdtemp(path.join(tmpdir(), 'login-'));
  cleanups.push(() => rm(home, { recursive: true, force: true }));
  const folder = path.join(home, 'gatechart', 'logins');
  const world = await loginWorld(new FileLoginStore(folder));
  world.time = Date.now();
  const servers = path.join(home, '.mcp.json');
  await writeFile(servers, JSON.stringify({ mcpServers: { s: { url: world.server.url, type: 'http' }, ...entries } }));
  const env = { XDG_STATE_HOME: home };
  return {
    world,
    folder,
    servers,
    env,
    run: async (name, options = {}, isTTY = true) => {
      const [stdout, stderr, opened]: [string[], string[], string[]] = [[], [], []];
      const io = {
        stdout: { isTTY, write: (text: string) => stdout.push(text) },
        stderr: { write: (text: string) => stderr.push(text) },
        env,
        open: async (address: string) => {
          opened.push(address);
          await browse(address);
        },
      };
      const code = await login(name, { servers, ...options }, io);
      return { code, stdout: stdout.join(''), stderr: stderr.join(''), opened };
    },
  };
}

test('a person logs in with a browser, and the gateway uses the login', async () => {
  const { run, world, folder } = await command();
  world.server.challenge = ', scope="read"';
  const own = world.login();
  const { code, stdout, stderr, opened } = await run('s');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(opened).toHaveLength(1);
  expect(new URL(opened[0] ?? '').searchParams.get('scope')).toBe('read');
  expect(stdout).toBe(`Log in at s here:\n  ${opened[0]}\nLogged in at s. Granted: read. Kept in ${folder}.\n`);
  expect(await requestWith(own, world.server.url)).toBe(200);
  for (const token of world.authorization.issuer.issued) expect(stdout).not.toContain(token);
  expect((await readdir(folder)).every((name) => name.endsWith('.json'))).toBe(true);
});

test('a login that a gateway waits for already is made there', async () => {
  const { run, world } = await command();
  const own = world.login();
  const address = await needed(own, world.server.url);
  const { code, stdout, opened } = await run('s');
  expect(opened).toEqual([address]);
  expect(stdout).toContain('by the process that waited for it');
  expect(code).toBe(0);
  expect(await requestWith(own, world.server.url)).toBe(200);
});

test('a login that is refused is told, with the exit code 1', async () => {
  const { run, world } = await command();
  world.authorization.callback = ({ state }) => ({ state, error: 'access_denied' });
  const { code, stderr } = await run('s');
  expect(code).toBe(1);
  expect(stderr).toContain('"access_denied"');
});

test('no browser opens where nobody sits', async () => {
  const { run } = await command();
  expect(await rejection(run('s', {}, false))).toMatchObject({ message: expect.stringContaining('--no-browser') });
});

test.each<[string, string, LoginCommand, string]>([
  ['a server that is not configured', 'nobody', {}, '/.mcp.json: there is no server "nobody"'],
  ['a name that is nearly right', 'machin', {}, '/.mcp.json: there is no server "machin"; did you mean "machine"?'],
  ['a server that is disabled', 'off', {}, '/.mcp.json: server "off" is disabled'],
  ['a server that is a process', 'local', {}, 'it is a process'],
  ['an entry with a token', 'keyed', {}, 'an Authorization header of its own'],
  ['a client of machines', 'machine', {}, 'takes no person'],
  ['an entry that cannot be used', 'broken', {}, 'url'],
  ['a port that is none', 's', { port: '70000' }, '--port 70000'],
])('%s is told', async (_what, name, options, text) => {
  const { run } = await command({
    local: { command: 'node' },
    keyed: { type: 'http', url: 'https://mcp.example.com', headers: { authorization: 'Bearer x' } },
    machine: {
      type: 'http',
      url: 'https://mcp.example.com',
      oauth: { grant: 'client_credentials', clientId: 'a', clientSecret: 'b' },
    },
    broken: { type: 'http', url: 7 },
    off: { type: 'http', url: 'https://mcp.example.com', disabled: true },
  });
  expect(String(await rejection(run(name, options)))).toContain(text);
});

test('a login is forgotten', async () => {
  const { run, world, servers, env } = await command();
  await run('s');
  const said: string[] = [];
  const io = { stdout: { write: (text: string) => said.push(text) }, stderr: { write: () => {} }, env };
  expect(await logout('s', { servers }, io)).toBe(0);
  expect(await logout('s', { servers }, io)).toBe(0);
  expect(said).toEqual(['The login at s is forgotten.\n', 'There was no login at s.\n']);
  expect(await world.store.newest(world.server.url, undefined)).toBeUndefined();
});

test('the command prints the address, ends when the login is made, and leaves nothing behind', async () => {
  const { servers, env, folder } = await command();
  const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'login', 's', '--servers', servers, '--no-browser'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  const exit = new Promise((resolve) => child.once('exit', resolve));
  await eventually('the address is printed', () => /http:\/\/\S+\n/.test(stdout));
  await browse(/http:\/\/\S+/.exec(stdout)?.[0] ?? '');
  expect(await exit).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toContain('Logged in at s.');
  expect(await readdir(folder)).toHaveLength(1);
});
