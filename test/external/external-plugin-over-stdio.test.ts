import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import type { McpPlugin } from '../../src/external/mcp-plugin.js';
import { silentLogger } from '../../src/observability/logger.js';
import { systemClock } from '../../src/time/clock.js';
import { Deadlines } from '../../src/time/deadlines.js';
import type { McpRequest, McpResponse } from '../../src/transports/mcp/mcp-messages.js';
import { createStdioTransport } from '../../src/transports/stdio/stdio-transport.js';
import { callPlugin, externalPlugin, pluginContext } from '../fixtures/external/external-plugin.js';

const script = fileURLToPath(new URL('../fixtures/hosting/serve-echo.ts', import.meta.url));
const deadlines = new Deadlines(systemClock);
const system = new ConnectionSystem(systemClock, deadlines, silentLogger);
let plugin: McpPlugin;

beforeAll(async () => {
  const connection = new ManagedConnection<McpRequest, McpResponse>({
    name: 'Echo',
    transport: createStdioTransport({
      name: 'Echo',
      server: { cmd: [process.execPath, '--import', 'tsx', script] },
      processEnv: process.env,
      logger: silentLogger,
      clock: systemClock,
    }),
    settings: {
      connectTimeoutMs: 15_000,
      reconnectAttempts: 3,
      reconnectDelayMs: 100,
      jitter: 0,
      stablePeriodMs: 1000,
      cooldownMs: 1000,
      idleTimeoutMs: undefined,
      maxWaiting: 10,
    },
    system,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  plugin = externalPlugin(connection);
  await plugin.start({ timeoutMs: 15_000 });
});
afterAll(async () => {
  await plugin.shutdown();
  system.stop();
  deadlines.close();
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap')).toEqual([]);
});

const invoke = (name: string, context = pluginContext()) =>
  callPlugin(plugin, 'tool_pre_invoke', { name, args: { a: 1 } }, context);

it('takes the configuration from its server', () => {
  expect(plugin.config.written).toMatchObject({ hooks: ['tool_pre_invoke'], priority: 100 });
});

it('runs hooks there', async () => {
  expect(await invoke('t')).toEqual({
    continueProcessing: true,
    modifiedPayload: { name: 't', args: { a: 1 } },
    metadata: { m: 't' },
  });
  expect(await invoke('deny')).toEqual({
    continueProcessing: false,
    violation: { reason: 'r', description: 'd', code: 'C', details: { a: 1 } },
  });
});

it('carries states there and back', async () => {
  const context = pluginContext({ requestId: 'r1', state: { before: 1 } });
  context.state = { mine: 1 };
  await invoke('state', context);
  expect(context.state).toEqual({ mine: 1, seen: 't' });
  expect(context.globalContext.state).toEqual({ before: 1, g: 1 });
  await invoke('forget', context);
  expect(context).toMatchObject({ state: {}, metadata: { kept: true }, globalContext: { state: {} } });
});

it('fails as the plugin failed', async () => {
  await expect(invoke('boom')).rejects.toMatchObject({ code: 'PLUGIN_FAILED', failure: { message: 'Error: kaboom' } });
});

it('frees its caller at the deadline, and serves on', async () => {
  await expect(invoke('slow', { ...pluginContext(), deadlineMs: 50 })).rejects.toMatchObject({
    code: 'PLUGIN_TIMEOUT',
  });
  await expect(invoke('empty')).resolves.toEqual({ continueProcessing: true, metadata: {} });
});

it('comes back after its server died under a call', async () => {
  await expect(invoke('exit')).rejects.toMatchObject({
    code: expect.stringMatching(/CALL_OUTCOME_UNKNOWN|CONNECTION_FAILED/),
  });
  await expect(invoke('empty', { ...pluginContext(), deadlineMs: 15_000 })).resolves.toEqual({
    continueProcessing: true,
    metadata: {},
  });
});
