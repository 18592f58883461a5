import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createPluginServer, type PluginServer, type PluginServerTransport } from '../../src/hosting/plugin-server.js';
import { isGatechartError, PluginError, silentLogger } from '../../src/index.js';
import { onCall, serve, stream } from '../fixtures/transports/http-links.js';
import { callTool, external, folderWith, http, start, stdio } from '../fixtures/manager/managers.js';
import { describeMemoryConfig, MemoryHost } from '../fixtures/hosting/memory-host.js';
import { cleanups } from '../fixtures/cleanups.js';
import { rejection } from '../fixtures/waiting.js';

/** A server that executes what it is asked and hangs up instead of answering, as often as told. */
async function serveAndHangUp(times: number) {
  const executed: unknown[] = [];
  const server = await serve(
    onCall(({ message }, response) => {
      if (message?.params?.['name'] !== 'invoke_hook') return false;
      executed.push(message.params);
      if (executed.length > times) return false;
      response.destroy();
      return true;
    }),
  );
  return { url: server.url, executed };
}

describe('a call that was cut off after it was sent', () => {
  it('with replay: never is executed once and reported as unknown', async () => {
    const { url, executed } = await serveAndHangUp(1);
    const manager = await start({ config: external(http(url, { replay: 'never' })) });
    const error = await rejection(callTool(manager, 'echo'));
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({
      code: 'CALL_OUTCOME_UNKNOWN',
      message: expect.stringMatching(
        /^Plugin Guard: The call to Guard was cut off and may or may not have been executed: Guard: http/,
      ),
      failure: { pluginName: 'Guard' },
    });
    expect(error instanceof PluginError && isGatechartError(error.cause) && error.cause.code).toBe(
      'CALL_OUTCOME_UNKNOWN',
    );
    expect(executed).toHaveLength(1);
  });

  it('is executed once too when its answer had begun and the session is gone on asking for the rest', async () => {
    let executed = 0;
    const server = await serve({
      intercept: ({ message, headers }, response) => {
        if (headers['last-event-id'] === 'p1') response.writeHead(404).end();
        else if (message?.params?.['name'] === 'invoke_hook' && executed++ === 0)
          response.writeHead(200, stream).end('id: p1\nretry: 5\ndata:\n\n');
        else return false;
        return true;
      },
    });
    const manager = await start({ config: external(http(server.url, { replay: 'never' })) });
    await expect(callTool(manager, 'echo')).rejects.toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN' });
    expect(executed).toBe(1);
    expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
  });

  it('with replay: once is sent once more, and answered', async () => {
    const { url, executed } = await serveAndHangUp(1);
    const manager = await start({ config: external(http(url, { replay: 'once' })) });
    expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
    expect(executed).toHaveLength(2);
  });

  it('is never executed more than twice; what became of it then is reported as unknown', async () => {
    const { url, executed } = await serveAndHangUp(5);
    const manager = await start({ config: external(http(url)) });
    await expect(callTool(manager, 'echo')).rejects.toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN' });
    expect(executed).toHaveLength(2);
  });

  it('by a dying child is counted the same way', async () => {
    for (const [replay, executions] of [
      ['never', 1],
      ['once', 2],
    ] as const) {
      const log = join(folderWith({}), 'executed.log');
      const manager = await start({
        config: external(stdio({ EXECUTION_LOG: log }, { replay, reconnect_attempts: 5 })),
      });
      await expect(callTool(manager, 'log-and-crash')).rejects.toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN' });
      expect(readFileSync(log, 'utf8')).toBe('executed\n'.repeat(executions));
    }
  });
});

describe.each(['unix_socket', 'grpc'] as const)('a call over %s that was cut off after it was sent', (section) => {
  it.each([
    ['never', 1],
    ['once', 2],
  ] as const)('with replay: %s is executed %i times at most', async (replay, executions) => {
    const path = join(folderWith({}), 's');
    let executed = 0;
    const serveOnce = async (finishes: boolean): Promise<PluginServer> => {
      const host = new MemoryHost({
        Guard: {
          tool_pre_invoke: async (_payload, _context, signal) => {
            executed++;
            if (!finishes) await delay(60_000, undefined, { signal });
            return { metadata: { executed } };
          },
        },
      });
      const transport: PluginServerTransport =
        section === 'grpc' ? { kind: 'grpc', server: { host: '', port: 0, uds: path } } : { kind: 'unix', path };
      const limits = { shutdownGraceMs: 0 };
      const logger = silentLogger;
      return createPluginServer({ host, transport, limits, logger, describeConfig: describeMemoryConfig });
    };
    const server = await serveOnce(false);
    const plugin = { name: 'Guard', kind: 'external', hooks: ['tool_pre_invoke'] };
    const reached = section === 'grpc' ? { grpc: { uds: path, replay } } : { unix_socket: { path, replay } };
    const manager = await start({ config: { plugins: [{ ...plugin, ...reached }] } });
    const outcome = callTool(manager, 't').catch((error: unknown) => error);
    await vi.waitFor(() => expect(executed).toBe(1), { interval: 5 });
    await server.close();
    const next = await serveOnce(true);
    cleanups.push(() => next.close());
    expect(await outcome).toMatchObject(
      replay === 'never' ? { code: 'CALL_OUTCOME_UNKNOWN' } : { metadata: { executed: 2 } },
    );
    expect(executed).toBe(executions);
  });
});

it('an error answer is never a reason to replay', async () => {
  const { url, executed } = await serveAndHangUp(0);
  const manager = await start({ config: external(http(url)) });
  await expect(callTool(manager, 'refuse', { code: -32001, message: 'not today' })).rejects.toMatchObject({
    code: 'PLUGIN_FAILED',
    message: 'Plugin Guard: The call to Guard was refused: MCP error -32001: not today',
    failure: { mcpErrorCode: -32001 },
  });
  expect(executed).toHaveLength(1);
});
