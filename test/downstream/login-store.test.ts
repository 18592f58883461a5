import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { defaultLoginFolder, FileLoginStore } from '../../src/downstream/login/file-login-store.js';
import { MemoryLoginStore } from '../../src/downstream/login/memory-login-store.js';
import { isClaimed, type LoginStore, type StoredLogin } from '../../src/downstream/login/stored-login.js';
import { deferred } from '../../src/time/deferred.js';
import { cleanups } from '../fixtures/cleanups.js';
import { requestWith } from '../fixtures/downstream/logged-in-client.js';
import { loggedIn, loginWorld, needed } from '../fixtures/downstream/login-world.js';
import { rejection } from '../fixtures/waiting.js';

const server = 'https://mcp.example.com/mcp';

function login(fields: Partial<StoredLogin> = {}): StoredLogin {
  return {
    server,
    issuer: 'https://login.example.com',
    resource: server,
    client: undefined,
    registration: { id: 'client', redirectUri: 'http://127.0.0.1:1/callback' },
    tokens: { accessToken: 'secret-a', refreshToken: 'secret-r', obtainedAt: 1, expiresAt: 2, scopes: ['x'] },
    savedAt: 1,
    ...fields,
  };
}

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'logins-'));
  cleanups.push(() => rm(made, { recursive: true, force: true }));
  return path.join(made, 'state', 'logins');
}

const stores: [string, () => Promise<LoginStore>][] = [
  ['in files', async () => new FileLoginStore(await folder())],
  ['in memory', async () => new MemoryLoginStore()],
];

test.each(stores)(
  '%s: logins are kept by issuer, resource and client, and the newest is found by server',
  async (_w, make) => {
    const store = await make();
    expect(await store.newest(server, undefined)).toBeUndefined();
    expect(await store.read(login())).toBeUndefined();
    const [one, other] = [login(), login({ issuer: 'https://other.example.com', savedAt: 2, tokens: undefined })];
    const configured = login({ client: 'ours', savedAt: 3 });
    for (const each of [other, one, configured]) await store.write(each);
    expect(await store.read(one)).toEqual(one);
    expect(await store.read(other)).toEqual(other);
    expect(await store.newest(server, undefined)).toEqual(other);
    expect(await store.newest(server, 'ours')).toEqual(configured);
    expect(await store.newest(`${server}/2`, undefined)).toBeUndefined();
    await store.remove(other);
    expect(await store.newest(server, undefined)).toEqual(one);
  },
);

test.each(stores)(
  '%s: work for one server is done by one at a time, work for others is not held up',
  async (_what, make) => {
    const store = await make();
    const { signal } = new AbortController();
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    };
    await Promise.all(Array.from({ length: 5 }, () => store.exclusively(server, work, signal)));
    expect(most).toBe(1);
    await store.exclusively(server, () => store.exclusively('https://other.example.com', work, signal), signal);
  },
);

test.each(stores)('%s: who waits for its turn may stop waiting', async (_what, make) => {
  const store = await make();
  const aborted = new AbortController();
  const [begun, end] = [deferred(), deferred()];
  const first = store.exclusively(
    server,
    () => {
      begun.resolve();
      return end.promise;
    },
    new AbortController().signal,
  );
  await begun.promise;
  const second = rejection(store.exclusively(server, async () => {}, aborted.signal));
  aborted.abort(new Error('enough'));
  end.resolve();
  await first;
  expect(await second).toEqual(new Error('enough'));
});

test.each(stores)('%s: one asks a person at a time, and others learn where', async (_what, make) => {
  const store = await make();
  const claim = await store.claim(server);
  if (isClaimed(claim)) throw new Error('claimed by nobody');
  expect(await store.claim(server)).toEqual({ address: undefined });
  await claim.announce('https://login.example.com/a');
  expect(await store.claim(server)).toEqual({ address: 'https://login.example.com/a' });
  await claim.release();
  const again = await store.claim(server);
  expect(isClaimed(again)).toBe(false);
  if (!isClaimed(again)) await again.release();
});

test('nobody else can read what is kept, and no secret is in a name', async () => {
  const at = await folder();
  const store = new FileLoginStore(at);
  await store.write(login());
  const [name = ''] = await readdir(at);
  expect((await stat(at)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(at, name))).mode & 0o777).toBe(0o600);
  expect(name).toMatch(/^[0-9a-f]{20}-[0-9a-f]{20}\.json$/);
});

test.each([
  ['a file that others can read', async (file: string) => chmod(file, 0o640), 'its mode is 0640'],
  ['a link', async (file: string) => rm(file).then(() => symlink('/etc/hostname', file)), 'it is a symbolic link'],
  ['a folder', async (file: string) => rm(file).then(() => mkdir(file)), 'it is not a file'],
  ['what is no JSON', async (file: string) => writeFile(file, 'secret-a {'), 'it is not JSON'],
  ['JSON that is no login', async (file: string) => writeFile(file, '{"version":1}'), "at 'server'"],
  [
    'a key that is there twice',
    async (file: string) => writeFile(file, '{"version":1,"version":1}'),
    "at 'version': this",
  ],
  ['what something newer wrote', async (file: string) => writeFile(file, '{"version":2}'), "at 'version'"],
  ['a huge file', async (file: string) => writeFile(file, 'x'.repeat(300_000)), 'at most 262144'],
])('%s is refused by name, and left as it is', async (_what, spoil, reason) => {
  const at = await folder();
  const store = new FileLoginStore(at);
  await store.write(login());
  const [name = ''] = await readdir(at);
  const file = path.join(at, name);
  await spoil(file);
  const error = await rejection(store.newest(server, undefined));
  expect(String(error)).toContain(file);
  expect(String(error)).toContain(reason);
  expect(String(error)).not.toContain('secret-a');
  expect(await readdir(at)).toEqual([name]);
});

test('a folder that others have rights to is refused', async () => {
  const at = await folder();
  await mkdir(at, { recursive: true, mode: 0o755 });
  expect(await rejection(new FileLoginStore(at).write(login()))).toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: expect.stringContaining('0755'),
  });
});

test('a broken file is told to calls that would need it', async () => {
  const at = await folder();
  const w = await loginWorld(new FileLoginStore(at));
  const own = w.login();
  await loggedIn(own, w.server.url);
  const [name = ''] = (await readdir(at)).filter((file) => file.endsWith('.json'));
  await writeFile(path.join(at, name), '{');
  expect(await rejection(requestWith(w.login(), w.server.url))).toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: expect.stringContaining(name),
  });
  expect(await readFile(path.join(at, name), 'utf8')).toBe('{');
});

test('logins outlive the process that made them', async () => {
  const at = await folder();
  const w = await loginWorld(new FileLoginStore(at));
  const own = w.login();
  await loggedIn(own, w.server.url);
  await own.close();
  const other = { ...w.dependencies, store: new FileLoginStore(at) };
  Object.assign(w.dependencies, other);
  expect(await requestWith(w.login(), w.server.url)).toBe(200);
  expect(w.authorization.authorizations).toHaveLength(1);
  expect((await readdir(at)).every((name) => name.endsWith('.json'))).toBe(true);
});

test('ten calls in each of three processes renew a token once', async () => {
  const at = await folder();
  const w = await loginWorld(new FileLoginStore(at));
  w.time = Date.now();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.authorization.issuer.endAccess();
  const script = new URL('../fixtures/downstream/refreshing-process.ts', import.meta.url).pathname;
  const run = promisify(execFile);
  const processes = Array.from({ length: 3 }, () =>
    run(process.execPath, ['--import', 'tsx', script, at, w.server.url, '10', '60000']),
  );
  const statuses = (await Promise.all(processes)).map(({ stdout }) => stdout);
  const all200 = JSON.stringify(Array.from({ length: 10 }, () => 200));
  expect(statuses).toEqual([all200, all200, all200]);
  expect(w.authorization.issuer.refreshes).toBe(1);
});

test('an address is told by every process while one waits', async () => {
  const at = await folder();
  const w = await loginWorld(new FileLoginStore(at));
  const address = await needed(w.login(), w.server.url);
  Object.assign(w.dependencies, { store: new FileLoginStore(at) });
  expect(await needed(w.login(), w.server.url)).toBe(address);
});

test('the folder is that of the state of programs', () => {
  expect(defaultLoginFolder({ XDG_STATE_HOME: '/state' })).toBe('/state/gatechart/logins');
  expect(defaultLoginFolder({ XDG_STATE_HOME: 'relative' })).toMatch(/\/\.local\/state\/gatechart\/logins$/);
});
