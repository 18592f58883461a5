import { afterEach, describe, expect, it } from 'vitest';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import { silentLogger } from '../../src/observability/logger.js';
import { systemClock } from '../../src/time/clock.js';
import { Deadlines } from '../../src/time/deadlines.js';
import type { McpLink } from '../../src/transports/mcp/mcp-messages.js';
import type { StdioTransportOptions } from '../../src/transports/stdio/stdio-options.js';
import { open } from '../fixtures/transports/stdio-links.js';
import { call, never, stdioTransport } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const rawServer = new URL('../fixtures/servers/raw-stdio-server.mjs', import.meta.url).pathname;
const raw = (env: Record<string, string> = {}) => ({ cmd: [process.execPath, rawServer], env });
const mebibyte = 1024 * 1024;

const openRaw = (options: Partial<StdioTransportOptions> = {}, env: Record<string, string> = {}): Promise<McpLink> =>
  open({}, { ...options, server: raw(env) });

/** Has the server write lines as they are, in answer to a call; `$ID` is the id of that call. */
const write = (link: McpLink, lines: readonly string[], more: Record<string, unknown> = {}) =>
  call(link, 'raw', { lines, ...more });

const stats = async (link: McpLink) =>
  (await call(link, 'stats')) as { executed: Record<string, number>; heard: { method?: string; error?: object }[] };

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** A connection that sends cut-off calls again, as those of plugins do. */
function connect(options: Partial<StdioTransportOptions> = {}) {
  const deadlines = new Deadlines(systemClock);
  const system = new ConnectionSystem(systemClock, deadlines, silentLogger);
  const connection = new ManagedConnection({
    name: 'guard',
    transport: stdioTransport({}, { ...options, server: raw() }),
    settings: {
      connectTimeoutMs: 10_000,
      reconnectAttempts: 3,
      reconnectDelayMs: 10,
      jitter: 0,
      stablePeriodMs: 50,
      cooldownMs: 200,
      idleTimeoutMs: undefined,
      maxWaiting: 1000,
    },
    system,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  closings.push(async () => {
    await connection.close();
    system.stop();
    deadlines.close();
  });
  return (name: string, args: Record<string, unknown> = {}, timeoutMs = 15_000) =>
    connection.request({ method: 'tools/call', params: { name, arguments: args } }, { timeoutMs, replay: 'once' });
}

describe('an error answer over stdio is an answer', () => {
  it.each([
    ['words about a session', { code: -32600, message: 'Upstream session terminated' }],
    ['the very words of HTTP servers', { code: -32600, message: 'Session terminated' }],
    ['a session that was not found', { code: -32001, message: 'Session not found' }],
    ['no code', { message: 'Session terminated' }],
    ['no message', { code: 1 }],
    ['an error that is text', 'Session terminated'],
  ])('and never a reason to run the call again: %s', async (_name, error) => {
    const request = connect();
    const lines = [JSON.stringify({ jsonrpc: '2.0', id: 0, error }).replace('"id":0', '"id":$ID')];
    expect(await rejection(request('raw', { lines, label: 'once' }))).toMatchObject({ code: 'CALL_REFUSED' });
    expect(await request('stats')).toMatchObject({ executed: { once: 1 } });
  });

  it('whose text is cut to a sensible length', async () => {
    const link = await openRaw();
    const error = await rejection(
      write(link, ['{"jsonrpc":"2.0","id":$ID,"error":{"code":1,"message":"$FILL"}}'], { bytes: mebibyte }),
    );
    expect(error).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/^x{2000}… \(1048576 characters\)$/),
    });
  });

  it.each([
    ['nothing', '{"jsonrpc":"2.0","id":$ID}', /neither a result object nor an error, but with \{\}$/],
    ['a result that is text', '{"jsonrpc":"2.0","id":$ID,"result":"fine"}', /but with \{"result":"fine"\}$/],
    ['a result that is null', '{"jsonrpc":"2.0","id":$ID,"result":null}', /but with \{"result":null\}$/],
    ['a result that is a list', '{"jsonrpc":"2.0","id":$ID,"result":[1]}', /but with \{"result":\[1\]\}$/],
    ['a result and an error', '{"jsonrpc":"2.0","id":$ID,"result":{},"error":{"code":1,"message":"boom"}}', /^boom$/],
    ['an error that is text', '{"jsonrpc":"2.0","id":$ID,"error":"boom"}', /but with \{"error":"boom"\}$/],
    [
      'a number that JSON does not have',
      '{"jsonrpc":"2.0","id":$ID,"result":{"n":NaN}}',
      /cannot be read as JSON: .*NaN/,
    ],
    ['half an answer', '{"id":$ID,"jsonrpc":"2.0","result":{"content":[{"te', /cannot be read as JSON/],
    ['more than one answer in a line', '{"jsonrpc":"2.0","id":$ID,"result":{}} {"x":1}', /cannot be read as JSON/],
  ])('even if it holds %s: the call fails with what was there', async (_name, line, message) => {
    const link = await openRaw();
    const beside = call(link, 'slow', { ms: 100 });
    expect(await rejection(write(link, [line]))).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(message),
    });
    expect(await beside).toEqual({ ms: 100 });
  });
});

describe('the id of an answer over stdio', () => {
  it('may be the number of the request as text', async () => {
    const link = await openRaw();
    expect(await write(link, ['{"jsonrpc":"2.0","id":"$ID","result":{"a":1}}'])).toEqual({ a: 1 });
    expect(
      await rejection(write(link, ['{"jsonrpc":"2.0","id":"$ID","error":{"code":1,"message":"no"}}'])),
    ).toMatchObject({ message: 'no' });
  });

  it.each(['"0$ID"', '"$ID.0"', '"$IDe0"', '" $ID"', '[$ID]', 'true'])('is not guessed: %s', async (id) => {
    const link = await openRaw();
    const lines = [`{"jsonrpc":"2.0","id":${id},"result":{"forged":true}}`, '{"jsonrpc":"2.0","id":$ID,"result":{}}'];
    expect(await write(link, lines)).toEqual({});
  });

  it.each(['null', '"server-error"', '4711', '-1', '{}'])(
    'may be %s on an error: it is that of the only request that waits, if nothing was written after it',
    async (id) => {
      const link = await openRaw();
      const line = `{"jsonrpc":"2.0","id":${id},"error":{"code":-32700,"message":"Parse error"}}`;
      expect(await rejection(write(link, [line]))).toMatchObject({
        outcome: 'refused',
        rpcCode: -32700,
        message: 'Parse error',
      });
      expect(await call(link, 'echo', { a: 1 })).toEqual({ a: 1 });
    },
  );

  it('may be null on an error about a notification: no request is failed with it', async () => {
    const refused = { code: -32601, message: 'Method not found: notifications/initialized' };
    const logger = recordingLogger();
    const link = await openRaw({ logger });
    const error = `{"jsonrpc":"2.0","id":null,"error":${JSON.stringify(refused)}}`;
    expect(await write(link, [error, '{"jsonrpc":"2.0","id":$ID,"result":{"first":true}}'])).toEqual({ first: true });
    expect(logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { id: null, code: -32601, error: refused.message } },
    ]);
    // From here on it can only be about a request.
    expect(await rejection(write(link, [error]))).toMatchObject({ outcome: 'refused', rpcCode: -32601 });
  });

  it('may be missing on an error too', async () => {
    const link = await openRaw();
    const line = '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"}}';
    expect(await rejection(write(link, [line]))).toMatchObject({ outcome: 'refused', message: 'Invalid Request' });
  });

  it('that fits none of several requests is logged with the text of the error, cut, and fails none of them', async () => {
    const logger = recordingLogger();
    const link = await openRaw({ logger });
    const [slow, other] = [call(link, 'slow', { ms: 200 }), call(link, 'slow', { ms: 201 })];
    const line = '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"on its own$FILL"}}';
    const answer = '{"jsonrpc":"2.0","id":$ID,"result":{}}';
    await write(link, [...Array.from({ length: 200 }, () => line), answer], { bytes: 5000 });
    expect(await Promise.all([slow, other])).toEqual([{ ms: 200 }, { ms: 201 }]);
    const said = logger.lines.filter(({ message }) => message.includes('answers no request'));
    expect(said).toHaveLength(200);
    expect(said.filter(({ level }) => level === 'warn')).toHaveLength(10);
    expect(said[0]?.fields).toMatchObject({ id: null, code: -32603, error: expect.stringMatching(/^on its own/) });
    expect(JSON.stringify(said[0]).length).toBeLessThan(3000);
  });

  it('that was ours is never taken for that of another request, however late the error comes', async () => {
    const link = await openRaw();
    const abort = new AbortController();
    const late = rejection(
      call(
        link,
        'raw',
        { wait: 100, lines: ['{"jsonrpc":"2.0","id":$ID,"error":{"code":1,"message":"late"}}'] },
        abort.signal,
      ),
    );
    abort.abort(new Error('enough'));
    expect(await late).toMatchObject({ message: 'enough' });
    expect(await call(link, 'slow', { ms: 300 })).toEqual({ ms: 300 });
  });

  it.each([
    ['an error without id', '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"not you"}}', /not you/],
    [
      'an error under a made-up id',
      '{"jsonrpc":"2.0","id":"x","error":{"code":-32600,"message":"not you"}}',
      /not you/,
    ],
    ['what is not quite JSON', '{"jsonrpc":"2.0","id":0,"result":{"n":NaN}}', /cannot be read as JSON/],
  ])('fails the opening at once where initialize is answered with %s', async (_name, INITIALIZE, message) => {
    const opening = rejection(stdioTransport({}, { server: raw({ INITIALIZE }) }).open(never));
    expect(await opening).toMatchObject({ code: 'PROTOCOL_ERROR', message: expect.stringMatching(message) });
  });
});

describe('a message over stdio that is too large', () => {
  it('is that of its call alone: an answer of 20 MiB fails with MESSAGE_TOO_LARGE, nothing runs twice', async () => {
    const request = connect();
    const beside = Array.from({ length: 5 }, (_, n) => request('slow', { ms: 300 + n, label: 'beside' }));
    const line = '{"result":{"id":99,"text":"$FILL"},"jsonrpc":"2.0","id":$ID}';
    expect(await rejection(request('raw', { lines: [line], bytes: 20 * mebibyte, label: 'large' }))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringContaining('16777216 bytes'),
    });
    expect(await Promise.all(beside)).toHaveLength(5);
    expect(await request('stats')).toMatchObject({ executed: { large: 1, beside: 5 } });
  });

  it.each([
    ['in front', '{"jsonrpc":"2.0","id":$ID,"result":{"text":"$FILL"}}'],
    ['behind', '{"jsonrpc":"2.0","result":{"text":"$FILL"},"id":$ID}'],
    ['as text', '{"jsonrpc":"2.0","result":{"text":"$FILL"},"id":"$ID"}'],
    ['escaped', '{"jsonrpc":"2.0","result":{"text":"$FILL"},"\\u0069d":$ID}'],
    ['in an error', '{"jsonrpc":"2.0","error":{"code":1,"message":"$FILL"},"id":$ID}'],
    ['in a batch', '[{"jsonrpc":"2.0","id":77,"result":{}},{"jsonrpc":"2.0","result":{"text":"$FILL"},"id":$ID}]'],
  ])('is found by its id %s, with other calls beside it', async (_name, line) => {
    const link = await openRaw({ maxMessageBytes: 10_000 });
    const beside = [call(link, 'slow', { ms: 150 }), call(link, 'slow', { ms: 151 })];
    expect(await rejection(write(link, [line], { bytes: 50_000 }))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    });
    expect(await Promise.all(beside)).toEqual([{ ms: 150 }, { ms: 151 }]);
  });

  it('is not sent if it is ours', async () => {
    const request = connect({ maxMessageBytes: 10_000 });
    const beside = request('slow', { ms: 100, label: 'beside' });
    const text = 'ü'.repeat(6000);
    expect(await rejection(request('echo', { text, label: 'large' }))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringMatching(/the request has 12\d{3} bytes, a message may have 10000; it was not sent/),
    });
    expect(await beside).toEqual({ ms: 100 });
    expect(await request('stats')).toMatchObject({ executed: { beside: 1 } });
  });

  it('is answered with an error if the server asks something with it, and passed over if it tells something', async () => {
    const logger = recordingLogger();
    const link = await openRaw({ maxMessageBytes: 10_000, logger });
    const ping = '{"jsonrpc":"2.0","id":"big","method":"ping","params":{"x":"$FILL"}}';
    const note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"x":"$FILL"}}';
    await write(link, [ping, note, '{"jsonrpc":"2.0","id":$ID,"result":{}}'], { bytes: 20_000 });
    await eventually('the answer', () => logger.lines.filter(({ level }) => level === 'warn').length === 2);
    expect((await stats(link)).heard.at(-1)).toMatchObject({ id: 'big', error: { code: -32600 } });
  });

  it('is a stray line if it is no message at all', async () => {
    const logger = recordingLogger();
    const link = await openRaw({ maxMessageBytes: 10_000, logger });
    expect(await write(link, ['{"id":$ID,$FILL', '{"jsonrpc":"2.0","id":$ID,"result":{}}'], { bytes: 20_000 })).toEqual(
      {},
    );
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(JSON.stringify(logger.lines).length).toBeLessThan(2000);
  });

  it('ends the link when its end does not come in time', async () => {
    const link = await openRaw({ maxMessageBytes: 10_000, longLineMs: 200 });
    expect(await rejection(call(link, 'begin', { bytes: 20_000 }))).toMatchObject({ outcome: 'cutOff' });
    expect((await link.closed).error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining('sent more than 10000 bytes of a line and not its end for 200 ms'),
    });
  });

  it('ends nothing when its end comes in time', async () => {
    const link = await openRaw({ maxMessageBytes: 10_000, longLineMs: 200 });
    await write(link, ['$FILL', '{"jsonrpc":"2.0","id":$ID,"result":{}}'], { bytes: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await call(link, 'echo', { a: 1 })).toEqual({ a: 1 });
  });

  it('ends the link when it has no end', async () => {
    const link = await openRaw({ maxMessageBytes: 100_000 });
    const before = process.memoryUsage().rss;
    expect(await rejection(call(link, 'endless'))).toMatchObject({ outcome: 'cutOff' });
    expect((await link.closed).error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining('a line of more than 1600000 bytes'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * mebibyte);
  });
});

describe('a byte order mark over stdio', () => {
  it('is skipped before the first message, and before any other', async () => {
    const link = await openRaw({}, { BOM: '\uFEFF' });
    expect(await write(link, ['\uFEFF{"jsonrpc":"2.0","id":$ID,"result":{"a":"\uFEFF"}}'])).toEqual({ a: '\uFEFF' });
  });

  it('is skipped before a banner', async () => {
    const link = await openRaw({}, { BANNER: '\uFEFFhello' });
    expect(await call(link, 'echo', { a: 1 })).toEqual({ a: 1 });
  });
});

describe('what is written in one turn of the event loop', () => {
  it('comes in the order in which it was said, requests and the rest', async () => {
    const link = await openRaw();
    const first = call(link, 'echo', {});
    const before = stats(link);
    link.notify({ method: 'notifications/said' });
    const after = stats(link);
    await first;
    const methods = (await Promise.all([before, after])).map(({ heard }) => heard.map(({ method }) => method));
    expect(methods).toEqual([['notifications/initialized'], ['notifications/initialized', 'notifications/said']]);
  });
});

describe('a plugin server that is slow to read', () => {
  it('is waited for: 64 calls of 900 KB are all answered', async () => {
    const link = await openRaw();
    void rejection(call(link, 'pause', { ms: 300 }));
    const text = 'x'.repeat(900_000);
    const answers = await Promise.all(Array.from({ length: 64 }, () => call(link, 'size', { text })));
    expect(answers).toEqual(Array.from({ length: 64 }, () => ({ size: 900_000 })));
  });

  it('never hears of a call that was given up before it was written', async () => {
    const link = await openRaw();
    void rejection(call(link, 'pause', { ms: 400 }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const text = 'x'.repeat(600_000);
    const sent = Array.from({ length: 3 }, () => call(link, 'size', { text, label: 'sent' }));
    const abort = new AbortController();
    const givenUp = Array.from({ length: 3 }, () =>
      rejection(call(link, 'size', { text, label: 'given up' }, abort.signal)),
    );
    abort.abort(new Error('enough'));
    for (const reason of await Promise.all(givenUp)) expect(reason).toMatchObject({ message: 'enough' });
    await Promise.all(sent);
    const { executed, heard } = await stats(link);
    expect(executed).toEqual({ sent: 3 });
    expect(heard.map(({ method }) => method)).toEqual(['notifications/initialized']);
  });

  it('is sent nothing of what cannot be written as JSON or is too large, also after a wait', async () => {
    const link = await openRaw({ maxMessageBytes: 1_000_000 });
    void rejection(call(link, 'pause', { ms: 300 }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const first = call(link, 'size', { text: 'x'.repeat(900_000) });
    const bad = rejection(call(link, 'echo', { n: 1n }));
    const large = rejection(call(link, 'echo', { text: 'x'.repeat(1_000_000) }));
    const last = call(link, 'echo', { a: 1 });
    expect(await bad).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('cannot be written as JSON'),
    });
    expect(await large).toMatchObject({ outcome: 'refused', cause: { code: 'MESSAGE_TOO_LARGE' } });
    expect(await first).toEqual({ size: 900_000 });
    expect(await last).toEqual({ a: 1 });
  });

  it('has so many calls waiting and no more; those were not sent when it ends', async () => {
    const link = await openRaw({ maxWaiting: 2 });
    void rejection(call(link, 'pause', { ms: 60_000 }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const text = 'x'.repeat(700_000);
    const calls = Array.from({ length: 4 }, () => rejection(call(link, 'size', { text })));
    expect(await calls[3]).toMatchObject({
      outcome: 'refused',
      cause: { code: 'QUEUE_FULL' },
      message: expect.stringContaining('does not read its input: 2 requests are waiting'),
    });
    await link.close();
    expect(await Promise.all(calls.slice(0, 3))).toMatchObject([
      { outcome: 'cutOff' },
      { outcome: 'notSent' },
      { outcome: 'notSent' },
    ]);
  });
});
