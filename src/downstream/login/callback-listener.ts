import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { GatechartError, messageOf } from '../../errors.js';
import { portHint } from '../../serving/listening.js';
import { deferred } from '../../time/deferred.js';

const host = '127.0.0.1';
const callbackPath = '/callback';

/** What the browser brought back. */
export interface Callback {
  readonly code: string | undefined;
  /** `error` of the authorization server; to be told only when its `iss` has been checked. */
  readonly error: string | undefined;
  readonly issuer: string | undefined;
}

/** Listens on this machine for a browser that comes back from an authorization server. */
export interface CallbackListener {
  readonly redirectUri: string;
  /** The first request that carries our state. Others are told that they are none, and change nothing. */
  readonly callback: Promise<Callback>;
  close(): Promise<void>;
}

/**
 * Opens a listener on the loopback address.
 *
 * @param state that the request has to carry
 * @param port 0 for a free one
 * @throws GatechartError SERVER_START_FAILED, for instance where the port is taken
 */
export async function listenForCallback(state: string, port: number): Promise<CallbackListener> {
  const callback = deferred<Callback>();
  const server = createServer({ maxHeaderSize: 32 * 1024, requestTimeout: 10_000 }, (request, response) => {
    const found = readCallback(request, authority, state);
    if (found === undefined) return answer(response, 404, 'This is not the end of a login that is waited for.');
    callback.resolve(found);
    answer(
      response,
      200,
      found.code === undefined
        ? 'The login was not completed. You can close this window.'
        : 'gatechart has received the login. You can close this window.',
    );
  });
  server.maxConnections = 16;
  let authority = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const message = `No login can come back to ${host}:${port}: ${messageOf(error)}${portHint(error)}`;
      reject(new GatechartError('SERVER_START_FAILED', message, { cause: error }));
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
  const address = server.address();
  authority = `${host}:${typeof address === 'object' && address !== null ? address.port : port}`;
  return {
    redirectUri: `http://${authority}${callbackPath}`,
    callback: callback.promise,
    close: async () => {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      // The page that is on its way is a few hundred bytes; what a browser keeps open goes.
      setImmediate(() => server.closeAllConnections());
      await closed;
    },
  };
}

/** Ports to be tried: the one that is set, else the one that the authorization server knows, else a free one. */
export function callbackPorts(set: number | undefined, knownRedirectUri: string | undefined): readonly number[] {
  if (set !== undefined) return [set];
  const known = knownRedirectUri === undefined ? 0 : Number(new URL(knownRedirectUri).port);
  return known === 0 ? [0] : [known, 0];
}

function readCallback(request: IncomingMessage, authority: string, state: string): Callback | undefined {
  // A name that leads here, by whoever runs its DNS, is not this address.
  if (request.method !== 'GET' || request.headers.host !== authority) return undefined;
  const target = request.url ?? '';
  if (!target.startsWith(`${callbackPath}?`)) return undefined;
  const fields = new URLSearchParams(target.slice(callbackPath.length + 1));
  if (!isSame(fields.get('state') ?? '', state)) return undefined;
  const code = fields.get('code') ?? undefined;
  const error = fields.get('error') ?? undefined;
  if (code === undefined && error === undefined) return undefined;
  return { code: error === undefined ? code : undefined, error, issuer: fields.get('iss') ?? undefined };
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`<!doctype html><title>gatechart</title><p>${text}</p>\n`);
}
