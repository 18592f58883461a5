import { connect } from 'node:http2';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectTls } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.js';
import { guardFastify } from '../../src/adapters/fastify/index.js';
import type { HttpGuardOptions } from '../../src/adapters/http/http-guard-options.js';
import { type PluginManager, silentLogger } from '../../src/index.js';
import { RecordingLogger } from '../../src/testing/recording-logger.js';
import { httpServers } from '../fixtures/adapters/http-servers.js';
import { cleanups } from '../fixtures/cleanups.js';
import { makeCertificates } from '../fixtures/certificates.js';
import { block, guardOf } from '../fixtures/guard/guards.js';
import { eventually } from '../fixtures/waiting.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server of Node alone, whose handler stands behind the guard. */
async function served(
  manager: PluginManager,
  handler: Handler,
  options: HttpGuardOptions<IncomingMessage> = {},
): Promise<string> {
  const guard = guardExpress(manager, { logger: silentLogger, ...options });
  return listening((request, response) => guard(request, response, () => void handler(request, response)));
}

async function listening(listener: Handler): Promise<string> {
  const server = createServer((request, response) => void listener(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Bytes as they are, and all that is answered until the other side closes. */
async function sent(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  socket.write(bytes);
  return text(socket);
}

const late = () => guardOf({ http_post_request: () => wait(5).then(() => undefined) });

describe('a handler that writes to the socket and not to the answer', () => {
  const forged = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged';
  const writes: Record<string, Handler> = {
    'before it answers': ({ socket }, response) => {
      socket.write(forged);
      response.end('of the handler');
    },
    'while it is decided about': ({ socket }, response) => {
      response.end('of the handler');
      socket.write(forged);
    },
    'and never answers': ({ socket }) => {
      socket.write(forged);
      setTimeout(() => socket.end(), 10);
    },
    'and lets the client go on before': ({ socket }, response) => {
      socket.write(forged);
      response.writeProcessing();
      response.end('of the handler');
    },
  };
  it.each(Object.entries(writes))('%s has the connection ended, and is told of', async (_name, handler) => {
    const logger = new RecordingLogger();
    const url = await served(await late(), handler, { logger });
    const answer = await sent(url, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(answer).not.toContain('of the handler');
    await eventually('it is logged', () => JSON.stringify(logger.entries).includes('written to the socket'));
  });

  it.each([
    ['expects 100', 'expect: 100-continue\r\n', 0],
    ['is told to wait', '', 2],
  ])('is no handler of a request that %s, or comes after others', async (_what, header, times) => {
    const logger = new RecordingLogger();
    const handler: Handler = (_request, response) => {
      for (let time = 0; time < times; time++) response.writeProcessing();
      response.end('of the handler');
    };
    const url = await served(await late(), handler, { logger });
    const request = (more: string) => `GET / HTTP/1.1\r\nhost: a\r\n${header}${more}\r\n`;
    const answer = await sent(url, request('') + request('') + request('connection: close\r\n'));
    expect(answer.match(/of the handler/g)).toHaveLength(3);
    expect(logger.entries).toEqual([]);
  });

  it('is none over TLS, whose own records count for nothing', async () => {
    const certificates = makeCertificates();
    cleanups.push(async () => certificates.remove());
    const { cert, key } = certificates.server;
    const logger = new RecordingLogger();
    const guard = guardExpress(await late(), { logger });
    const server = createTlsServer({ cert, key }, (request, response) =>
      guard(request, response, () => {
        if (request.url === '/forged') request.socket.write(forged);
        response.end('of the handler');
      }),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    cleanups.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const socket = connectTls({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      ca: certificates.ca.cert,
    });
    const said = text(socket);
    for (const path of ['a', 'b', 'c']) {
      socket.write(`GET /${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
      await wait(50);
    }
    expect(logger.entries).toEqual([]);
    socket.write('GET /forged HTTP/1.1\r\nhost: a\r\n\r\n');
    expect((await said).match(/of the handler/g)).toHaveLength(3);
    expect(JSON.stringify(logger.entries)).toContain('written to the socket');
  });
});

describe('a handler behind the guard', () => {
  const wrong: Record<string, Handler> = {
    'a status that there is not': (_request, response) => {
      response.statusCode = 1000;
      response.end('x');
    },
    'a reason of two lines': (_request, response) => response.writeHead(200, 'two\nlines').end('x'),
    'a chunk that is none': (_request, response) => response.write(5),
  };
  it.each(Object.entries(wrong))('that answers with %s has answered with an error', async (_name, handler) => {
    const answer = await fetch(await served(await late(), handler));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('x');
  });

  it('that fails in the middle of its answer ends it', async () => {
    const url = await served(await late(), (_request, response) => {
      response.write('x');
      response.write(5);
    });
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
  });

  it('cannot change a head that plugins look at', async () => {
    const thrown: unknown[] = [];
    const url = await served(await late(), (_request, response) => {
      response.setHeader('x-own', '1');
      response.writeHead(201);
      const changes = [
        () => response.setHeader('x-own', '2'),
        () => response.appendHeader('x-own', '3'),
        () => response.removeHeader('x-own'),
        () => response.setHeaders(new Headers({ 'x-own': '4' })),
        () => response.writeHead(202),
      ];
      for (const change of changes) {
        try {
          change();
        } catch (error) {
          thrown.push((error as NodeJS.ErrnoException).code);
        }
      }
      response.statusCode = 203;
      response.end('x');
    });
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('x-own'), thrown]).toEqual([
      201,
      '1',
      Array.from({ length: 5 }, () => 'ERR_HTTP_HEADERS_SENT'),
    ]);
  });

  it('that is wrapped, as sessions and compression are, is answered once where a plugin blocks', async () => {
    const manager = await guardOf({ http_post_request: () => wait(5).then(() => block('NO')) });
    const url = await served(manager, (_request, response) => {
      const end = response.end.bind(response);
      const writeHead = response.writeHead.bind(response);
      let isEnded = false;
      response.end = (...args: unknown[]) => {
        if (isEnded) return response;
        isEnded = true;
        return Reflect.apply(end, response, args);
      };
      response.writeHead = (...args: unknown[]) => {
        response.setHeader('set-cookie', 'session=secret');
        return Reflect.apply(writeHead, response, args);
      };
      response.end('x');
    });
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null]);
    expect(await answer.json()).toMatchObject({ error: { code: 'NO' } });
  });

  const ways: Record<string, Handler> = {
    end: (_request, response) => response.end('x'),
    write: (_request, response) => {
      response.write('x');
      response.end();
    },
    writeHead: (_request, response) => response.writeHead(200).end('x'),
    flushHeaders: (_request, response) => {
      response.flushHeaders();
      response.end('x');
    },
  };
  it.each(Object.entries(ways))(
    'shows plugins what is set when it begins its answer with %s',
    async (_way, handler) => {
      const seen: unknown[] = [];
      const manager = await guardOf({
        http_post_request: ({ responseHeaders }) => {
          seen.push(responseHeaders?.['x-took']);
          return { modifiedPayload: { 'x-post': '1' } };
        },
      });
      let begun = 0;
      const url = await served(manager, (request, response) => {
        const writeHead = response.writeHead.bind(response);
        response.writeHead = (...args: unknown[]) => {
          begun++;
          response.setHeader('x-took', '7 ms');
          return Reflect.apply(writeHead, response, args);
        };
        handler(request, response);
      });
      const { headers } = await fetch(url);
      expect([seen, begun, headers.get('x-took'), headers.get('x-post')]).toEqual([['7 ms'], 1, '7 ms', '1']);
    },
  );

  it('sends short answers with their length', async () => {
    const url = await served(await late(), (_request, response) => response.end('x'));
    expect((await fetch(url)).headers.get('content-length')).toBe('1');
  });

  it('may ask for the head of an answer that has begun, as older middleware does', async () => {
    const url = await served(await late(), (_request, response) => {
      for (const text of ['x', 'y']) {
        if (!('_header' in response && response._header)) Reflect.get(response, '_implicitHeader').call(response);
        response.write(text);
      }
      response.end();
    });
    expect(await (await fetch(url)).text()).toBe('xy');
  });

  it('sends no hints before plugins have looked at the answer', async () => {
    const manager = await guardOf({ http_post_request: () => block('NO') });
    const url = await served(manager, (_request, response) => {
      response.writeEarlyHints({ link: '</secret.css>; rel=preload' }, () => response.end('x'));
    });
    const answer = await sent(url, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(answer).not.toContain('secret');
  });
});

describe('a request', () => {
  it('that was answered while plugins looked at it is not refused a second time', async () => {
    const manager = await guardOf({ http_pre_request: () => wait(30).then(() => block('NO')) });
    const guard = guardExpress(manager, { logger: silentLogger });
    const paths: unknown[] = [];
    const url = await listening((request, response) => {
      setTimeout(() => response.writeHead(503).end('too late'), 5);
      guard(request, response, () => paths.push(request.url));
    });
    const failures: unknown[] = [];
    const listener = (error: unknown): unknown => failures.push(error);
    process.on('unhandledRejection', listener);
    cleanups.push(async () => void process.off('unhandledRejection', listener));
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([503, 'too late']);
    await wait(60);
    expect([failures, paths]).toEqual([[], []]);
  });

  it('of a context that cannot be written is refused', async () => {
    const manager = await guardOf({
      http_auth_resolve_user: () => ({ modifiedPayload: { email: 'ada@example.org' } }),
    });
    const options = { contextOf: () => Object.freeze({ requestId: '1' }) };
    const answer = await fetch(await served(manager, (_request, response) => response.end('x'), options));
    expect(answer.status).toBe(500);
  });

  it('is refused where the logger fails', async () => {
    const fail = (): never => {
      throw new Error('the disk is full');
    };
    const manager = await guardOf({ http_pre_request: () => ({ modifiedPayload: { authorization: 'stolen' } }) });
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    const url = await served(manager, (request, response) => response.end(request.headers.authorization ?? 'none'), {
      logger,
    });
    expect(await (await fetch(url)).text()).toBe('none');
  });

  it('does not pass with a permission that is no permission', async () => {
    const manager = await guardOf({ http_auth_check_permission: () => undefined });
    for (const asked of [Promise.resolve({ permission: 'read' }), 'read', {}, { permission: 7 }]) {
      const url = await served(manager, (_request, response) => response.end('x'), {
        permissionOf: () => asked as never,
      });
      expect((await fetch(url)).status).toBe(500);
    }
  });

  it('that is blocked before its body was read leaves the connection in step', async () => {
    const manager = await guardOf({
      http_pre_request: ({ path }) => (path === '/no' ? block('NO') : undefined),
    });
    const paths: unknown[] = [];
    const url = await served(manager, (request, response) => {
      paths.push(request.url);
      response.end('passed');
    });
    const inner = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
    const answer = await sent(
      url,
      `POST /no HTTP/1.1\r\nhost: x\r\ncontent-length: ${inner.length}\r\n\r\n${inner}` +
        'GET /yes HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    );
    expect([answer.match(/HTTP\/1.1 \d+/g), paths]).toEqual([['HTTP/1.1 403', 'HTTP/1.1 200'], ['/yes']]);
  });

  it('to HEAD, and answers without bodies, are looked at like others', async () => {
    const statuses: unknown[] = [];
    const manager = await guardOf({
      http_post_request: ({ statusCode, path }) => {
        statuses.push(statusCode);
        return path === '/no' ? block('NO') : { modifiedPayload: { 'x-post': '1', 'set-cookie': 'b=2' } };
      },
    });
    const url = await served(manager, (request, response) => {
      const status = request.url === '/head' ? 200 : Number(request.url?.slice(1)) || 204;
      response.writeHead(status, { 'set-cookie': ['a=1', 'c=3'] }).end(status === 200 ? 'x' : undefined);
    });
    for (const path of ['/204', '/304', '/head']) {
      const answer = await fetch(url + path, { method: path === '/head' ? 'HEAD' : 'GET' });
      expect([answer.headers.get('x-post'), await answer.text()]).toEqual(['1', '']);
    }
    expect((await fetch(`${url}/no`, { method: 'HEAD' })).status).toBe(403);
    expect(statuses).toEqual([204, 304, 200, 204]);
  });
});

describe.each(httpServers)('requests of %s', (name, start) => {
  it('do not pass when the manager is closed', async () => {
    const manager = await guardOf({ http_pre_request: () => undefined });
    const {
      url,
      served: { handled },
    } = await start(manager, { logger: silentLogger });
    await manager.close();
    expect([(await fetch(`${url}/plain`)).status, handled]).toEqual([503, 0]);
  });

  it.each(['http://x/plain', 'HTTP://user@x/plain?a=/b', '/plain#/b', '/plain?x#y'])(
    'are shown to plugins by the path that handlers are found by: %s',
    async (target) => {
      const paths: unknown[] = [];
      const manager = await guardOf({ http_pre_request: ({ path }) => void paths.push(path) });
      const { url } = await start(manager);
      const answer = await sent(url, `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      if (answer.startsWith('HTTP/1.1 200')) expect([name, ...paths]).toEqual([name, '/plain']);
      else expect(answer).toMatch(/^HTTP\/1.1 4/);
    },
  );

  it('have no header of a plugin that would be two', async () => {
    const manager = await guardOf({
      http_pre_request: () => ({ httpHeaders: { 'x-one': 'a\r\nx-two: b', constructor: 'c' } }),
      http_post_request: () => ({ modifiedPayload: { 'x-three\r\nx-four': 'd', toString: 'e' } }),
    });
    const { url } = await start(manager, { logger: silentLogger });
    const { status, headers } = await fetch(`${url}/plain`);
    const found = Object.fromEntries(headers);
    expect([status, found['constructor'], found['tostring'], found['x-one'], found['x-two']]).toEqual([
      200,
      'c',
      'e',
      undefined,
      undefined,
    ]);
  });
});

describe('a request of HTTP/2', () => {
  it('is shown to plugins as one of HTTP/1.1 is, and answered with what they set', async () => {
    const seen: unknown[] = [];
    const manager = await guardOf({
      http_pre_request: ({ path, method, headers }) => void seen.push([path, method, headers]),
      http_post_request: ({ statusCode, headers }) => {
        seen.push([statusCode, headers]);
        return { modifiedPayload: { 'x-post': '1' } };
      },
    });
    const app = fastify({ http2: true });
    await app.register(guardFastify(manager));
    app.get('/plain', () => 'x');
    const client = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
    cleanups.push(async () => {
      client.destroy();
      await app.close();
    });
    const request = client.request({ ':path': '/plain?token=secret', ':authority': 'example.org', 'x-own': '1' });
    const [head]: Record<string, unknown>[] = await once(request, 'response');
    expect([head?.[':status'], head?.['x-post'], await text(request)]).toEqual([200, '1', 'x']);
    const headers = { host: 'example.org', 'x-own': '1' };
    expect(seen).toEqual([
      ['/plain', 'GET', headers],
      [200, headers],
    ]);
  });
});
