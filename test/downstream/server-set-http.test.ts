import { expect, test } from 'vitest';
import { createServerSet } from '../../src/downstream/create-server-set.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { eventually } from '../fixtures/waiting.js';
import { startHttpServer } from '../fixtures/downstream/http-server.js';
import type { ServersInput } from '../../src/downstream/servers-file/servers-input.js';

const everything = {
  command: process.execPath,
  args: ['node_modules/@modelcontextprotocol/server-everything/dist/index.js', 'stdio'],
};

test('a server over HTTP is called, and found again when it has forgotten the session', async () => {
  await using server = await startHttpServer();
  await using set = await createServerSet({
    servers: { mcpServers: { web: { type: 'http', url: server.url } } },
    logger: new RecordingLogger(),
  });
  const call = { name: 'count', arguments: {} };
  expect(await set.callTool('web', call)).toMatchObject({ content: [{ text: '1' }] });
  expect(await set.callTool('web', call)).toMatchObject({ content: [{ text: '2' }] });
  server.forgetSessions();
  expect(await set.callTool('web', call)).toMatchObject({ content: [{ text: '3' }] });
  expect(set.status()[0]).toMatchObject({ restarts: 1, target: server.url, state: expect.stringMatching(/^ready/) });
});

test('a secret that was changed is used from the next call on, and the calls under way end with the old one', async () => {
  await using server = await startHttpServer();
  const file = (token: string): ServersInput => ({
    mcpServers: { web: { type: 'http', url: server.url, headers: { Authorization: `Bearer ${token}` } } },
  });
  await using set = await createServerSet({ servers: file('first'), logger: new RecordingLogger() });
  await set.callTool('web', { name: 'count' });
  const slow = set.callTool('web', { name: 'sleep', arguments: { ms: 500 } });
  expect(await set.reload(file('second'))).toMatchObject({ changed: ['web'], added: [], removed: [] });
  expect(await set.callTool('web', { name: 'count' })).toMatchObject({ content: [{ text: '2' }] });
  expect(await slow).toMatchObject({ content: [{ text: 'slept' }] });
  const sent = server.headers.map(({ authorization }) => authorization);
  expect([sent[0], sent.at(-1)]).toEqual(['Bearer first', 'Bearer second']);
  expect(new Set(sent).size).toBe(2);
  await eventually('the old session has ended', () => server.sessions() === 1);
});

test('headers of the caller are sent on where the entry says so, on a session of their own, and no others are', async () => {
  await using server = await startHttpServer();
  await using set = await createServerSet({
    servers: { mcpServers: { web: { type: 'http', url: server.url, forwardHeaders: ['x-tenant'] } } },
    logger: new RecordingLogger(),
  });
  for (const tenant of ['red', 'blue', 'red'])
    await set.callTool(
      'web',
      { name: 'count' },
      { caller: { headers: { 'X-Tenant': tenant, Authorization: 'Bearer inbound', Cookie: 'a=b' } } },
    );
  expect(new Set(server.headers.map((headers) => headers['x-tenant']))).toEqual(new Set(['red', 'blue']));
  expect(server.headers.some(({ authorization, cookie }) => authorization !== undefined || cookie !== undefined)).toBe(
    false,
  );
  expect(server.sessions()).toBe(2);
});

test('what a server says and asks during a call comes to that call, and it sees what its client can', async () => {
  await using set = await createServerSet({
    servers: { mcpServers: { everything: { ...everything, isolation: 'per-client' } } },
    logger: new RecordingLogger(),
  });
  const heard: unknown[] = [];
  const asked: string[] = [];
  const caller = { client: { id: 'one' }, capabilities: { elicitation: { form: {} }, sampling: {} } };
  const on = {
    owner: caller,
    notification: ({ params }: { readonly params?: Readonly<Record<string, unknown>> }) =>
      heard.push(params?.['progress']),
    ask: async ({ method }: { readonly method: string }) => {
      asked.push(method);
      return { model: 'none', role: 'assistant', content: { type: 'text', text: 'said' } };
    },
  };
  const tools = await set.list('everything', 'tools', { caller });
  expect(tools.items.map(({ name }) => name)).toContain('trigger-sampling-request');
  await set.callTool(
    'everything',
    {
      name: 'trigger-long-running-operation',
      arguments: { duration: 0.2, steps: 2 },
      _meta: { progressToken: 'mine' },
    },
    { caller, on },
  );
  expect(heard).toEqual([1, 2]);
  await set.callTool('everything', { name: 'trigger-sampling-request', arguments: { prompt: 'x' } }, { caller, on });
  expect(asked).toEqual(['sampling/createMessage']);
});
