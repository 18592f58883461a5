import { createServer, type Http2Server, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createGrpcTransport } from '../../src/transports/grpc/grpc-transport.js';
import type { PluginCall, PluginMethod } from '../../src/wire/protobuf/plugin-messages.js';
import { TestConnections } from '../fixtures/unix/unix-plugin.js';

let connections = new TestConnections();
let server: Http2Server | undefined;

afterEach(async () => {
  await connections.close();
  connections = new TestConnections();
  server?.close();
});

const head = { ':status': 200, 'content-type': 'application/grpc' };

function frame(bytes: Uint8Array, flags = 0): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(flags, 0);
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

function trailersOnly(status: string, message = ''): Answer {
  return (stream) => stream.respond({ ...head, 'grpc-status': status, 'grpc-message': message }, { endStream: true });
}

/** A body, and then a status in the trailers. */
function body(bytes: Uint8Array, status = '0', message = '', headers: Record<string, string> = {}): Answer {
  return (stream) => {
    stream.respond({ ...head, ...headers }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': message }));
    stream.end(bytes);
  };
}

/** A body, and no status. */
function bodyAlone(headers: OutgoingHttpHeaders, bytes: Uint8Array = Buffer.alloc(0)): Answer {
  return (stream) => {
    stream.respond(headers);
    stream.end(bytes);
  };
}

const good = body(frame(Buffer.from('good')));

type Answer = (stream: ServerHttp2Stream) => void;

/** A server of frames, not of gRPC: it says whatever a test makes it say. Counts what it was asked, by path. */
async function serve(answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = [];
  let sessions = 0;
  const listening = createServer();
  server = listening;
  listening.on('session', () => sessions++);
  listening.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    asked.push(path);
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const word = Buffer.concat(chunks).subarray(5).toString();
      (answers[word] ?? answers[path] ?? good)(stream);
    });
  });
  const port = await new Promise<number>((resolve) => {
    listening.listen(0, '127.0.0.1', () => resolve((listening.address() as AddressInfo).port));
  });
  const connection = connections.connect(createGrpcTransport({ name: 'Odd', target: `127.0.0.1:${port}` }));
  return { connection, asked, sessions: () => sessions };
}

function callOf(word: string, method: PluginMethod = 'InvokeHook'): PluginCall {
  return {
    method,
    bytes: Buffer.from(word),
    timeoutMs: 5_000,
    read: (bytes) => ({ kind: 'hook', document: { said: Buffer.from(bytes).toString() } }),
  };
}

const options = { timeoutMs: 5_000, replay: 'once' } as const;

describe('an answer that is an error', () => {
  it.each<[string, Answer, RegExp]>([
    ['UNAVAILABLE', trailersOnly('14', 'try again'), /UNAVAILABLE: try again$/],
    ['the words of a lost connection', trailersOnly('14', 'Connection dropped'), /UNAVAILABLE: Connection dropped$/],
    ['the same after headers', body(Buffer.alloc(0), '14', 'Connection dropped'), /Connection dropped$/],
    ['the words of a closed channel', trailersOnly('14', 'Channel closed before call started'), /UNAVAILABLE/],
    ['CANCELLED', trailersOnly('1', 'Call cancelled'), /CANCELLED: Call cancelled$/],
    ['CANCELLED after headers', body(Buffer.alloc(0), '1', 'Call cancelled'), /CANCELLED: Call cancelled$/],
    ['DEADLINE_EXCEEDED', trailersOnly('4', 'too slow'), /DEADLINE_EXCEEDED: too slow$/],
    ['RESOURCE_EXHAUSTED', trailersOnly('8', 'quota'), /RESOURCE_EXHAUSTED: quota$/],
    ['INTERNAL', trailersOnly('13', 'oops'), /INTERNAL: oops$/],
    ['UNAUTHENTICATED', trailersOnly('16', 'who are you'), /UNAUTHENTICATED: who are you$/],
    ['PERMISSION_DENIED', trailersOnly('7'), /PERMISSION_DENIED: no reason given$/],
    ['a session of its own', trailersOnly('2', 'Upstream session terminated'), /UNKNOWN: Upstream session terminated$/],
    ['a status nobody knows', trailersOnly('99', 'odd'), /status 99: odd$/],
    ['a status that is no number', trailersOnly('abc'), /no reason given$/],
    ['no status', bodyAlone(head), /without gRPC status/],
    ['success without a message', trailersOnly('0'), /No message received$/],
    ['half a message', body(Buffer.from([0, 0, 0, 0, 9, 66])), /No message received$/],
    [
      'a message that is not compressed as it says',
      body(frame(Buffer.from('x'), 1), '0', '', { 'grpc-encoding': 'gzip' }),
      /decompress/,
    ],
    ['a page of HTML', bodyAlone({ ':status': 503, 'content-type': 'text/html' }, Buffer.from('<p>')), /503/],
    ['a stream that is reset', (stream) => stream.close(2), /RST_STREAM/],
    ['a stream that is refused', (stream) => stream.close(7), /Stream refused by server/],
    ['a reason of 100,000 characters', trailersOnly('9', 'x'.repeat(15_000)), /^.{300,700}$/],
  ])('%s fails that call alone, and is no reason to send it again', async (_name, answer, message) => {
    const { connection, asked, sessions } = await serve({
      odd: answer,
      slow: (stream) => void delay(200).then(() => good(stream)),
    });
    await connection.request(callOf('first'), options);
    const beside = connection.request(callOf('slow'), options);
    await expect(connection.request(callOf('odd'), options)).rejects.toMatchObject({
      code: 'CALL_REFUSED',
      message: expect.stringMatching(message),
    });
    await expect(beside).resolves.toEqual({ kind: 'hook', document: { said: 'good' } });
    expect(connection.status().state).toMatch(/^ready/);
    expect(sessions()).toBe(1);
    // What the server refused as a stream was not executed, and its library may ask for that once more by itself.
    expect(asked.length).toBe(_name === 'a stream that is refused' ? 4 : 3);
  });
});

describe('a message over the limit', () => {
  it.each<[string, Answer]>([
    ['an answer', bodyAlone(head, frame(Buffer.alloc(17 * 1024 * 1024)))],
    ['our request, at the server', trailersOnly('8', 'grpc: received message larger than max (17 vs. 4)')],
    ['our request, at a server in Python', trailersOnly('8', 'SERVER: Received message larger than max (17 vs. 4)')],
    ['our request, at a server in Java', trailersOnly('8', 'gRPC message exceeds maximum size 4: 17')],
    ['our request, at a server in Rust', trailersOnly('11', 'Error, message length too large: found 17 bytes')],
  ])('%s fails that call alone', async (_name, answer) => {
    const { connection, asked, sessions } = await serve({
      odd: answer,
      slow: (stream) => void delay(500).then(() => good(stream)),
    });
    const beside = connection.request(callOf('slow'), options);
    await expect(connection.request(callOf('odd'), options)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    await expect(beside).resolves.toMatchObject({ kind: 'hook' });
    expect([asked.length, sessions()]).toEqual([2, 1]);
  });

  it('a request of ours that is too large does not leave', async () => {
    const { connection, asked } = await serve({});
    await connection.request(callOf('first'), options);
    const large = { ...callOf(''), bytes: Buffer.alloc(17 * 1024 * 1024) };
    await expect(connection.request(large, options)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    await connection.request(callOf('last'), options);
    expect(asked).toHaveLength(2);
  });
});

describe('UNIMPLEMENTED', () => {
  const config = '/mcpgateway.plugins.PluginService/GetPluginConfig';

  it('of a plugin does not run it under the other name', async () => {
    const { connection, asked } = await serve({ odd: trailersOnly('12', 'this hook is not implemented') });
    await expect(connection.request(callOf('odd'), options)).rejects.toMatchObject({ code: 'CALL_REFUSED' });
    expect(asked).toEqual(['/mcpgateway.plugins.PluginService/InvokeHook', config]);
  });

  it('of a server without the service is', async () => {
    const unknown = trailersOnly('12', 'unknown service');
    const { connection, asked } = await serve({
      '/mcpgateway.plugins.PluginService/InvokeHook': unknown,
      [config]: unknown,
    });
    await expect(connection.request(callOf('hello'), options)).resolves.toMatchObject({ kind: 'hook' });
    expect(asked.at(-1)).toBe('/cpex.PluginService/InvokeHook');
  });
});
