import { afterEach, describe, expect, it } from 'vitest';
import type { PluginServerLimits, PluginServerTransport } from '../../src/hosting/plugin-server.js';
import { withDefaults } from '../../src/config/option-values.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { invokeHook, openSession, post, rpc } from '../fixtures/hosting/raw-http.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

let server: EchoServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

it('what is not given is left to its default, also where it is given as undefined', async () => {
  expect(withDefaults({ a: 1, b: 2 }, { a: undefined, b: 3 })).toEqual({ a: 1, b: 3 });
  const limits: Partial<PluginServerLimits> = {};
  for (const name of ['maxMessageBytes', 'keepAliveMs', 'maxCalls']) Reflect.set(limits, name, undefined);
  server = await startEchoServer({ limits });
  const session = { 'mcp-session-id': await openSession(server.address) };
  const tooLarge = invokeHook(2, 'x'.repeat(16 * 1024 * 1024));
  expect((await post(server.address, tooLarge, session)).status).toBe(413);
});

const unix = (more: object): { transport: PluginServerTransport } => ({
  transport: { kind: 'unix', path: '/nowhere/s', ...more },
});

describe('limits that nothing could be served with are refused', () => {
  it.each([
    ['options.limits.maxCalls', { limits: { maxCalls: 0 } }],
    ['options.limits.maxSessions', { limits: { maxSessions: 0 } }],
    ['options.limits.maxHeldBytes', { limits: { maxHeldBytes: Number.POSITIVE_INFINITY } }],
    ['options.limits.requestTimeoutMs', { limits: { requestTimeoutMs: 0 } }],
    ['options.limits.shutdownGraceMs', { limits: { shutdownGraceMs: Number.NaN } }],
    ['options.transport.idleMs', unix({ idleMs: 0 })],
    ['options.transport.maxRunning', unix({ maxRunning: 0 })],
    ['options.transport.maxRunning', unix({ maxRunning: Number.NaN })],
  ])('%s: %j', async (where, options) => {
    await expect(startEchoServer(options)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`${where}: expected `),
    });
  });

  it('parts of a millisecond are none of them', async () => {
    server = await startEchoServer({ limits: { requestTimeoutMs: 100.5, keepAliveMs: 0.5 } });
    await openSession(server.address);
  });
});

it('the log is not as long as what clients send', async () => {
  const logger = recordingLogger();
  server = await startEchoServer({ logger });
  const session = { 'mcp-session-id': await openSession(server.address) };
  const long = 'x'.repeat(1_000_000);
  for (const more of [{ hook_type: long }, { plugin_name: long }, { payload: { [long]: long } }, { [long]: long }]) {
    const args = {
      hook_type: 'tool_pre_invoke',
      plugin_name: 'Echo',
      payload: { name: 'boom', args: {} },
      context: { global_context: { request_id: '1' } },
      ...more,
    };
    await post(server.address, rpc(2, 'tools/call', { name: 'invoke_hook', arguments: args }), session);
  }
  await post(server.address, rpc(3, 'tools/call', { name: long, arguments: {} }), session);
  await post(server.address, rpc(4, long, { [long]: long }), session);
  expect(logger.lines.length).toBeGreaterThan(3);
  for (const line of logger.lines) expect(JSON.stringify(line).length).toBeLessThan(5000);
});
