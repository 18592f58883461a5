import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createManager, definePlugin } from '../../src/index.js';
import { callTool, external, folderWith, http, start, stdio } from '../fixtures/manager/managers.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { cleanups } from '../fixtures/cleanups.js';

const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);

beforeEach(() => {
  warnings.splice(0);
  process.on('warning', onWarning);
});
afterEach(async () => {
  // Node tells of them in a later turn.
  await delay(20);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

/** An echo server that ends with the test, and the section that leads to it. */
async function serve(transport: 'http' | 'unix' | 'grpc'): Promise<Record<string, unknown>> {
  const path = join(folderWith({}), 's');
  const kinds = {
    http: { kind: 'http', server: { host: '127.0.0.1', port: 0 } },
    unix: { kind: 'unix', path },
    grpc: { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } },
  } as const;
  const server = await startEchoServer({ transport: kinds[transport] });
  cleanups.push(() => server.close());
  if (transport === 'unix') return { unix_socket: { path } };
  if (transport === 'grpc') return { grpc: { target: server.address.replace(/^.*?([\d.]+:\d+)$/, '$1') } };
  return { mcp: http(server.address) };
}

const manyCalls = (manager: Parameters<typeof callTool>[0], name: string, signal: AbortSignal) =>
  Promise.all(Array.from({ length: 200 }, () => callTool(manager, name, {}, { signal })));

it.each(['http', 'unix', 'grpc'] as const)('200 calls in flight with one signal over %s', async (transport) => {
  const section = await serve(transport);
  const manager = await start({ config: { plugins: [{ name: 'Echo', kind: 'external', ...section }] } });
  await manyCalls(manager, 'short', new AbortController().signal);
});

it('200 calls in flight with one signal over stdio', async () => {
  const manager = await start({ config: external(stdio()) });
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 200 }, () => callTool(manager, 'sleep', { ms: 200 }, { signal })));
});

it('200 calls in flight with one signal in this process, which cancels them all', async () => {
  const plugin = definePlugin({
    hooks: {
      tool_pre_invoke: async (_payload, { signal }) => {
        await delay(60_000, undefined, { signal });
      },
    },
  });
  const manager = await start({
    kinds: { slow: plugin },
    config: { plugins: [{ name: 'Slow', kind: 'slow', hooks: ['tool_pre_invoke'] }] },
  });
  const abort = new AbortController();
  const calls = Array.from({ length: 200 }, () =>
    callTool(manager, 'x', {}, { signal: abort.signal }).catch((error: unknown) => error),
  );
  await delay(20);
  abort.abort(new Error('enough'));
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'INVOCATION_CANCELLED' });
});

it.each(['http', 'unix', 'grpc'] as const)('32 plugins, and 200 calls to all of them, over %s', async (transport) => {
  const section = await serve(transport);
  const plugins = Array.from({ length: 32 }, () => ({ kind: 'external', hooks: ['tool_pre_invoke'], ...section }));
  const managers = await Promise.all(
    plugins.map((plugin) => start({ config: { plugins: [{ name: 'Echo', ...plugin }] } })),
  );
  const { signal } = new AbortController();
  await Promise.all(
    managers.flatMap((manager) => Array.from({ length: 6 }, () => callTool(manager, 'hello', {}, { signal }))),
  );
});

it('the longest durations of a server', async () => {
  const longest = 2 ** 31 - 1;
  const limits = { keepAliveMs: longest, sessionIdleMs: longest, requestTimeoutMs: longest, shutdownGraceMs: longest };
  const server = await startEchoServer({ limits });
  cleanups.push(() => server.close());
  const echo = { name: 'Echo', kind: 'external', mcp: http(server.address) };
  await callTool(await start({ config: { plugins: [echo] } }), 'hello');
});

it('12 child processes of one manager', async () => {
  const plugins = Array.from({ length: 12 }, (_, index) => ({
    name: `Guard${index}`,
    kind: 'external',
    hooks: ['tool_pre_invoke'],
    mcp: stdio(),
  }));
  const manager = await start({ config: { plugins } });
  await callTool(manager, 'echo');
  await manager.close();
});

it('100 managers with the logger that they have by default', async () => {
  for (let count = 0; count < 100; count++) {
    const manager = await createManager({ config: { plugins: [] }, env: { PLUGINS_LOG_LEVEL: 'ERROR' } });
    cleanups.push(() => manager.close());
    await callTool(manager, 'x');
  }
});
