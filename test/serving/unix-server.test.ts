import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UnixServerOptions } from '../../src/serving/unix/unix-server.js';
import { createPluginServer, type PluginServer, type PluginServerOptions } from '../../src/hosting/plugin-server.js';
import { silentLogger } from '../../src/observability/logger.js';
import { PluginError } from '../../src/plugins/plugin-error.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { type Clock, systemClock } from '../../src/time/clock.js';
import { configCall, hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { decodeMessage, types } from '../../src/wire/protobuf/descriptor.js';
import { decodeStruct } from '../../src/wire/protobuf/struct-reader.js';
import { createEchoHost, type EchoHost } from '../fixtures/hosting/echo-host.js';
import { describeMemoryConfig, MemoryHost } from '../fixtures/hosting/memory-host.js';
import { RawClient } from '../fixtures/unix/raw-client.js';

let folder: string;
let path: string;
let server: PluginServer | undefined;
let host: EchoHost;
const clients: RawClient[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-unix-'));
  path = join(folder, 's');
});
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function serve(
  options: Partial<UnixServerOptions> = {},
  clock: Clock = systemClock,
  over: Partial<PluginServerOptions> = {},
): Promise<void> {
  host = createEchoHost();
  server = await createPluginServer({
    host,
    describeConfig: describeMemoryConfig,
    transport: { kind: 'unix', path, ...options },
    logger: silentLogger,
    limits: { shutdownGraceMs: 2000 },
    clock,
    ...over,
  });
}

async function client(): Promise<RawClient> {
  const opened = await RawClient.open(path);
  clients.push(opened);
  return opened;
}

const context = { global_context: { request_id: 'r', state: {}, metadata: {} }, state: {}, metadata: {} };
const hook = (name: string, pluginName = 'Echo'): Uint8Array =>
  hookCall({ hookName: 'tool_pre_invoke', pluginName, payload: { name, args: {} }, context }, 1000).bytes;
const answered = ({ answers }: RawClient, count: number): Promise<void> =>
  vi.waitFor(() => expect(answers.length).toBeGreaterThanOrEqual(count), { interval: 5 });

const running = (count: number): Promise<void> =>
  vi.waitFor(() => expect(host.running).toBe(count), { timeout: 5000, interval: 5 });

/** The tool name in the payload that an answer gives back, or its error's message. */
function gist(answer: Buffer | undefined): unknown {
  const message = decodeMessage(types.invokeHookResponse, answer ?? Buffer.alloc(0));
  if (Object.hasOwn(message, 'error')) return Reflect.get(Object(message['error']), 'message');
  const [part] = message['result'] as Uint8Array[];
  const result = decodeStruct(part as Uint8Array);
  return Reflect.get(Object(result['modified_payload']), 'name');
}

it('serves on a socket that only its owner may use, and removes it', async () => {
  await serve();
  expect(server?.address).toBe(`unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await server?.close();
  expect(existsSync(path)).toBe(false);
});

it('replaces a socket that nobody listens on any more', async () => {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(path)).toBe(true);
  await serve();
  const { closed } = await client();
  await server?.close();
  await closed;
});

it('refuses a socket that another server listens on, and leaves it alone', async () => {
  const other = createServer().listen(path);
  await expect(serve()).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: `Unix socket ${path}: another server listens there; stop it or use another path`,
  });
  expect(existsSync(path)).toBe(true);
  await new Promise((resolve) => other.close(resolve));
});

it('tells requests by trial', async () => {
  await serve();
  const raw = await client();
  raw.send(
    hook('hello'),
    configCall('ECHO', 1).bytes,
    configCall('Nobody', 1).bytes,
    Buffer.alloc(0),
    Buffer.from('junk!'),
  );
  await answered(raw, 5);
  expect(gist(raw.answers[0])).toBe('hello');
  const found = decodeMessage(types.getPluginConfigResponse, raw.answers[1]!);
  expect(found['found']).toBe(true);
  expect(decodeStruct(found['config'] as Uint8Array)).toMatchObject({ name: 'Echo', mode: 'enforce', priority: 100 });
  expect(raw.answers[2]).toHaveLength(0);
  const { configs } = decodeMessage(types.getPluginConfigsResponse, raw.answers[3]!);
  expect((configs as Uint8Array[]).map((config) => decodeStruct(config)['name'])).toEqual(['Echo', 'Idle']);
  const unknown = decodeMessage(types.invokeHookResponse, raw.answers[4]!);
  expect(unknown).toMatchObject({ error: { message: 'Unknown message type', code: 'UNKNOWN_MESSAGE' } });
});

it('answers an unknown plugin in the words that hosts know', async () => {
  await serve();
  const raw = await client();
  raw.send(hook('hello', 'Nobody'));
  await answered(raw, 1);
  expect(gist(raw.answers[0])).toBe(
    'Unable to find tool_pre_invoke for plugin Nobody.  Make sure the plugin is registered.',
  );
});

it('answers a hook call with a payload that cannot be read, and goes on', async () => {
  await serve();
  const raw = await client();
  const broken = types.invokeHookRequest
    .encode({ hook_type: 'tool_pre_invoke', plugin_name: 'Echo', payload: Buffer.from('junk') })
    .finish();
  raw.send(broken, hook('next'));
  await answered(raw, 2);
  expect(gist(raw.answers[0])).toMatch(/^A google.protobuf.Struct is malformed: /);
  expect(gist(raw.answers[1])).toBe('next');
});

describe('a failure that cannot be sent as it is', () => {
  let nested: Record<string, unknown> = {};
  for (let depth = 0; depth < 50; depth++) nested = { nested };

  it.each([
    ['a big integer', { message: 'no', details: { id: 123n } }, 'no'],
    ['half of a surrogate pair', { message: 'no \ud83d', details: { text: '\ud83d' } }, 'no \ufffd'],
    ['a message with half of a surrogate pair', { message: 'no \ude00' }, 'no \ufffd'],
    ['nesting', { message: 'no', details: nested }, 'no'],
    ['a code beyond 32 bits', { message: 'no', details: { id: 1n }, mcpErrorCode: 2 ** 40 }, 'no'],
  ])('is answered without its details: %s', async (_, failure, message) => {
    const fails = () => {
      throw new PluginError({ pluginName: 'Echo', ...failure });
    };
    await serve({}, systemClock, { host: new MemoryHost({ Echo: { tool_pre_invoke: fails } }) });
    const raw = await client();
    raw.send(hook('first'), hook('second'));
    await answered(raw, 2);
    expect(raw.answers.map(gist)).toEqual([message, message]);
    const { error } = decodeMessage(types.invokeHookResponse, raw.answers[0]!);
    expect(error).toMatchObject({ plugin_name: 'Echo', mcp_error_code: -32603 });
  });
});

it('answers with an error where the answer would be larger than a frame may be', async () => {
  const half = 'x'.repeat(10 * 1024 * 1024);
  const host = new MemoryHost({
    Echo: {
      tool_pre_invoke: (payload, { state }) => {
        state['half'] = half;
        return { modifiedPayload: payload, metadata: { half } };
      },
    },
  });
  await serve({}, systemClock, { host });
  const raw = await client();
  raw.send(hook('large'), Buffer.from('junk!'));
  await answered(raw, 2);
  expect(gist(raw.answers[0])).toMatch(
    /^InvokeHookResponse: found a message of \d{8} bytes, expected at most 16777216/,
  );
});

it('answers configurations that cannot be sent as if there were none', async () => {
  const describeConfig = () => ({ name: 'Echo', config: { id: 2 ** 60 } });
  await serve({}, systemClock, { describeConfig });
  const raw = await client();
  raw.send(configCall('Echo', 1).bytes, Buffer.alloc(0), hook('still there'));
  await answered(raw, 3);
  expect(raw.answers.slice(0, 2)).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
  expect(gist(raw.answers[2])).toBe('still there');
});

it('runs requests side by side and answers them in their order', async () => {
  await serve();
  const raw = await client();
  raw.send(...Array.from({ length: 20 }, () => hook('held')), hook('quick'));
  await running(20);
  expect(raw.answers).toEqual([]);
  host.release();
  await answered(raw, 21);
  expect(raw.answers.map(gist)).toEqual([...Array.from({ length: 20 }, () => undefined), 'quick']);
});

it('runs no more requests of one connection than allowed, and reads the others later', async () => {
  await serve({ maxRunning: 2 });
  const raw = await client();
  raw.send(...Array.from({ length: 5 }, () => hook('held')));
  await running(2);
  // Later ones would have come with the first two.
  await delay(20);
  expect(host.running).toBe(2);
  host.release();
  await answered(raw, 5);
});

it('answers a client that has ended its side of the connection', async () => {
  await serve();
  const raw = await client();
  raw.send(hook('held'), hook('quick'));
  raw.socket.end();
  await running(1);
  host.release();
  await raw.closed;
  expect(raw.answers.map(gist)).toEqual([undefined, 'quick']);
});

it('takes frames in any pieces', async () => {
  await serve();
  const raw = await client();
  const bytes = Buffer.concat(
    [0, 1].flatMap((index) => {
      const frame = hook(`call ${index}`);
      const header = Buffer.alloc(4);
      header.writeUInt32BE(frame.length);
      return [header, frame];
    }),
  );
  for (const byte of bytes) {
    raw.socket.write(Buffer.of(byte));
    if (byte % 8 === 0) await delay(1);
  }
  await answered(raw, 2);
  expect(raw.answers.map(gist)).toEqual(['call 0', 'call 1']);
});

it('closes a connection that claims a frame far beyond 16 MiB, without setting memory aside', async () => {
  await serve();
  const raw = await client();
  const before = process.memoryUsage().arrayBuffers;
  raw.socket.write(Buffer.of(0xff, 0xff, 0xff, 0xff));
  await raw.closed;
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  const next = await client();
  next.send(hook('still there'));
  await answered(next, 1);
});

it('refuses a message that is longer than its limits say, reads past it, and goes on', async () => {
  await serve({}, systemClock, { limits: { maxMessageBytes: 1000 } });
  const raw = await client();
  raw.send(hook('x'.repeat(500)));
  await answered(raw, 1);
  raw.send(hook('held'), hook('x'.repeat(2000)), hook('x'.repeat(2_000_000)), hook('next'));
  await running(1);
  host.release();
  await answered(raw, 5);
  const refused = decodeMessage(types.invokeHookResponse, raw.answers[2]!);
  expect(refused).toMatchObject({
    error: {
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringMatching(/^The message has 20\d\d bytes, and at most 1000 are possible$/),
    },
  });
  expect(gist(raw.answers[3])).toMatch(/^The message has 2\d{6} bytes/);
  expect(gist(raw.answers[4])).toBe('next');
});

it('closes connections that ask for nothing for five minutes, and no others', async () => {
  const clock = new ManualClock();
  await serve({}, clock);
  const [quiet, busy] = [await client(), await client()];
  busy.send(hook('hello'));
  await answered(busy, 1);
  clock.advance(200_000);
  busy.send(hook('again'));
  await answered(busy, 2);
  clock.advance(150_000);
  await quiet.closed;
  busy.send(hook('and again'));
  await answered(busy, 3);
  clock.advance(300_001);
  await busy.closed;
});

it('lets running calls finish when it is closed, and takes no more', async () => {
  await serve();
  const raw = await client();
  raw.send(hook('held'));
  await running(1);
  const closing = server?.close();
  host.release();
  await raw.closed;
  expect(raw.answers).toHaveLength(1);
  await closing;
  await expect(RawClient.open(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('cancels the calls of a client that is gone', async () => {
  await serve();
  const raw = await client();
  raw.send(hook('slow'));
  await running(1);
  raw.socket.destroy();
  await running(0);
});
