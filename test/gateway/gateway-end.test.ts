import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { MemoryLoginStore } from '../../src/downstream/login/memory-login-store.js';
import { createServerSet } from '../../src/downstream/create-server-set.js';
import type { ServerSet } from '../../src/downstream/server-set-api.js';
import type { ServerSetOptions } from '../../src/downstream/set/server-set-options.js';
import type { Audit } from '../../src/gateway/audit/create-audit.js';
import { createGateway } from '../../src/gateway/create-gateway.js';
import { serveGateway } from '../../src/gateway/serve-gateway.js';
import { isGatechartError, silentLogger } from '../../src/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { AuthorizationServer, ProtectedServer } from '../fixtures/downstream/login-servers.js';
import { sdkClient } from '../fixtures/gateway/gateway-over-http.js';
import { descendantsOf, isRunning, openHandles } from '../fixtures/processes/process-table.js';
import { startPluginServer } from '../fixtures/servers/http-plugin-server.mjs';
import { eventually, rejection } from '../fixtures/waiting.js';

const fixture = { command: process.execPath, args: ['test/fixtures/servers/stdio-plugin-server.mjs'] };
const silent = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
const dying = { command: process.execPath, args: ['-e', 'process.exit(3)'] };

/** Asks a server of the set or the gateway for a tool. */
type Ask = (server: string, tool: string, args?: Record<string, unknown>) => Promise<unknown>;

interface Scene {
  readonly servers: Record<string, object>;
  readonly options?: Partial<ServerSetOptions>;
  /** Brings about the state, with calls that are not settled when it is reached. */
  enter(ask: Ask, set: ServerSet): Promise<readonly Promise<unknown>[]>;
}

/** A server over HTTP that ends after the scene, and tells how many connections there are to it. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/mcp`;
}

/** Settles when somebody listens on a port of this machine. @throws what the connection fails with */
async function reached(port: string): Promise<void> {
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}

const state = (set: ServerSet, server = 'a'): string => set.status().find(({ name }) => name === server)?.state ?? '';

const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  'when nothing was asked of it': async () => ({
    servers: { a: fixture, b: { type: 'http', url: 'http://127.0.0.1:1/mcp' } },
    enter: async () => [],
  }),
  'while servers start that never say a word, and one more waits for its turn': async () => ({
    servers: { a: silent, b: silent },
    options: { maxStarts: 1 },
    enter: async (ask, set) => {
      const calls = [ask('a', 'pid'), ask('b', 'pid')];
      await eventually('one waits for its turn', () => set.status().some((one) => one.state.includes('queued')));
      await eventually('the other has a process', () => descendantsOf(process.pid).length > 0);
      return calls;
    },
  }),
  'while a server is tried again and again': async () => ({
    servers: { a: dying },
    options: { connection: { reconnectAttempts: 1_000, reconnectDelayMs: 50 } },
    enter: async (ask, set) => {
      const calls = [ask('a', 'pid')];
      await eventually('it was tried twice', () => (set.status()[0]?.attempts ?? 0) > 2);
      return calls;
    },
  }),
  'while a server rests that was given up': async () => ({
    servers: { a: dying },
    options: { connection: { reconnectAttempts: 0, reconnectWindowMs: 0, cooldownMs: 30_000 } },
    enter: async (ask, set) => {
      await ask('a', 'pid').catch(() => undefined);
      await eventually('it rests', () => state(set).startsWith('failed'));
      return [];
    },
  }),
  'under calls, and calls that wait for them': async () => ({
    servers: { a: { ...fixture, maxConcurrent: 2 } },
    enter: async (ask, set) => {
      await ask('a', 'pid');
      const calls = Array.from({ length: 5 }, () => ask('a', 'sleep', { ms: 60_000 }));
      await eventually('they wait', () => set.status()[0]?.inFlight === 2 && set.status()[0]?.waiting === 3);
      return calls;
    },
  }),
  'under a call over HTTP, beside the stream of what the server says unasked': async () => {
    const server = await startPluginServer();
    cleanups.push(() => server.close());
    return {
      servers: { a: { type: 'http', url: server.url } },
      enter: async (ask) => {
        await ask('a', 'pid');
        const calls = [ask('a', 'sleep', { ms: 60_000 })];
        await eventually('the stream', () => server.count('GET') > 0 && JSON.stringify(server.seen).includes('60000'));
        cleanups.push(() => eventually('connections are gone', () => server.sockets.size === 0));
        return calls;
      },
    };
  },
  'under a server over HTTP that accepts and never answers': async () => {
    const url = await listen(() => {});
    return {
      servers: { a: { type: 'http', url } },
      enter: async (ask, set) => {
        const calls = [ask('a', 'pid')];
        await eventually('it connects', () => state(set).startsWith('connecting'));
        return calls;
      },
    };
  },
  'under a list that the server does not give': async () => {
    const server = await startPluginServer({ intercept: ({ message }) => message?.method === 'tools/list' });
    cleanups.push(() => server.close());
    return {
      servers: { a: { type: 'http', url: server.url } },
      enter: async (_ask, set) => {
        const lists = [set.list('a', 'tools'), set.list('a', 'tools')];
        await eventually('it was asked', () => JSON.stringify(server.seen).includes('tools/list'));
        return lists;
      },
    };
  },
  'while a server that is to be logged in to has its metadata looked for': async () => {
    let asked = 0;
    const url = await listen((request, response) => {
      if (request.method === 'POST') response.writeHead(401).end();
      else asked++;
    });
    return {
      servers: { a: { type: 'http', url } },
      enter: async (ask) => {
        const calls = [ask('a', 'pid')];
        await eventually('metadata are looked for', () => asked > 0);
        return calls;
      },
    };
  },
  'while a person is waited for who is to log in': async () => {
    const server = await ProtectedServer.start(await AuthorizationServer.start());
    return {
      servers: { a: { type: 'http', url: server.url } },
      options: { loginStore: new MemoryLoginStore() },
      enter: async (_ask, set) => {
        const error = await rejection(set.callTool('a', { name: 'pid' }));
        expect(error).toMatchObject({ code: 'LOGIN_NEEDED' });
        const address = isGatechartError(error) ? String(error.details['url']) : '';
        const { port } = new URL(new URL(address).searchParams.get('redirect_uri') ?? '');
        await reached(port);
        cleanups.push(() => expect(reached(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' }));
        return [];
      },
    };
  },
  'while calls to a server drain that a reload took away': async () => ({
    servers: { a: fixture, b: fixture },
    enter: async (ask, set) => {
      await Promise.all([ask('a', 'pid'), ask('b', 'pid')]);
      const calls = [ask('a', 'sleep', { ms: 60_000 })];
      await eventually('the call is there', () => set.status()[0]?.inFlight === 1);
      await set.reload({ mcpServers: { b: { ...fixture, env: { CHANGED: 'yes' } } } });
      return calls;
    },
  }),
  'in the middle of a reload': async () => ({
    servers: { a: fixture },
    enter: async (ask, set) => {
      await ask('a', 'pid');
      return [set.reload({ mcpServers: { a: silent, b: { ...silent, eager: true } } })];
    },
  }),
  'with a server that does not heed SIGTERM': async () => ({
    servers: { a: { ...fixture, env: { IGNORE_SIGTERM: '1' } } },
    enter: async (ask, set) => {
      await ask('a', 'pid');
      const calls = [ask('a', 'deaf')];
      await eventually('the call is there', () => set.status()[0]?.inFlight === 1);
      return calls;
    },
  }),
};

/** Handles that there are beside those of a test that does nothing. */
async function nothingMore(before: readonly string[]): Promise<void> {
  await eventually(`no more handles than ${before.join()}: ${openHandles().join()}`, () => {
    return openHandles().length <= before.length;
  });
}

/** Fails if one of them is not settled, or with what is no word of ours. */
async function settled(calls: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.race([
    Promise.allSettled(calls),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 5_000)),
  ]);
  expect(outcomes, 'a call was never settled').toBeDefined();
  for (const outcome of outcomes ?? [])
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'GatechartError' });
}

test.each(Object.keys(scenes))('a set of servers that is closed %s leaves nothing', async (name) => {
  const scene = await scenes[name]?.();
  if (scene === undefined) throw new Error(name);
  const handles = openHandles();
  const set = await createServerSet({ servers: { mcpServers: scene.servers }, logger: silentLogger, ...scene.options });
  cleanups.push(() => set.close());
  const calls = await scene.enter(
    (server, tool, args = {}) => set.callTool(server, { name: tool, arguments: args }),
    set,
  );
  for (const call of calls) call.catch(() => undefined);
  const below = descendantsOf(process.pid);
  await set.close();
  await settled(calls);
  expect(below.filter(isRunning)).toEqual([]);
  expect(
    set
      .status()
      .map(({ inFlight, sessions, waiting }) => [inFlight, sessions, waiting])
      .flat(),
  ).toEqual(set.status().flatMap(() => [0, 0, 0]));
  await nothingMore(handles);
});

test.each(Object.keys(scenes))(
  'a gateway that is closed %s answers what it was asked, and leaves nothing',
  async (name) => {
    const scene = await scenes[name]?.();
    if (scene === undefined) throw new Error(name);
    const handles = openHandles();
    const set = await createServerSet({
      servers: { mcpServers: scene.servers },
      logger: silentLogger,
      ...scene.options,
    });
    const gateway = await createGateway({ servers: set, logger: silentLogger });
    const server = await serveGateway(gateway, {
      transport: { kind: 'http', port: 0 },
      logger: silentLogger,
      drainMs: 200,
    });
    cleanups.push(() => server.close());
    const client = await sdkClient(server.address, {});
    const ask: Ask = (to, tool, args = {}) =>
      client.callTool({ name: 'execute_tool', arguments: { server: to, tool, args } });
    const calls = await scene.enter(ask, set);
    for (const call of calls) call.catch(() => undefined);
    const below = descendantsOf(process.pid);
    await server.close();
    await settled(calls);
    expect(below.filter(isRunning)).toEqual([]);
    expect([gateway.calls, gateway.clients]).toEqual([0, 0]);
    await expect(reached(new URL(server.address).port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await client.close();
    await nothingMore(handles);
  },
);

test('the audit is closed also where the servers do not end cleanly', async () => {
  const servers = await createServerSet({ servers: { mcpServers: {} }, logger: silentLogger });
  let closings = 0;
  const audit: Audit = {
    file: '/dev/null',
    dropped: 0,
    record: () => {},
    reopen: () => Promise.resolve(),
    close: () => {
      closings++;
      return Promise.resolve();
    },
  };
  const close = servers.close.bind(servers);
  servers.close = () => Promise.reject(new Error('the servers do not end'));
  const gateway = await createGateway({ servers, audit, logger: silentLogger });
  await expect(gateway.close()).rejects.toThrow('the servers do not end');
  expect(closings).toBe(1);
  await close();
});
