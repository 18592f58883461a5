import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eraOf } from '../../src/serving/mcp/era.js';
import { cleanups } from '../fixtures/cleanups.js';
import { openSession, post, send } from '../fixtures/hosting/raw-http.js';
import { curiousOverHttp, curiousOverStdio } from '../fixtures/serving/curious-servers.js';

const legacy = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const envelope = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } };
const version = (named: string) => ({ 'mcp-protocol-version': named });
const call = (params: object = {}) => ({
  jsonrpc: '2.0',
  id: 'mine',
  method: 'tools/call',
  params: { name: 'who', ...params },
});
const unsupported = {
  rpcCode: -32_022,
  rpcData: { requested: '2026-07-28', supported: expect.arrayContaining(legacy) },
};

describe('the revision that a message belongs to', () => {
  it.each<[string, Record<string, string>, unknown, object | 'legacy']>([
    ['nothing said', {}, call(), 'legacy'],
    ['a header of an older revision', version('2025-11-25'), call(), 'legacy'],
    ['a header that is no version', version('1'), call(), 'legacy'],
    ['another _meta', {}, call({ _meta: { progressToken: 1 } }), 'legacy'],
    ['an envelope', {}, call(envelope), unsupported],
    [
      'an envelope with an older version',
      {},
      call({ _meta: { 'io.modelcontextprotocol/protocolVersion': '2025-11-25' } }),
      { rpcCode: -32_022 },
    ],
    [
      'an envelope with no text',
      {},
      call({ _meta: { 'io.modelcontextprotocol/protocolVersion': 7 } }),
      { rpcCode: -32_022 },
    ],
    [
      'an envelope with lists in lists',
      {},
      call({ _meta: { 'io.modelcontextprotocol/protocolVersion': [[]] } }),
      { rpcCode: -32_022, rpcData: { requested: 'a list' } },
    ],
    ['both', version('2026-07-28'), call(envelope), unsupported],
    ['a header alone', version('2026-07-28'), call(), unsupported],
    ['a header of a revision to come', version('2031-01-01'), call(), { rpcCode: -32_022 }],
    ['a header above a list', version('2026-07-28'), [call()], unsupported],
    ['a header above an answer', version('2026-07-28'), { jsonrpc: '2.0', id: 1, result: {} }, unsupported],
    ['server/discover', {}, { jsonrpc: '2.0', id: 1, method: 'server/discover' }, { rpcCode: -32_601 }],
    [
      'server/discover in its envelope',
      version('2026-07-28'),
      { jsonrpc: '2.0', id: 1, method: 'server/discover', params: envelope },
      { rpcCode: -32_601 },
    ],
    [
      'initialize, which is what a refusal asks for',
      version('2026-07-28'),
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: envelope },
      'legacy',
    ],
  ])('%s', (_, headers, body, expected) => {
    const era = eraOf(headers, body);
    if (expected === 'legacy') expect(era).toBe('legacy');
    else expect(era).toMatchObject({ status: 400, ...expected });
  });

  it('is found in whatever is sent', () => {
    fc.assert(
      fc.property(fc.anything(), fc.option(fc.string(), { nil: undefined }), (body, named) => {
        const headers = named === undefined ? {} : version(named);
        expect(['legacy', 400]).toContain(Object(eraOf(headers, body)).status ?? eraOf(headers, body));
      }),
    );
  });
});

describe('what belongs to the newer revision', () => {
  it.each([
    ['an envelope', {}, call(envelope)],
    ['a header', version('2026-07-28'), call()],
    ['both', version('2026-07-28'), call(envelope)],
  ])(
    'reaches no session over HTTP, its own or another, and is refused with its own id: %s',
    async (_, headers, body) => {
      const { url, service } = await curiousOverHttp();
      const id = await openSession(url);
      for (const session of [{}, { 'mcp-session-id': id }, { 'mcp-session-id': 'stale' }]) {
        const answer = await post(url, JSON.stringify(body), { ...headers, ...session });
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.body)).toMatchObject({ id: 'mine', error: { code: -32_022 } });
      }
      expect(service.calls).toEqual([]);
    },
  );

  it('opens no stream and ends no session', async () => {
    const { url } = await curiousOverHttp();
    const headers = { accept: 'text/event-stream', 'mcp-session-id': await openSession(url) };
    for (const method of ['GET', 'DELETE']) {
      expect((await send(url, { method, headers: { ...headers, ...version('2026-07-28') } })).status).toBe(405);
    }
    expect((await send(url, { method: 'DELETE', headers })).status).toBe(200);
  });

  it('is refused over stdio, before initialize and after it', async () => {
    const { stdin, stdout, service } = await curiousOverStdio();
    let lines = '';
    stdout.on('data', (chunk) => (lines += String(chunk)));
    const say = (message: object): void => void stdin.write(`${JSON.stringify(message)}\n`);
    say(call(envelope));
    say({ jsonrpc: '2.0', method: 'notifications/roots/list_changed', params: envelope });
    say({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2026-07-28', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
    });
    say(call(envelope));
    say({ jsonrpc: '2.0', id: 2, method: 'ping' });
    await expect.poll(() => lines.trim().split('\n').length).toBe(4);
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { id: 'mine', error: { code: -32_022 } },
      { id: 'mine', error: { code: -32_022 } },
      { id: 1, result: { protocolVersion: '2025-11-25' } },
      { id: 2, result: {} },
    ]);
    expect(service.told).toEqual([]);
  });
});

describe('a client of both revisions', () => {
  const script = fileURLToPath(new URL('../fixtures/serving/serve-curious.ts', import.meta.url));

  it.each([
    ['HTTP', async () => new StreamableHTTPClientTransport(new URL((await curiousOverHttp()).url))],
    [
      'stdio',
      () => Promise.resolve(new StdioClientTransport({ command: process.execPath, args: ['--import', 'tsx', script] })),
    ],
  ])('that tries the newer one first falls back over %s, and is served and asked', async (_, transport) => {
    const client = new Client(
      { name: 'both', version: '1' },
      { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: 'auto' } },
    );
    client.setRequestHandler('elicitation/create', () => Promise.resolve({ action: 'accept', content: { a: 'b' } }));
    await client.connect(await transport());
    cleanups.push(() => client.close());
    expect(client.getProtocolEra()).toBe('legacy');
    expect((await client.listTools()).tools).not.toEqual([]);
    const params = { message: 'Which?', requestedSchema: { type: 'object', properties: { a: { type: 'string' } } } };
    const { content } = await client.callTool({ name: 'ask', arguments: { method: 'elicitation/create', params } });
    expect(content).toMatchObject([{ text: '{"action":"accept","content":{"a":"b"}}' }]);
  });
});
