import { expect, test } from 'vitest';
import { browse, requestWith } from '../fixtures/downstream/logged-in-client.js';
import { loggedIn, type LoginWorld, loginWorld, needed } from '../fixtures/downstream/login-world.js';
import { isClaimed } from '../../src/downstream/login/stored-login.js';
import { fullPort } from '../fixtures/transports/full-port.js';
import { eventually, rejection } from '../fixtures/waiting.js';
import type { LoginSettings } from '../../src/downstream/server-entry.js';
import type { ServerLogin } from '../../src/downstream/login/server-login.js';

const machine: LoginSettings = { grant: 'client_credentials', clientId: 'machine', clientSecret: 'secret-of-it' };
const metadata = 'GET /.well-known/oauth-authorization-server';

/** Has a login wait for an answer that never comes; gives what has to be settled when it is closed. */
type Moment = (w: LoginWorld) => Promise<{ readonly own: ServerLogin; readonly asked: readonly Promise<unknown>[] }>;

async function silence(w: LoginWorld, own: ServerLogin, request: string): Promise<readonly Promise<unknown>[]> {
  const before = w.authorization.requests.length;
  w.authorization.silentAt = request;
  const asked = requestWith(own, w.server.url);
  await eventually(`${request} is asked`, () => w.authorization.requests.slice(before).includes(request));
  return [rejection(asked)];
}

const moments: Readonly<Record<string, Moment>> = {
  'the metadata of the authorization server': async (w) => {
    const own = w.login();
    return { own, asked: await silence(w, own, metadata) };
  },
  'a connection to the authorization server': async (w) => {
    const port = await fullPort();
    w.server.metadata = (told) => ({ ...told, authorization_servers: [`http://127.0.0.1:${port}`] });
    const own = w.login();
    const asked = requestWith(own, w.server.url);
    await eventually('it is being connected', () => process.getActiveResourcesInfo().includes('TCPSocketWrap'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { own, asked: [rejection(asked)] };
  },
  'the registration of a client': async (w) => {
    const own = w.login();
    return { own, asked: await silence(w, own, 'POST /register') };
  },
  'the exchange of a code': async (w) => {
    const own = w.login();
    const address = await needed(own, w.server.url);
    w.authorization.silentAt = 'POST /token';
    await browse(address);
    await eventually('the code is exchanged', () => w.authorization.requests.includes('POST /token'));
    return { own, asked: [] };
  },
  'the renewal of a token': async (w) => {
    const own = w.login();
    await loggedIn(own, w.server.url);
    w.authorization.issuer.endAccess();
    w.time += 60_000;
    return { own, asked: await silence(w, own, 'POST /token') };
  },
  'the token of a client of machines': async (w) => {
    w.authorization.clients.set('machine', { id: 'machine', secret: 'secret-of-it', redirectUris: [] });
    const own = w.login(machine);
    return { own, asked: await silence(w, own, 'POST /token') };
  },
};

/** Where an answer that is on its way may be worth a login, it is waited for. */
const graceful: ReadonlySet<string> = new Set(['the exchange of a code', 'the renewal of a token']);

const held = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS|ConnectWrap|Timeout|FSReq|GetAddrInfo)/.test(kind))
    .length;

test.each(Object.entries(moments))(
  'a login that waits for %s is closed at once, or soon, and leaves nothing',
  async (what, moment) => {
    const w = await loginWorld();
    const { own, asked } = await moment(w);
    const before = held();
    const began = performance.now();
    await Promise.all([own.close(), own.close()]);
    expect(performance.now() - began).toBeLessThan(graceful.has(what) ? 4_000 : 1_000);
    for (const error of await Promise.all(asked)) expect(error).toMatchObject({ code: 'CONNECTION_CLOSED' });
    await eventually('its sockets and timers are gone', () => held() < before);
    // Whoever logs in next, in whatever process, waits for nobody.
    await w.store.exclusively(w.server.url, async () => {}, AbortSignal.timeout(1_000));
    expect(isClaimed(await w.store.claim(w.server.url))).toBe(false);
  },
);

test('a login that is closed when its token is being renewed keeps the new one', async () => {
  const w = await loginWorld();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.authorization.issuer.endAccess();
  w.time += 60_000;
  const asked = w.authorization.requests.length;
  let answer: () => void = () => {};
  w.authorization.tokenAnswers = new Promise((resolve) => (answer = resolve));
  const called = rejection(requestWith(own, w.server.url));
  await eventually('it is asked for', () => w.authorization.requests.slice(asked).includes('POST /token'));
  const closed = own.close();
  expect(await called).toMatchObject({ code: 'CONNECTION_CLOSED' });
  answer();
  await closed;
  w.authorization.tokenAnswers = undefined;
  const requests = w.authorization.requests.length;
  expect(await requestWith(w.login(), w.server.url)).toBe(200);
  expect(w.authorization.requests.slice(requests)).toEqual([]);
});
