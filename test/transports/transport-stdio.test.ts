import { setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { McpNotification } from '../../src/transports/mcp/mcp-messages.js';
import { LinkError } from '../../src/transports/transport.js';
import { open, pidOf } from '../fixtures/transports/stdio-links.js';
import {
  call,
  never,
  stdioServerFile,
  stdioTransport,
  badInitializeAnswers,
} from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';
import { isRunning } from '../fixtures/processes/process-table.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

describe('a stdio link', () => {
  it('carries requests and hands back the result as it came', async () => {
    const link = await open();
    expect(await call(link, 'echo', { text: 'Grüße 🌍' })).toEqual({
      content: [{ type: 'text', text: '{"text":"Grüße 🌍"}' }],
    });
  });

  it('answers many requests at once, each with its own answer', async () => {
    const link = await open();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => call(link, 'echo', { n })));
    expect(answers.map((answer) => JSON.stringify(answer.content))).toEqual(
      Array.from({ length: 200 }, (_, n) => JSON.stringify([{ type: 'text', text: JSON.stringify({ n }) }])),
    );
  });

  it('carries messages far larger than a pipe holds', async () => {
    const link = await open();
    const text = 'ü'.repeat(1_000_000);
    expect(await call(link, 'echo', { text })).toEqual({ content: [{ type: 'text', text: JSON.stringify({ text }) }] });
  });

  it('works with the public reference server', async () => {
    const server = join(
      dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')),
      'dist/index.js',
    );
    const link = await open({}, { server: { cmd: [process.execPath, server] } });
    const answer = await call(link, 'echo', { message: 'hello' });
    expect(answer).toEqual({ content: [{ type: 'text', text: 'Echo: hello' }] });
  });

  it('rejects with the code, message and data of an error answer', async () => {
    const link = await open();
    const error = await rejection(
      call(link, 'refuse', { code: -32042, message: 'not today', data: { why: 'closed' } }),
    );
    expect(error).toBeInstanceOf(LinkError);
    expect(error).toMatchObject({
      outcome: 'refused',
      rpcCode: -32042,
      rpcData: { why: 'closed' },
      message: expect.stringContaining('not today'),
    });
  });

  it('sends nothing of a request that cannot be written as JSON', async () => {
    const link = await open();
    expect(await rejection(call(link, 'echo', { n: 1n }))).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('cannot be written as JSON'),
    });
    await call(link, 'echo');
  });

  it('passes notifications to listeners until they leave', async () => {
    const link = await open();
    const heard: McpNotification[] = [];
    const leave = link.onNotification((notification) => heard.push(notification));
    let traffic = 0;
    link.onTraffic?.(() => void traffic++);
    await call(link, 'tools-changed');
    expect(traffic).toBeGreaterThan(0);
    await eventually('the notification', () => heard.length === 1);
    leave();
    await call(link, 'tools-changed');
    await call(link, 'echo');
    expect(heard).toEqual([{ method: 'notifications/tools/list_changed' }]);
  });

  it('gives the child the environment of this process with its own on top', async () => {
    const link = await open(
      { SHARED: 'own' },
      {
        processEnv: { ...process.env, SHARED: 'process', KEPT: 'process' },
        server: {
          cmd: ['sh', '-c', `echo "$SHARED $KEPT" >&2; exec "${process.execPath}" "${stdioServerFile}"`],
          env: { SHARED: 'own' },
        },
      },
    );
    const exit = call(link, 'exit', { code: 0 });
    exit.catch(() => {});
    expect((await link.closed).error?.message).toContain('own process');
    await rejection(exit);
  });
});

describe('failure 11: a hung server', () => {
  it('frees the caller at once with the reason of its signal, and tells the server', async () => {
    const link = await open();
    const abort = new AbortController();
    const reason = new Error('deadline of 20 ms');
    const waiting = rejection(call(link, 'sleep', { ms: 60_000, label: 'long' }, abort.signal));
    await call(link, 'echo');
    abort.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await call(link, 'cancelled')).toMatchObject({ structuredContent: { cancelled: ['long'] } });
  });

  it('does not cancel a request that was answered before its signal aborted', async () => {
    const link = await open();
    const abort = new AbortController();
    await call(link, 'sleep', { ms: 1, label: 'short' }, abort.signal);
    abort.abort();
    expect(await call(link, 'cancelled')).toMatchObject({ structuredContent: { cancelled: [] } });
  });

  it('sends nothing for a signal that has aborted before', async () => {
    const link = await open();
    const reason = new Error('too late');
    expect(await rejection(call(link, 'echo', {}, AbortSignal.abort(reason)))).toBe(reason);
  });

  it('ends the child when the opening is given up', async () => {
    const abort = new AbortController();
    const reason = new Error('connect deadline');
    const logger = recordingLogger();
    // Says its pid and then nothing.
    const opening = rejection(
      stdioTransport({}, { logger, leaveMs: 50, server: { cmd: ['sh', '-c', 'echo $$ >&2; exec sleep 600'] } }).open(
        abort.signal,
      ),
    );
    await eventually('the start of the child', () => logger.lines.length > 0);
    abort.abort(reason);
    expect(await opening).toBe(reason);
    expect(isRunning(Number(logger.lines[0]?.fields.stderr))).toBe(false);
  });
});

describe('a server that asks and does not read the answers', () => {
  it('is ended when more of them are waiting than one message may be long', async () => {
    const link = await open({}, { maxMessageBytes: 10_000 });
    expect(await rejection(call(link, 'ping-deaf'))).toMatchObject({ outcome: 'cutOff' });
    expect((await link.closed).error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringMatching(
        /asks more than it reads the answers to: \d+ bytes of them are waiting \(limit 10000\)/,
      ),
    });
  });

  it('may ask as often as it likes if it reads, beside requests of any size', async () => {
    const link = await open({}, { maxMessageBytes: 10_000_000 });
    const text = 'x'.repeat(9_000_000);
    const [, answer] = await Promise.all([call(link, 'echo', { text }), call(link, 'ping', { times: 2000 })]);
    expect(answer).toMatchObject({ structuredContent: { answered: 2000 } });
  });
});

describe('failure 16: listeners on long-lived signals', () => {
  it('takes its listener off the signal when the request is settled', async () => {
    const link = await open();
    let listening = 0;
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening--;
      remove(...args);
    };
    await Promise.all(Array.from({ length: 500 }, () => call(link, 'echo', {}, signal)));
    expect(listening).toBe(0);
  });
});

describe('failure 18: a peer that speaks garbage', () => {
  it.each(badInitializeAnswers)('fails the opening on an answer to initialize that is %j', async (answer) => {
    const cmd = ['sh', '-c', `read line; echo '${JSON.stringify(answer)}'; cat >/dev/null`];
    expect(await rejection(stdioTransport({}, { server: { cmd } }).open(never))).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message:
        'guard: the MCP server (stdio sh …) answered initialize with what is neither a JSON-RPC result nor a JSON-RPC error.',
    });
  });

  it('survives stray lines on stdout, before and between messages', async () => {
    const logger = recordingLogger();
    const link = await open({ STRAY_LINES: '20' }, { logger });
    await call(link, 'print', { text: 'debugging…', lines: 30 });
    await call(link, 'print', { text: '{"jsonrpc":"1.0"}' });
    await call(link, 'print', { text: '[42]' });
    expect(await call(link, 'echo', { a: 1 })).toEqual({ content: [{ type: 'text', text: '{"a":1}' }] });
    expect(logger.lines.find(({ level }) => level === 'warn')?.fields.line).toBe('banner 0: { not json }');
  });

  it('ends the link after a hundred lines in a row that are no messages', async () => {
    const link = await open();
    expect(await rejection(call(link, 'print', { text: 'noise', lines: 101 }))).toMatchObject({ outcome: 'cutOff' });
    expect((await link.closed).error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining('sent 101 lines in a row that are no JSON-RPC messages, the last one: noise'),
    });
  });

  it('ends the link on a line without end, with memory bounded', async () => {
    const link = await open({}, { maxMessageBytes: 100_000 });
    const pid = await pidOf(link);
    expect(await rejection(call(link, 'huge-line', { bytes: 5_000_000 }))).toMatchObject({ outcome: 'cutOff' });
    expect((await link.closed).error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining('a line of more than 1600000 bytes'),
    });
    await link.close();
    expect(isRunning(pid)).toBe(false);
  });

  it('logs stderr within a rate, and says how much it left out', async () => {
    const logger = recordingLogger();
    const link = await open({}, { logger });
    await call(link, 'chatty-stderr', { lines: 5000 });
    await link.close();
    expect(logger.lines.filter(({ fields }) => 'stderr' in fields).length).toBeLessThan(1000);
    const dropped = logger.lines.reduce((sum, { fields }) => sum + Number(fields.dropped ?? 0), 0);
    expect(dropped).toBeGreaterThan(4000);
  });
});
