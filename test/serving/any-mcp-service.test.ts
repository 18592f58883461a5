import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../src/observability/logger.js';
import { openHttpServer } from '../../src/serving/http/http-server.js';
import { startServer } from '../../src/serving/server.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { systemClock } from '../../src/time/clock.js';
import { cleanups } from '../fixtures/cleanups.js';
import { initialize, mcpHeaders, openSession, post, rpc, send } from '../fixtures/hosting/raw-http.js';
import { WordService } from '../fixtures/serving/word-service.js';
import { smallLimits } from '../fixtures/serving/small-limits.js';

const names = { server: 'word server' };
const limits = { ...smallLimits, maxSessions: 2, maxCalls: 2, maxSessionCalls: 2 };

function overHttp(over: { graceMs?: number; service?: WordService; clock?: ManualClock } = {}) {
  const { graceMs = 5000, service = new WordService(), clock = systemClock } = over;
  const listen = { server: { host: '127.0.0.1', port: 0 } };
  const released = vi.fn(() => Promise.resolve());
  const server = startServer({
    name: names.server,
    open: () => openHttpServer(listen, { service, names, limits, logger: silentLogger, clock }),
    release: released,
    graceMs,
    clock: systemClock,
    logger: silentLogger,
  });
  cleanups.push(() => server.close());
  return { server, service, released };
}

async function connect(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  cleanups.push(() => client.close());
  return client;
}

const httpClient = async ({ server }: ReturnType<typeof overHttp>): Promise<Client> =>
  connect(new StreamableHTTPClientTransport(new URL(await server.started)));

const script = fileURLToPath(new URL('../fixtures/serving/serve-words.ts', import.meta.url));
const stdioClient = (): Promise<Client> =>
  connect(new StdioClientTransport({ command: process.execPath, args: ['--import', 'tsx', script] }));

const spell = (word: string) => ({ name: 'spell', arguments: { word } });
const wait = (ms: number) => ({ name: 'wait', arguments: { ms, word: 'done' } });
const open = (): number => process.getActiveResourcesInfo().filter((kind) => /TCP/.test(kind)).length;

describe.each([
  ['HTTP', () => httpClient(overHttp())],
  ['stdio', stdioClient],
])('a server of another kind, over %s', (_, client) => {
  it('introduces itself, lists its tools and runs them, and tells of their progress', async () => {
    const words = await client();
    expect([words.getServerVersion(), words.getInstructions()]).toEqual([
      { name: 'words', version: '7' },
      'Spells words',
    ]);
    const { tools } = await words.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['spell', 'wait']);
    // Told apart here: the SDK's client drops progress that comes in one piece with the answer.
    const letters: unknown[] = [];
    const { transport } = words;
    const take = transport?.onmessage;
    const hear: NonNullable<Transport['onmessage']> = (message, extra) => {
      if ('method' in message) letters.push(message.params?.['message']);
      take?.(message, extra);
    };
    Object.assign(transport ?? {}, { onmessage: hear });
    const answer = await words.callTool(spell('hey'), undefined, { onprogress: () => {} });
    expect(answer.content).toEqual([{ type: 'text', text: 'hey!' }]);
    expect(letters).toEqual(['h', 'e', 'y']);
  });

  it('is told what went wrong in its own words', async () => {
    const words = await client();
    await expect(words.getPrompt({ name: 'p' })).rejects.toMatchObject({ code: -32602, data: 1 });
    await expect(words.callTool({ name: 'sing' })).rejects.toMatchObject({ code: -32603 });
    await expect(words.listPrompts()).rejects.toMatchObject({ code: -32601, data: 'prompts/list' });
  });

  it('cancels work that nobody waits for, and frees its place', async () => {
    const words = await client();
    const abort = new AbortController();
    const calls = Promise.allSettled(
      [1, 2].map(() => words.callTool(wait(60_000), undefined, { signal: abort.signal })),
    );
    await words.ping();
    abort.abort();
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await words.callTool(spell('on'))).toMatchObject({ content: [{ text: 'on!' }] });
  });
});

it('has the limits of every server: over HTTP, one call too many is told that it is busy', async () => {
  const served = overHttp({ graceMs: 20 });
  const words = await httpClient(served);
  const running = [1, 2].map(() => words.callTool(wait(60_000)).catch(() => 'cut off'));
  await vi.waitFor(() => expect(served.service.running).toBe(2));
  await expect(words.callTool(spell('no'))).rejects.toThrow('2 calls of this client are running already');
  await served.server.close();
  await words.close();
  await Promise.all(running);
});

it.each([
  ['is cancelled', 'Error: the client has cancelled the call'],
  ['has its session ended', 'Error: the session is over'],
])('over HTTP, work whose client is gone goes on until it %s', async (how, reason) => {
  const { server, service } = overHttp();
  const url = await server.started;
  const headers = { 'mcp-session-id': await openSession(url) };
  const gone = request(url, { method: 'POST', headers: { ...mcpHeaders, ...headers } });
  gone.on('error', () => {});
  gone.end(rpc(5, 'tools/call', wait(60_000)));
  await vi.waitFor(() => expect(service.running).toBe(1));
  gone.destroy();
  // The id is free as soon as the server has noticed.
  await vi.waitFor(async () => expect((await post(url, rpc(5, 'tools/list'), headers)).status).toBe(200));
  expect(service.running).toBe(1);
  if (how === 'is cancelled') await post(url, rpc(undefined, 'notifications/cancelled', { requestId: 5 }), headers);
  else await send(url, { method: 'DELETE', headers });
  await vi.waitFor(() => expect([service.running, service.left]).toEqual([0, [reason]]));
});

it('drains: over HTTP, calls that run are answered, and nothing is left', async () => {
  const served = overHttp();
  const { server, service, released } = served;
  const words = await httpClient(served);
  const running = words.callTool(wait(200));
  await vi.waitFor(() => expect(service.running).toBe(1));
  const closing = server.close();
  expect(released).not.toHaveBeenCalled();
  expect(await running).toMatchObject({ content: [{ text: 'done!' }] });
  await closing;
  expect(released).toHaveBeenCalledOnce();
  await words.close();
  await vi.waitFor(() => expect(open()).toBe(0));
});

it('gives up what does not finish: over HTTP, the work is told, and nothing is left', async () => {
  const clock = new ManualClock();
  const served = overHttp({ graceMs: 20, clock });
  const { server, service } = served;
  const words = await httpClient(served);
  const running = words.callTool(wait(60_000)).catch(() => 'cut off');
  await vi.waitFor(() => expect(service.running).toBe(1));
  await server.close();
  expect(service.left).toEqual(['Error: the session is over']);
  await words.close();
  await running;
  expect([service.running, clock.size]).toEqual([0, 0]);
});

it('ends by itself: over stdio, when its client is gone and its call answered, and its process with it', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', script]);
  const ended = once(child, 'close');
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stdin.end(`${initialize}\n${rpc(2, 'tools/call', wait(200))}\n`);
  expect(await ended).toEqual([0, null]);
  expect(output).toContain('done!');
});
