import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPluginServer, type PluginServerTransport } from '../../src/hosting/plugin-server.js';
import type { Logger } from '../../src/observability/logger.js';
import type { Endpoint } from '../../src/serving/endpoint.js';
import { openGrpcServer } from '../../src/serving/grpc/grpc-server.js';
import { openHttpServer } from '../../src/serving/http/http-server.js';
import type { FrameService } from '../../src/serving/message-service.js';
import { openStdioEndpoint } from '../../src/serving/stdio/stdio-endpoint.js';
import { openUnixServer } from '../../src/serving/unix/unix-server.js';
import { RecordingLogger } from '../../src/testing/recording-logger.js';
import { systemClock } from '../../src/time/clock.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { cleanups } from '../fixtures/cleanups.js';
import { createEchoHost } from '../fixtures/hosting/echo-host.js';
import { describeMemoryConfig } from '../fixtures/hosting/memory-host.js';
import { WordService } from '../fixtures/serving/word-service.js';
import { RawClient } from '../fixtures/unix/raw-client.js';
import { smallLimits } from '../fixtures/serving/small-limits.js';

const limits = { ...smallLimits, maxMessageBytes: 100 };
const names = { server: 'word server', client: 'a reader', request: 'a question' };
const service: FrameService = {
  read: (frame) =>
    frame[0] === 1 ? { answer: () => Promise.reject(new Error('no')), refuse: () => Buffer.alloc(1) } : undefined,
  refuse: () => Buffer.alloc(1),
};
const rpc = { names: ['test.Words'], methods: {}, healthNames: [] };
const clock = systemClock;
const plugins = (transport: PluginServerTransport, logger: Logger): Promise<Pick<Endpoint, 'close'>> =>
  createPluginServer({ host: createEchoHost(), describeConfig: describeMemoryConfig, transport, logger, limits });

let folder: string;
let made: Certificates;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-names-'));
  made = makeCertificates();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  made.remove();
});

describe('what a server says of TLS that does not work names the server', () => {
  const server = () => ({ host: '127.0.0.1', port: 0, tls: { ...made.server, certReqs: 2 as const } });
  const around = { limits, names, logger: new RecordingLogger(), clock };
  it.each([
    ['HTTP', () => openHttpServer({ server: server() }, { service: new WordService(), ...around })],
    ['gRPC', () => openGrpcServer({ server: server() }, { service: rpc, ...around })],
  ])('over %s', async (_, open) => {
    await expect(open()).rejects.toMatchObject({
      message:
        'TLS of the word server: client certificates are asked for (cert_reqs 2) but no CA bundle says which are valid; ' +
        'set ca_bundle, or cert_reqs to 0',
    });
  });
});

describe.each([
  [
    'a plugin server',
    (path: string, logger: Logger) => plugins({ kind: 'unix', path }, logger),
    'a plugin client',
    undefined,
  ],
  [
    'another server',
    (path: string, logger: Logger) => openUnixServer({ path }, { service, names, limits, logger, clock }),
    'a reader',
    'a question could not be answered',
  ],
])('what %s logs over a Unix socket', (_, open, client, unanswered) => {
  it('names its clients', async () => {
    const logger = new RecordingLogger();
    const path = join(folder, client.at(-1) ?? '');
    const server = await open(path, logger);
    cleanups.push(() => server.close());
    const raw = await RawClient.open(path);
    raw.send(Buffer.from([255]), Buffer.alloc(101));
    if (unanswered !== undefined) raw.send(Buffer.from([1]));
    await vi.waitFor(() => expect(raw.answers).toHaveLength(unanswered === undefined ? 2 : 3));
    raw.socket.write(Buffer.alloc(4, 255));
    await raw.closed;
    expect(logger.lines('warn')).toEqual([
      `${client} sent a message of unknown type`,
      `${client} sent a message that is too large; refused`,
      `${client} does not speak the protocol`,
    ]);
    expect(logger.lines('error')).toEqual(unanswered === undefined ? [] : [unanswered]);
  });
});

describe.each([
  ['a plugin server', plugins, 'the host'],
  [
    'another server',
    (transport: Parameters<typeof openStdioEndpoint>[0], logger: Logger) =>
      openStdioEndpoint(transport, { service: new WordService(), client: 'the reader', limits, logger }),
    'the reader',
  ],
])('what %s logs over stdio', (_, open, client) => {
  it('names its client', async () => {
    const logger = new RecordingLogger();
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const server = await open({ kind: 'stdio', stdin, stdout }, logger);
    cleanups.push(() => server.close());
    stdin.write(`{}\n${' '.repeat(101)}\n{"jsonrpc":"2.0","id":1,"result":{}}\n`);
    await vi.waitFor(() =>
      expect([logger.lines('warn'), logger.lines('debug')]).toEqual([
        [
          `${client} sent a line that is no JSON-RPC message; ignored`,
          `${client} sent a line that is longer than a message may be; refused`,
        ],
        [`${client} answered a request that nobody made; ignored`],
      ]),
    );
  });
});
