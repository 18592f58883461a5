import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProtobufPlugin } from '../../src/external/unix-plugin.js';
import { createPluginServer, type PluginServer } from '../../src/hosting/plugin-server.js';
import { silentLogger } from '../../src/observability/logger.js';
import { PluginError } from '../../src/plugins/plugin-error.js';
import { createUnixTransport } from '../../src/transports/unix/unix-transport.js';
import { createEchoHost } from '../fixtures/hosting/echo-host.js';
import { callPlugin, pluginContext } from '../fixtures/external/external-plugin.js';
import { describeMemoryConfig } from '../fixtures/hosting/memory-host.js';
import { TestConnections } from '../fixtures/unix/unix-plugin.js';

const pipes = (): number => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('Pipe')).length;

let pipesBefore: number;
let folder: string;
let path: string;
let server: PluginServer;
let connections: TestConnections;
let plugin: ProtobufPlugin;

const serve = (): Promise<PluginServer> =>
  createPluginServer({
    host: createEchoHost(),
    describeConfig: describeMemoryConfig,
    transport: { kind: 'unix', path },
    logger: silentLogger,
    limits: { shutdownGraceMs: 5000 },
  });

beforeEach(async () => {
  pipesBefore = pipes();
  folder = await mkdtemp(join(tmpdir(), 'gc-unix-'));
  path = join(folder, 's');
  server = await serve();
  connections = new TestConnections();
  plugin = connections.plugin(createUnixTransport({ path }));
});
afterEach(async () => {
  await connections.close();
  await server.close();
  await rm(folder, { recursive: true });
  expect(pipes()).toBe(pipesBefore);
});

const invoke = (name: string, context = pluginContext()) =>
  callPlugin(plugin, 'tool_pre_invoke', { name, args: { a: 1 } }, context);

it('takes the configuration from its server', async () => {
  await plugin.start({ timeoutMs: 5000 });
  expect(plugin.config.written).toMatchObject({ hooks: ['tool_pre_invoke'], priority: 100 });
});

it('does not start when the server has no such plugin', async () => {
  const other = connections.plugin(createUnixTransport({ path }), { name: 'Nobody' });
  await expect(other.start({ timeoutMs: 5000 })).rejects.toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    message: `External plugin Nobody at unix:${path} has no plugin called Nobody; use the name that the server's configuration gives it`,
  });
});

it('does not start when nobody listens, and says what to do', async () => {
  const other = connections.plugin(createUnixTransport({ path: join(folder, 'nobody') }));
  await expect(other.start({ timeoutMs: 5000 })).rejects.toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    message: expect.stringContaining('there is no such file; start the plugin server, or correct the path'),
  });
});

it('runs hooks there', async () => {
  expect(await invoke('anything')).toEqual({
    continueProcessing: true,
    modifiedPayload: { name: 'anything', args: { a: 1 } },
    metadata: { m: 't' },
  });
});

it('brings back violations, errors and state', async () => {
  expect(await invoke('deny')).toEqual({
    continueProcessing: false,
    violation: { reason: 'r', description: 'd', code: 'C', details: { a: 1 } },
  });
  await expect(invoke('boom')).rejects.toThrow(PluginError);
  await expect(invoke('boom')).rejects.toMatchObject({
    failure: { message: 'Error: kaboom', pluginName: 'Echo', mcpErrorCode: -32603 },
  });
  const context = pluginContext();
  await invoke('state', context);
  expect(context).toMatchObject({ state: { seen: 't' }, globalContext: { state: { g: 1 } } });
});

it('keeps a global state that the server emptied, because the wire cannot say so', async () => {
  const context = pluginContext({ requestId: 'r', state: { kept: 1 } });
  context.state = { gone: 1 };
  await invoke('forget', context);
  expect(context).toMatchObject({ state: {}, metadata: { kept: true }, globalContext: { state: { kept: 1 } } });
});

it.each([
  ['text', 'ada@example.com'],
  ['an object', { id: 1, teams: ['a'] }],
])('carries the request that the hook belongs to, its user being %s', async (_name, user) => {
  const globalContext = {
    requestId: 'r1',
    user,
    tenantId: 'tenant',
    serverId: 'server',
    state: { shared: [1] },
    metadata: { origin: 'test' },
  };
  const context = { ...pluginContext(structuredClone(globalContext)), state: { a: 1 }, metadata: { b: 2 } };
  const { metadata } = await invoke('witness', context);
  expect(metadata).toEqual({ saw: { globalContext, state: { a: 1 }, metadata: { b: 2 } } });
  // Nothing of it comes back changed either.
  expect(context).toMatchObject({ globalContext, state: { a: 1 }, metadata: { b: 2 } });
  expect(context.globalContext).toEqual(globalContext);
});

it('refuses a payload that cannot be sent unchanged, before anything is sent', async () => {
  const call = callPlugin(plugin, 'tool_pre_invoke', { name: 'x', args: { id: 2 ** 60 } }, pluginContext());
  await expect(call).rejects.toMatchObject({
    code: 'PAYLOAD_INVALID',
    message:
      'payload.args.id: found the integer 1152921504606847000, which is beyond 2^53 and would lose digits; send it as a string',
  });
});

it.each([
  ['request_id', { requestId: 'r\ud83d' }],
  ['tenant_id', { requestId: 'r', tenantId: '\ude00' }],
  ['user', { requestId: 'r', user: 'somebody \ud83d' }],
])('refuses a %s that UTF-8 cannot carry', async (name, globalContext) => {
  await expect(invoke('x', pluginContext(globalContext))).rejects.toMatchObject({
    code: 'PAYLOAD_INVALID',
    message: `context.global_context.${name}: found half of a surrogate pair, expected text that UTF-8 can carry`,
  });
});

it('refuses a message that is too large as a whole, before anything is sent', async () => {
  const half = 'x'.repeat(10 * 1024 * 1024);
  const context = pluginContext({ requestId: 'r', state: { half } });
  await expect(callPlugin(plugin, 'tool_pre_invoke', { name: half, args: {} }, context)).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    message: expect.stringMatching(/^InvokeHookRequest: found a message of 2097\d{4} bytes, expected at most 16777216/),
  });
});

it('reports a result that the server cannot send unchanged as an error of the plugin', async () => {
  await expect(invoke('unsendable')).rejects.toMatchObject({
    failure: { message: expect.stringContaining('result.metadata.big: found the big integer 1') },
  });
});

it('answers many calls at once, each with its own answer', async () => {
  const names = Array.from({ length: 500 }, (_, index) => `call ${index}`);
  const results = await Promise.all(names.map((name) => invoke(name)));
  expect(results.map(({ modifiedPayload }) => modifiedPayload)).toEqual(
    names.map((name) => ({ name, args: { a: 1 } })),
  );
});

it('lets go of a call that takes too long, and answers the next ones', async () => {
  const slow = invoke('slow', { ...pluginContext(), deadlineMs: 100 });
  const behind = invoke('behind');
  await expect(slow).rejects.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  // Cut off by the one before it, and sent once more.
  await expect(behind).resolves.toMatchObject({ modifiedPayload: { name: 'behind' } });
  await expect(invoke('after')).resolves.toMatchObject({ modifiedPayload: { name: 'after' } });
});

it('survives a restart of the server under load', async () => {
  const calls = Array.from({ length: 200 }, async (_, index) => {
    await delay(index);
    return invoke(`call ${index}`);
  });
  await delay(50);
  await server.close();
  server = await serve();
  const results = await Promise.all(calls);
  expect(results.map(({ modifiedPayload }) => modifiedPayload)).toEqual(
    calls.map((_, index) => ({ name: `call ${index}`, args: { a: 1 } })),
  );
});
