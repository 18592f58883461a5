import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientTlsConfig } from '../../src/config/sections/client-tls.js';
import type { ListenConfig } from '../../src/config/sections/network-server.js';
import type { ServerTlsConfig } from '../../src/config/sections/server-tls.js';
import { createManager, silentLogger } from '../../src/index.js';
import type { ProtobufPlugin } from '../../src/external/unix-plugin.js';
import { createGrpcTransport, type GrpcTransportOptions } from '../../src/transports/grpc/grpc-transport.js';
import { asBytes } from '../../src/wire/protobuf/as-bytes.js';
import { configCall, hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { types } from '../../src/wire/protobuf/descriptor.js';
import { encodeStruct } from '../../src/wire/protobuf/struct-writer.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { callPlugin, pluginContext } from '../fixtures/external/external-plugin.js';
import { TestConnections } from '../fixtures/unix/unix-plugin.js';

let folder: string;
let connections: TestConnections;
let server: EchoServer | undefined;
const sockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP') || kind === 'PipeServerWrap').length;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-grpc-'));
  connections = new TestConnections();
});
afterEach(async () => {
  await connections.close();
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
  await vi.waitFor(() => expect(sockets()).toBe(0), { interval: 5 });
});

async function serve(over: Partial<ListenConfig> = {}): Promise<string> {
  server = await startEchoServer({
    transport: { kind: 'grpc', server: { host: '127.0.0.1', port: 0, ...over } },
    limits: { shutdownGraceMs: 3000 },
  });
  return server.address.replace(/^grpcs?:\/\//, '');
}

const pluginAt = (options: Partial<GrpcTransportOptions>): ProtobufPlugin =>
  connections.plugin(createGrpcTransport({ name: 'Echo', ...options }));
const never = new AbortController().signal;
const invoke = (plugin: ProtobufPlugin, name: string, context = pluginContext()) =>
  callPlugin(plugin, 'tool_pre_invoke', { name, args: { a: 1 } }, context);

const held = hookCall(
  {
    hookName: 'tool_pre_invoke',
    pluginName: 'Echo',
    payload: { name: 'held', args: {} },
    context: { global_context: { request_id: 'r' } },
  },
  60_000,
);
const running = (count: number): Promise<void> =>
  vi.waitFor(() => expect(server?.host.running).toBe(count), { timeout: 5000, interval: 5 });

describe('a plugin behind gRPC', () => {
  it('takes its configuration from its server, and runs hooks there', async () => {
    const plugin = pluginAt({ target: await serve() });
    await plugin.start({ timeoutMs: 5000 });
    expect(plugin.config.written).toMatchObject({ hooks: ['tool_pre_invoke'], priority: 100 });
    expect(await invoke(plugin, 'hello')).toEqual({
      continueProcessing: true,
      modifiedPayload: { name: 'hello', args: { a: 1 } },
      metadata: { m: 't' },
    });
    const context = pluginContext();
    await invoke(plugin, 'state', context);
    expect(context).toMatchObject({ state: { seen: 't' }, globalContext: { state: { g: 1 } } });
    await expect(invoke(plugin, 'boom')).rejects.toMatchObject({ failure: { message: 'Error: kaboom' } });
  });

  it('answers many calls at once, each with its own answer', async () => {
    const plugin = pluginAt({ target: await serve() });
    const names = Array.from({ length: 300 }, (_, index) => `call ${index}`);
    const results = await Promise.all(names.map((name) => invoke(plugin, name)));
    expect(results.map(({ modifiedPayload }) => modifiedPayload)).toEqual(
      names.map((name) => ({ name, args: { a: 1 } })),
    );
  });

  it('is reached over a Unix socket that only its owner may use', async () => {
    const uds = join(folder, 's');
    await serve({ uds });
    expect(statSync(uds).mode & 0o777).toBe(0o600);
    expect(await invoke(pluginAt({ uds }), 'hello')).toMatchObject({ modifiedPayload: { name: 'hello' } });
    await connections.close();
    await server?.close();
    expect(existsSync(uds)).toBe(false);
  });

  it('says why it cannot be reached', async () => {
    const plugin = pluginAt({ target: '127.0.0.1:1' });
    await expect(plugin.start({ timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringMatching(/Cannot connect to gRPC server 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1$/),
    });
  });

  it('lets go of a call that takes too long, and leaves other calls alone', async () => {
    const plugin = pluginAt({ target: await serve() });
    await invoke(plugin, 'warm');
    const slow = invoke(plugin, 'slow', { ...pluginContext(), deadlineMs: 100 });
    const beside = invoke(plugin, 'held');
    await expect(slow).rejects.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
    server?.host.release();
    await expect(beside).resolves.toMatchObject({ metadata: { took: 'its time' } });
  });

  it('tells the server when nobody waits for a call any more', async () => {
    const plugin = pluginAt({ target: await serve() });
    const controller = new AbortController();
    const slow = invoke(plugin, 'slow', { ...pluginContext(), signal: controller.signal });
    await running(1);
    controller.abort(new Error('not needed any more'));
    await expect(slow).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    // It would run for a minute.
    await running(0);
  });

  it('survives a restart of the server under load', async () => {
    const target = await serve();
    const plugin = pluginAt({ target });
    const calls = Array.from({ length: 100 }, async (_, index) => {
      await delay(2 * index);
      return invoke(plugin, `call ${index}`);
    });
    await delay(50);
    await server?.close();
    await serve({ port: Number(target.split(':')[1]) });
    const results = await Promise.all(calls);
    expect(results.map(({ modifiedPayload }) => modifiedPayload)).toEqual(
      calls.map((_, index) => ({ name: `call ${index}`, args: { a: 1 } })),
    );
  });

  it('refuses messages of more than 16 MiB, both ways', async () => {
    const target = await serve();
    const plugin = pluginAt({ target });
    await expect(invoke(plugin, 'x'.repeat(17 * 1024 * 1024))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const large = await callRaw(target, '/cpex.PluginService/InvokeHook', Buffer.alloc(17 * 1024 * 1024));
    expect(large).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await callRaw(target, '/cpex.PluginService/InvokeHook', Buffer.from('junk'))).toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });
});

describe('a server that closes while calls run', () => {
  it('answers them, while the connection looks for a new link', async () => {
    const connection = connections.connect(createGrpcTransport({ name: 'Echo', target: await serve() }));
    const answer = connection.request(held, { timeoutMs: 60_000 });
    await running(1);
    const closing = server?.close();
    await vi.waitFor(() => expect(connection.status().state).toMatch(/^reconnecting/), { interval: 1 });
    server?.host.release();
    await expect(answer).resolves.toMatchObject({
      kind: 'hook',
      document: { result: { metadata: { took: 'its time' } } },
    });
    await closing;
    await connection.close();
  });

  it('takes no new ones meanwhile, and ends when they are answered', async () => {
    const link = await createGrpcTransport({ name: 'Echo', target: await serve() }).open(never);
    const answer = link.request(held, { signal: never });
    await running(1);
    const closing = server?.close();
    await link.retiring;
    await expect(link.request(held, { signal: never })).rejects.toMatchObject({ outcome: 'notSent' });
    server?.host.release();
    await expect(answer).resolves.toMatchObject({ kind: 'hook' });
    expect(await link.closed).toEqual({});
    await closing;
  });

  it('does not keep us from closing at once', async () => {
    const link = await createGrpcTransport({ name: 'Echo', target: await serve() }).open(never);
    const answer = link.request(held, { signal: never });
    await running(1);
    void link.close();
    await expect(answer).rejects.toMatchObject({ outcome: 'cutOff', message: 'the link was closed' });
    server?.host.release();
  });
});

it('notices a network that swallows everything while calls run', async () => {
  const target = await serve();
  const [host = '', port] = target.split(':');
  const ends: Socket[] = [];
  const network = createServer((near) => {
    const far = connect(Number(port), host);
    ends.push(near, far);
    near.on('error', () => {}).pipe(far);
    far.on('error', () => {}).pipe(near);
  });
  const through = await new Promise<number>((resolve) => {
    network.listen(0, '127.0.0.1', () => resolve((network.address() as AddressInfo).port));
  });
  const keepAlive = { timeMs: 50, timeoutMs: 1000 };
  const link = await createGrpcTransport({ name: 'Echo', target: `127.0.0.1:${through}`, keepAlive }).open(never);
  const answer = link.request(held, { signal: never });
  await running(1);
  for (const end of ends) end.unpipe().pause();
  expect(await link.closed).toMatchObject({ error: { message: 'the connection to the server was lost' } });
  await expect(answer).rejects.toMatchObject({ outcome: 'cutOff' });
  await link.close();
  for (const end of ends) end.destroy();
  await new Promise((resolve) => network.close(resolve));
});

it('a server refuses messages that are larger than its limits say', async () => {
  server = await startEchoServer({
    transport: { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } },
    limits: { maxMessageBytes: 1000 },
  });
  const target = server.address.replace('grpc://', '');
  const large = await callRaw(target, '/cpex.PluginService/InvokeHook', Buffer.alloc(2000));
  expect(large).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  await expect(invoke(pluginAt({ target }), 'hello')).resolves.toMatchObject({ modifiedPayload: { name: 'hello' } });
});

describe('package names', () => {
  it('are both served', async () => {
    const target = await serve();
    for (const packageName of ['mcpgateway.plugins', 'cpex'] as const) {
      expect(await invoke(pluginAt({ target, packageName }), 'hello')).toMatchObject({
        modifiedPayload: { name: 'hello' },
      });
    }
  });

  it('are tried in turn once, and the one that the server has is remembered until it has the other', async () => {
    const { target, asked, offer, withdraw, close } = await configServer();
    offer('cpex');
    const connection = connections.connect(createGrpcTransport({ name: 'Echo', target }));
    const ask = () => connection.request(configCall('Echo', 1000), { timeoutMs: 1000 });
    for (let call = 0; call < 3; call++) {
      await expect(ask()).resolves.toEqual({ kind: 'config', config: { name: 'Echo' } });
    }
    expect(asked).toEqual(['cpex', 'cpex', 'cpex']);

    // The server is upgraded while the connection stays open.
    withdraw('cpex');
    offer('mcpgateway.plugins');
    for (let call = 0; call < 2; call++) await expect(ask()).resolves.toMatchObject({ kind: 'config' });
    expect(asked.slice(3)).toEqual(['mcpgateway.plugins', 'mcpgateway.plugins']);
    await connection.close();
    close();
  });

  it.each(['mcpgateway.plugins', 'cpex'] as const)(
    '%s is asked first where the configuration says so',
    async (name) => {
      const { target, asked, offer, close } = await configServer();
      for (const each of ['mcpgateway.plugins', 'cpex']) offer(each);
      const plugins = [{ name: 'Echo', kind: 'external', hooks: ['tool_pre_invoke'], grpc: { target, package: name } }];
      const manager = await createManager({ config: { plugins }, env: {}, logger: silentLogger });
      await manager.close();
      expect(asked).toEqual([name]);
      close();
    },
  );
});

/** A server that gives configurations under the packages it offers, of which a server of ContextForge or cpex has one. */
async function configServer() {
  const asked: string[] = [];
  const rpc = new Server();
  const bytes = {
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  };
  const answer = types.getPluginConfigResponse.encode({ found: true, config: encodeStruct({ name: 'Echo' }) }).finish();
  const serviceOf = (name: string) => ({
    get: { path: `/${name}.PluginService/GetPluginConfig`, requestStream: false, responseStream: false, ...bytes },
  });
  const port = await new Promise<number>((resolve, reject) => {
    rpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    target: `127.0.0.1:${port}`,
    asked,
    offer: (name: string) =>
      rpc.addService(serviceOf(name), {
        get: (_call: unknown, callback: (error: null, answer: Uint8Array) => void) => {
          asked.push(name);
          callback(null, answer);
        },
      }),
    withdraw: (name: string) => rpc.removeService(serviceOf(name)),
    close: () => rpc.forceShutdown(),
  };
}

describe('health', () => {
  it.each([
    ['/mcpgateway.plugins.Health/Check', 'anything', 1],
    ['/cpex.Health/Check', '', 1],
    ['/grpc.health.v1.Health/Check', '', 1],
    ['/grpc.health.v1.Health/Check', 'cpex.PluginService', 1],
  ])('%s of "%s"', async (path, service, expected) => {
    const request = types.healthCheckRequest.encode({ service }).finish();
    expect(await callRaw(await serve(), path, request)).toEqual(Buffer.of(0x08, expected));
  });

  it('of an unknown service is not found', async () => {
    const request = types.healthCheckRequest.encode({ service: 'nobody' }).finish();
    const answer = await callRaw(await serve(), '/grpc.health.v1.Health/Check', request);
    expect(answer).toMatchObject({ code: status.NOT_FOUND });
  });

  it('of an unknown service can be watched until the server closes', async () => {
    const client = new Client(await serve(), credentials.createInsecure());
    const request = Buffer.from(types.healthCheckRequest.encode({ service: 'nobody' }).finish());
    const seen: (Buffer | string)[] = [];
    const stream = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asBytes, asBytes, request);
    const ended = new Promise<void>((resolve) => {
      stream.on('end', () => {
        seen.push('end');
        resolve();
      });
    });
    await new Promise<void>((resolve) => {
      stream.on('data', (answer: Buffer) => {
        seen.push(answer);
        resolve();
      });
    });
    // On one connection an answer comes after all that was sent before it.
    await new Promise((resolve) =>
      client.makeUnaryRequest('/cpex.Health/Check', asBytes, asBytes, Buffer.alloc(0), resolve),
    );
    seen.push('checked');
    await server?.close();
    await ended;
    expect(seen).toEqual([Buffer.of(0x08, 3), 'checked', 'end']);
    client.close();
  });

  it('can be watched, and says when the server closes', async () => {
    const client = new Client(await serve(), credentials.createInsecure());
    const seen: Buffer[] = [];
    const stream = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asBytes, asBytes, Buffer.alloc(0));
    stream.on('data', (answer: Buffer) => seen.push(answer));
    const ended = new Promise((resolve) => stream.on('end', resolve));
    await new Promise((resolve) => stream.once('data', resolve));
    await server?.close();
    await ended;
    expect(seen).toEqual([Buffer.of(0x08, 1), Buffer.of(0x08, 2)]);
    client.close();
  });
});

describe('TLS', () => {
  let made: Certificates;
  beforeAll(() => {
    made = makeCertificates();
  });
  afterAll(() => made.remove());

  const serveTls = (over: Partial<ServerTlsConfig> = {}, certificate = made.server): Promise<string> =>
    serve({ tls: { certfile: certificate.certfile, keyfile: certificate.keyfile, certReqs: 0, ...over } });
  const clientTls = (over: Partial<ClientTlsConfig> = {}): ClientTlsConfig => ({
    verify: true,
    checkHostname: true,
    ...over,
  });
  const works = async (target: string, tls: ClientTlsConfig): Promise<void> => {
    await expect(invoke(pluginAt({ target, tls }), 'hello')).resolves.toMatchObject({
      modifiedPayload: { name: 'hello' },
    });
  };
  const fails = async (target: string, tls: ClientTlsConfig): Promise<void> => {
    await expect(invoke(pluginAt({ target, tls }), 'hello')).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  };
  const us = () => ({ caBundle: made.ca.certfile, certfile: made.client.certfile, keyfile: made.client.keyfile });

  it('verify takes a server that the CA bundle vouches for, and no other', async () => {
    const target = await serveTls();
    await works(target, clientTls({ caBundle: made.ca.certfile }));
    await fails(target, clientTls({ caBundle: made.otherCa.certfile }));
    await fails(target, clientTls());
  });

  it('takes requests of many pieces, also where they are put together after the last one', async () => {
    const plugin = pluginAt({ target: await serveTls(), tls: clientTls({ caBundle: made.ca.certfile }) });
    for (const size of [20_000, 70_000, 150_000, 900_000]) {
      const args = { text: 'x'.repeat(size) };
      const result = await callPlugin(plugin, 'tool_pre_invoke', { name: 'large', args }, pluginContext());
      expect(result.continueProcessing).toBe(true);
    }
  });

  it('verify: false takes any server', async () => {
    await works(await serveTls(), clientTls({ verify: false }));
  });

  it('check_hostname refuses the certificate of another host, unless it is off', async () => {
    const target = await serveTls({}, made.wrongHost);
    await fails(target, clientTls({ caBundle: made.ca.certfile }));
    await works(target, clientTls({ caBundle: made.ca.certfile, checkHostname: false }));
  });

  it('client_auth none asks for no certificate', async () => {
    await works(await serveTls({ certReqs: 0 }), clientTls(us()));
  });

  it('client_auth optional takes none or a valid one', async () => {
    const target = await serveTls({ certReqs: 1, caBundle: made.ca.certfile });
    await works(target, clientTls({ caBundle: made.ca.certfile }));
    await works(target, clientTls(us()));
    const { certfile, keyfile } = made.expiredClient;
    expect(
      await callRaw(target, '/cpex.Health/Check', Buffer.alloc(0), tlsCredentials(certfile, keyfile)),
    ).toMatchObject({
      code: status.UNAVAILABLE,
    });
  });

  it('client_auth require takes nothing but a valid one', async () => {
    const target = await serveTls({ certReqs: 2, caBundle: made.ca.certfile });
    await works(target, clientTls(us()));
    await works(target, clientTls({ ...us(), keyfile: made.encryptedKeyfile, keyfilePassword: made.password }));
    const without = pluginAt({ target, tls: clientTls({ caBundle: made.ca.certfile }) });
    // What the server said of it may come too late to be heard.
    await expect(invoke(without, 'hello')).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringMatching(
        /certificate required.*tls\.certfile|the server may want a client certificate \(tls\.certfile\)/s,
      ),
    });
  });

  it('that is not used cannot be used by mistake', async () => {
    const target = await serveTls();
    await expect(invoke(pluginAt({ target }), 'hello')).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  const tlsCredentials = (certfile: string, keyfile: string) =>
    credentials.createSsl(Buffer.from(made.ca.cert), readFileSync(keyfile), readFileSync(certfile));
});

/** One call by the gRPC library itself. */
function callRaw(
  target: string,
  path: string,
  request: Uint8Array,
  channel = credentials.createInsecure(),
): Promise<Buffer | ServiceError | undefined> {
  const client = new Client(target, channel, { 'grpc.use_local_subchannel_pool': 1 });
  return new Promise((resolve) => {
    const deadline = Date.now() + 10_000;
    client.makeUnaryRequest(
      path,
      asBytes,
      (bytes: Buffer) => bytes,
      request,
      new Metadata(),
      { deadline },
      (error, answer) => {
        client.close();
        resolve(error ?? answer);
      },
    );
  });
}
