import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  type ClientCapabilities,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  EmptyResultSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, vi } from 'vitest';
import { cleanups } from '../fixtures/cleanups.js';
import { type CuriousServer, curiousOverHttp, curiousOverStdio } from '../fixtures/serving/curious-servers.js';

const everything: ClientCapabilities = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  roots: { listChanged: true },
};
const form = {
  mode: 'form',
  message: 'Which?',
  requestedSchema: { type: 'object', properties: { colour: { type: 'string' } } },
};
const question = { method: 'elicitation/create', params: form };
const sampling = {
  method: 'sampling/createMessage',
  params: { messages: [{ role: 'user', content: { type: 'text', text: 'hey' } }], maxTokens: 5 },
};

async function connect(server: CuriousServer, capabilities: ClientCapabilities = everything): Promise<Client> {
  const client = new Client({ name: 'asked', version: '3' }, { capabilities });
  if (capabilities.elicitation) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) =>
      params.mode === 'url' ? { action: 'decline' } : { action: 'accept', content: { colour: 'red' } },
    );
  }
  if (capabilities.sampling) {
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: 'm',
      role: 'assistant',
      content: { type: 'text', text: 'ho' },
    }));
  }
  if (capabilities.roots) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///here' }] }));
  }
  await client.connect(server.connect());
  cleanups.push(() => client.close());
  return client;
}

async function call(client: Client, name: string, args: object = {}): Promise<unknown> {
  const answer = await client.callTool({ name, arguments: { ...args } });
  const [block] = Array.isArray(answer.content) ? answer.content : [];
  return JSON.parse(block.text);
}

describe.each<[string, () => Promise<CuriousServer>]>([
  ['HTTP', () => curiousOverHttp()],
  ['stdio', curiousOverStdio],
])('over %s, a server', (transport, start) => {
  it('asks its client within a call, and has the answer', async () => {
    const client = await connect(await start());
    expect(await call(client, 'ask', question)).toEqual({ action: 'accept', content: { colour: 'red' } });
    const url = { ...form, mode: 'url', url: 'https://example.com', elicitationId: '1' };
    expect(await call(client, 'ask', { ...question, params: url })).toEqual({ action: 'decline' });
    expect(await call(client, 'ask', sampling)).toMatchObject({ content: { text: 'ho' } });
    expect(await call(client, 'ask', { method: 'roots/list' })).toEqual({ roots: [{ uri: 'file:///here' }] });
    expect(await call(client, 'ask', { method: 'ping' })).toEqual({});
  });

  it('asks its client outside of every call', async () => {
    const server = await start();
    const client = await connect(server);
    await vi.waitFor(async () => expect(await call(client, 'askLater', question)).toMatchObject({ action: 'accept' }));
  });

  it('has many questions open at once, each with its own answer', async () => {
    const client = await connect(await start());
    let asked = 0;
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      await new Promise((resolve) => setTimeout(resolve, asked++ % 3));
      return { action: 'accept', content: { colour: params.message } };
    });
    const answers = Array.from({ length: 20 }, (_, at) =>
      call(client, 'ask', { ...question, params: { ...form, message: `${at}` } }),
    );
    expect(await Promise.all(answers)).toEqual(
      answers.map((_, at) => ({ action: 'accept', content: { colour: `${at}` } })),
    );
  });

  it('is told what the client answers instead', async () => {
    const server = await start();
    const client = await connect(server);
    client.setRequestHandler(ElicitRequestSchema, () => {
      throw Object.assign(new Error('not now'), { code: -31_000 });
    });
    await expect(client.callTool({ name: 'ask', arguments: question })).rejects.toMatchObject({ code: -31_000 });
    expect(server.service.refused).toMatchObject([{ message: 'not now' }]);
  });

  it.each<[string, ClientCapabilities, object, number, string]>([
    ['elicitation', {}, question, -32_601, 'capability elicitation'],
    ['forms', { elicitation: { url: {} } }, question, -32_602, 'capability elicitation.form'],
    ['URLs', { elicitation: {} }, { ...question, params: { mode: 'url' } }, -32_602, 'capability elicitation.url'],
    ['a mode that nobody knows', everything, { ...question, params: { mode: 'shout' } }, -32_602, 'found a string'],
    ['sampling', {}, sampling, -32_601, 'capability sampling'],
    ['tools', everything, { ...sampling, params: { ...sampling.params, tools: [] } }, -32_601, 'sampling.tools'],
    ['roots', {}, { method: 'roots/list' }, -32_601, 'capability roots'],
    ['tasks', everything, { ...question, params: { ...form, task: {} } }, -32_602, 'as a task'],
    ['anything else', everything, { method: 'tools/list' }, -32_601, 'tools/list cannot be asked of a client'],
  ])('does not ask what a client has not declared: %s', async (_, capabilities, asked, code, message) => {
    const client = await connect(await start(), capabilities);
    for (const tool of ['ask', 'askLater']) {
      await expect(client.callTool({ name: tool, arguments: { ...asked } })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
    }
  });

  it('withdraws a question when its call is cancelled, and tells the client', async () => {
    const server = await start();
    const client = await connect(server);
    const withdrawn = vi.fn();
    const asked = new Promise<void>((resolve) => {
      client.setRequestHandler(ElicitRequestSchema, async (_question, { signal }) => {
        resolve();
        await new Promise((end) => signal.addEventListener('abort', end));
        withdrawn();
        return { action: 'cancel' };
      });
    });
    const abort = new AbortController();
    const running = client.callTool({ name: 'ask', arguments: question }, undefined, { signal: abort.signal });
    await asked;
    abort.abort();
    await expect(running).rejects.toThrow();
    await vi.waitFor(() => expect(withdrawn).toHaveBeenCalledOnce());
    expect(server.service.refused).toMatchObject([{ message: 'the client has cancelled the call' }]);
    expect(await call(client, 'say', {})).toBe('said');
  });

  it('withdraws a question that nobody waits for when its call is answered', async () => {
    const server = await start();
    const client = await connect(server);
    const withdrawn = vi.fn();
    client.setRequestHandler(ElicitRequestSchema, async (_question, { signal }) => {
      await new Promise((end) => signal.addEventListener('abort', end));
      withdrawn();
      return { action: 'cancel' };
    });
    expect(await call(client, 'leaveOpen', question)).toBe('answered');
    await vi.waitFor(() => expect(withdrawn).toHaveBeenCalledOnce());
    expect(server.service.refused).toMatchObject([{ message: 'the call has been answered' }]);
    await expect(server.service.calls[0]?.ask(question)).rejects.toThrow('has been answered');
  });

  it('is told when the client is gone', async () => {
    const server = await start();
    const client = await connect(server);
    client.setRequestHandler(ElicitRequestSchema, () => new Promise(() => {}));
    void client.callTool({ name: 'ask', arguments: question }).catch(() => {});
    await vi.waitFor(() => expect(server.service.calls).toHaveLength(1));
    const [open] = server.service.open;
    expect(server.sessions()).toBe(1);
    await server.close();
    expect(server.sessions()).toBe(0);
    expect(server.service.refused).toMatchObject([{ message: 'The server is shutting down' }]);
    await expect(open?.ask(question)).rejects.toMatchObject({ code: -32_000 });
    expect(open?.notify({ method: 'notifications/tools/list_changed' })).toBe(false);
    expect(server.service.told).toEqual(['opened', 'closed']);
  });

  it('hears what its client says unasked, and says things unasked itself', async () => {
    const server = await start();
    const client = await connect(server);
    const changed = vi.fn();
    client.setNotificationHandler(ToolListChangedNotificationSchema, changed);
    await client.sendRootsListChanged();
    const [open] = server.service.open;
    await vi.waitFor(() => expect(open?.notify({ method: 'notifications/tools/list_changed' })).toBe(true));
    await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
    expect(server.service.told).toEqual(['opened', 'said notifications/roots/list_changed']);
  });

  it('keeps the level of log messages for each client', async () => {
    const server = await start();
    const client = await connect(server);
    expect(await call(client, 'who')).not.toHaveProperty('logLevel');
    await client.setLoggingLevel('warning');
    expect(await call(client, 'who')).toMatchObject({ logLevel: 'warning' });
    await expect(
      client.request({ method: 'logging/setLevel', params: { level: 'loud' as 'info' } }, EmptyResultSchema),
    ).rejects.toMatchObject({ code: -32_602, message: expect.stringContaining('expected one of debug, info') });
    expect([...server.service.open].map(({ logLevel }) => logLevel)).toEqual(['warning']);
    expect(server.service.told).toEqual(['opened', 'level warning']);
    const heard: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.data));
    await call(client, 'say', { text: 'hey' });
    await vi.waitFor(() => expect(heard).toEqual(['hey']));
  });

  it('knows who calls', async () => {
    const server = await start();
    const client = await connect(server, { sampling: {} });
    const who = await call(client, 'who');
    expect(who).toMatchObject({
      client: [...server.service.open][0]?.id,
      info: { name: 'asked', version: '3' },
      capabilities: { sampling: {} },
    });
    if (transport === 'stdio') expect(who).toMatchObject({ headers: {} });
    else expect(who).toMatchObject({ headers: { 'mcp-protocol-version': '2025-11-25' } });
  });

  it('tells of progress', async () => {
    const client = await connect(await start());
    const steps: number[] = [];
    const options = { onprogress: ({ progress }: { progress: number }) => void steps.push(progress) };
    await client.callTool({ name: 'count' }, undefined, options);
    expect(steps).toEqual([1, 2, 3]);
  });
});
