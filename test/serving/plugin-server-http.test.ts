import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { initialize, invokeHook, messageOfStream, openSession, post, rpc, send } from '../fixtures/hosting/raw-http.js';

let server: EchoServer;
let url: string;
let root: string;

beforeAll(async () => {
  server = await startEchoServer({ limits: { maxMessageBytes: 4096 } });
  url = server.address;
  root = new URL('/', url).href;
});
afterAll(() => server.close());

describe('the MCP client of the SDK', () => {
  it('lists the tools, calls them, and ends its session', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(url));
    await client.connect(transport);
    expect(client.getServerVersion()).toEqual({ name: 'MCP Plugin Server', version: '' });
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(['get_plugin_configs', 'get_plugin_config', 'invoke_hook']);
    const answer = await client.callTool({
      name: 'invoke_hook',
      arguments: {
        hook_type: 'tool_pre_invoke',
        plugin_name: 'Echo',
        payload: { name: 't', args: {} },
        context: { state: {}, global_context: { request_id: '1', state: {}, metadata: {} }, metadata: {} },
      },
    });
    expect(answer).toEqual({
      content: [
        {
          type: 'text',
          text: '{"plugin_name":"Echo","result":{"continue_processing":true,"modified_payload":{"name":"t","args":{},"headers":null},"modified_extensions":null,"violation":null,"metadata":{"m":"t"},"http_headers":null,"retry_delay_ms":0,"executions":[]}}',
        },
      ],
      isError: false,
    });
    const session = transport.sessionId ?? '';
    await transport.terminateSession();
    await client.close();
    expect((await post(url, rpc(2, 'ping'), { 'mcp-session-id': session })).status).toBe(404);
  });

  it('can have many calls in flight on one session', async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    const calls = Array.from({ length: 40 }, (_, index) => {
      const state = { index };
      const args = {
        hook_type: 'tool_pre_invoke',
        plugin_name: 'Echo',
        payload: { name: index % 2 === 0 ? 'short' : 't' },
        context: { state, global_context: { request_id: '1' } },
      };
      return client.callTool({ name: 'invoke_hook', arguments: args });
    });
    const answers = await Promise.all(calls);
    answers.forEach((answer, index) => expect(JSON.stringify(answer)).toContain(`\\"state\\":{\\"index\\":${index}}`));
    await client.close();
  });
});

describe('a request that does not fit is refused as ContextForge refuses it', () => {
  const session = (id: string) => ({ 'mcp-session-id': id });

  it.each([
    ['an unknown session', 404, 'Session not found', () => post(url, rpc(2, 'ping'), session('nope'))],
    ['no session', 400, 'Bad Request: Missing session ID', () => post(url, rpc(2, 'ping'))],
    [
      'an Accept header without streams',
      406,
      'Not Acceptable: Client must accept both application/json and text/event-stream',
      () => post(url, initialize, { accept: 'application/json' }),
    ],
    [
      'another content type',
      400,
      'Invalid Content-Type header',
      () => post(url, initialize, { 'content-type': 'text/plain' }),
    ],
    ['a body that is not JSON', 400, 'Parse error: the body is not JSON', () => post(url, '{nope')],
    [
      'JSON that is not JSON-RPC',
      400,
      'Validation error: the body is not one JSON-RPC 2.0 message',
      () => post(url, '{"a":1}'),
    ],
    ['a body that is too large', 413, 'The body is larger than 4096 bytes', () => post(url, 'x'.repeat(5000))],
    [
      'a streamed body that is too large',
      413,
      'The body is larger than 4096 bytes',
      () => post(url, 'x'.repeat(5000), { 'transfer-encoding': 'chunked' }),
    ],
    [
      'GET without a session',
      400,
      'Bad Request: Missing session ID',
      () => send(url, { headers: { accept: 'text/event-stream' } }),
    ],
    [
      'GET of JSON',
      406,
      'Not Acceptable: Client must accept text/event-stream',
      () => send(url, { headers: { accept: 'application/json' } }),
    ],
    [
      'DELETE of an unknown session',
      404,
      'Session not found',
      () => send(url, { method: 'DELETE', headers: session('nope') }),
    ],
    ['PUT', 405, 'Method Not Allowed', () => send(url, { method: 'PUT' })],
    ['another path', 404, 'Not Found', () => send(`${root}nope`)],
    ['the name of another host', 421, 'Invalid Host header', () => post(url, initialize, { host: 'evil.example' })],
    [
      'a page of another site',
      403,
      'Invalid Origin header',
      () => post(url, initialize, { origin: 'http://evil.example' }),
    ],
    ['a page without origin', 403, 'Invalid Origin header', () => post(url, initialize, { origin: 'null' })],
  ])('%s', async (_, status, message, request) => {
    const answer = await request();
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(message);
  });

  it('an unsupported protocol version', async () => {
    const id = await openSession(url);
    const answer = await post(url, rpc(2, 'ping'), { ...session(id), 'mcp-protocol-version': '1999-01-01' });
    expect(answer).toMatchObject({ status: 400, headers: { 'mcp-session-id': id } });
  });

  it('an id that is in use', async () => {
    const id = await openSession(url);
    const first = post(url, invokeHook(7, 'held'), session(id));
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    expect((await post(url, invokeHook(7, 't'), session(id))).status).toBe(400);
    server.host.release();
    expect((await first).body).toContain('its time');
  });
});

describe('a request that fits', () => {
  it('is answered as a stream of one event that names the session', async () => {
    const id = await openSession(url);
    const answer = await post(url, rpc(2, 'ping'), { 'mcp-session-id': id });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'mcp-session-id': id });
    expect(messageOfStream(answer.body)).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
  });

  it.each([undefined, null])('calls a tool without arguments when they are %s', async (given) => {
    const id = await openSession(url);
    const call = rpc(2, 'tools/call', { name: 'get_plugin_configs', arguments: given });
    const answer = await post(url, call, { 'mcp-session-id': id });
    expect(messageOfStream(answer.body)).toMatchObject({ id: 2, result: { isError: false } });
  });

  it('may come from a page on this machine', async () => {
    expect((await post(url, initialize, { origin: 'http://localhost:3000' })).status).toBe(200);
  });

  it('is accepted without an answer when it is a notification', async () => {
    const id = await openSession(url);
    const answer = await post(url, rpc(undefined, 'notifications/initialized'), { 'mcp-session-id': id });
    expect(answer).toMatchObject({ status: 202, body: '' });
  });

  it('ends without an answer when it is cancelled, and its plugin is told', async () => {
    const id = await openSession(url);
    const slow = post(url, invokeHook(9, 'slow'), { 'mcp-session-id': id });
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    await post(url, rpc(undefined, 'notifications/cancelled', { requestId: 9 }), { 'mcp-session-id': id });
    expect((await slow).body).toBe('');
    await vi.waitFor(() => expect(server.host.running).toBe(0));
  });
});

describe('/health', () => {
  it('answers whoever asks, under any name', async () => {
    const answer = await send(`${root}health`, { headers: { host: 'probe.example' } });
    expect(answer).toMatchObject({
      status: 200,
      body: '{"status":"healthy"}',
      headers: { 'content-type': 'application/json' },
    });
    expect((await send(`${root}health`, { method: 'HEAD' })).status).toBe(200);
    expect((await send(`${root}health`, { method: 'POST' })).status).toBe(405);
  });
});
