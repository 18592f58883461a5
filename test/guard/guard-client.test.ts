import { setTimeout } from 'node:timers/promises';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, EmptyResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardClient, PluginViolationError } from '../../src/index.js';
import { block, contextOf, everything, guardOf } from '../fixtures/guard/guards.js';

const v1 = new Client({ name: 'test', version: '1.0.0' });
const v2 = new ClientV2({ name: 'test', version: '2.0.0' });
beforeAll(async () => {
  await v1.connect(new StdioClientTransport(everything));
  await v2.connect(new StdioV2(everything));
}, 30_000);
afterAll(async () => {
  await v1.close();
  await v2.close();
});

const uri = 'demo://resource/static/document/features.md';

describe.each([
  ['version 1', v1],
  ['version 2', v2],
])('a guarded MCP client of %s, on the everything server', (_version, client: Client | ClientV2) => {
  const guarded = async (
    handlers: Parameters<typeof guardOf>[0],
    options: Parameters<typeof guardClient>[3] = {},
  ): Promise<Client> => guardClient(client as Client, await guardOf(handlers), contextOf, options);

  it('shows each hook what is asked and what is answered', async () => {
    const seen: unknown[] = [];
    const see = (payload: unknown) => void seen.push(payload);
    const client = await guarded({
      tool_pre_invoke: see,
      tool_post_invoke: see,
      prompt_pre_fetch: see,
      prompt_post_fetch: see,
      resource_pre_fetch: see,
      resource_post_fetch: see,
    });
    const result = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
    const prompt = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Zurich' } });
    const content = await client.readResource({ uri });
    expect(result.content).toEqual([{ type: 'text', text: 'Echo: hello' }]);
    expect(JSON.stringify(prompt)).toContain('Zurich');
    expect(seen).toEqual([
      { name: 'echo', args: { message: 'hello' } },
      { name: 'echo', result },
      { promptId: 'args-prompt', args: { city: 'Zurich' } },
      { promptId: 'args-prompt', result: prompt },
      { uri },
      { uri, content },
    ]);
  });

  it('sends what plugins made of a call, and answers what they made of the answer', async () => {
    const client = await guarded({
      tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, args: { message: 'masked' } } }),
      tool_post_invoke: (payload) => ({
        modifiedPayload: { ...payload, result: { content: [{ type: 'text', text: `${textOf(payload.result)}!` }] } },
      }),
      prompt_pre_fetch: (payload) => ({ modifiedPayload: { ...payload, args: { city: 'Bern' } } }),
      prompt_post_fetch: (payload) => ({ modifiedPayload: { ...payload, result: { messages: [] } } }),
      resource_pre_fetch: () => ({ modifiedPayload: { uri, metadata: { checked: true } } }),
      resource_post_fetch: (payload) => ({ modifiedPayload: { ...payload, content: { contents: [] } } }),
    });
    const result = await client.callTool({ name: 'echo', arguments: { message: 'secret' } });
    expect(result.content).toEqual([{ type: 'text', text: 'Echo: masked!' }]);
    expect((await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Zurich' } })).messages).toEqual([]);
    expect((await client.readResource({ uri: 'demo://nowhere' })).contents).toEqual([]);
  });

  it('lets a plugin send a call to another tool, and its answer to the hook of that tool', async () => {
    const names: string[] = [];
    const client = await guarded({
      tool_pre_invoke: () => ({ modifiedPayload: { name: 'get-sum', args: { a: 1, b: 2 } } }),
      tool_post_invoke: ({ name }) => void names.push(name),
    });
    expect(textOf(await client.callTool({ name: 'echo' }))).toBe('The sum of 1 and 2 is 3.');
    expect(names).toEqual(['get-sum']);
  });

  it('answers a blocked tool call with a tool error, before and after the call', async () => {
    for (const hook of ['tool_pre_invoke', 'tool_post_invoke'] as const) {
      const client = await guarded({ [hook]: () => block('NOT_HERE') });
      expect(await client.callTool({ name: 'echo', arguments: { message: 'x' } })).toEqual({
        content: [{ type: 'text', text: 'Blocked by Guard: Not here. Nobody may do that (NOT_HERE).' }],
        isError: true,
      });
    }
  });

  it('throws blocks where that is asked for, and those of prompts and resources always', async () => {
    const throwing = await guarded({ tool_pre_invoke: () => block('NO') }, { blocks: 'throw' });
    await expect(throwing.callTool({ name: 'echo' })).rejects.toThrow(PluginViolationError);
    for (const hook of ['pre', 'post'] as const) {
      const client = await guarded({
        [`prompt_${hook}_fetch`]: () => block('NO'),
        [`resource_${hook}_fetch`]: () => block('NO'),
      });
      const blocked = { code: 'PLUGIN_VIOLATION', violation: { code: 'NO' } };
      await expect(client.getPrompt({ name: 'simple-prompt' })).rejects.toMatchObject(blocked);
      await expect(client.readResource({ uri })).rejects.toMatchObject(blocked);
    }
  });

  it('takes a violation that a plugin throws for a block', async () => {
    const { violation } = block('THROWN');
    const client = await guarded({
      tool_pre_invoke: () => {
        throw new PluginViolationError('tool_pre_invoke', 'Guard', violation);
      },
    });
    expect(await client.callTool({ name: 'echo', arguments: { message: 'x' } })).toEqual({
      content: [{ type: 'text', text: 'Blocked by Guard: Not here. Nobody may do that (THROWN).' }],
      isError: true,
    });
  });

  it('makes no call when a plugin fails', async () => {
    let answered = 0;
    const client = await guarded({
      tool_pre_invoke: () => {
        throw new Error('no database');
      },
      tool_post_invoke: () => void answered++,
    });
    await expect(client.callTool({ name: 'echo' })).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(answered).toBe(0);
  });

  it('carries what plugins keep from the hook before to the hook after', async () => {
    const client = await guarded({
      tool_pre_invoke: (_payload, { state }) => void (state['kept'] = 'from before'),
      tool_post_invoke: (payload, { state }) => ({ modifiedPayload: { ...payload, result: state['kept'] } }),
    });
    expect(await client.callTool({ name: 'echo', arguments: { message: 'x' } })).toBe('from before');
  });

  it('guards request() too, and refuses what no hook looks at', async () => {
    const client = await guarded({ tool_pre_invoke: () => block('NO') });
    const blocked = await client.request(
      { method: 'tools/call', params: { name: 'echo', arguments: { message: 'x' } } },
      CallToolResultSchema,
    );
    expect(blocked.isError).toBe(true);
    await expect(client.request({ method: 'tasks/result' }, CallToolResultSchema)).rejects.toMatchObject({
      code: 'UNGUARDED',
    });
    expect(() => Reflect.get(client, 'transport')).toThrow(expect.objectContaining({ code: 'UNGUARDED' }));
    expect(() => Reflect.get(client, '_transport')).toThrow(expect.objectContaining({ code: 'UNGUARDED' }));
    expect(() => Reflect.set(client, 'callTool', () => 'free')).toThrow(expect.objectContaining({ code: 'UNGUARDED' }));
    const { callTool: detached } = client as { callTool(this: void, params: object): Promise<unknown> };
    expect(await detached({ name: 'echo', arguments: { message: 'x' } })).toHaveProperty('isError', true);
  });

  it('leaves all else to the client', async () => {
    const client = await guarded({ tool_pre_invoke: () => block('NO') });
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
    await expect(client.request({ method: 'ping' }, EmptyResultSchema)).resolves.toEqual({});
    expect(client.getServerCapabilities()).toHaveProperty('tools');
    expect(Reflect.get(client, 'listTools')).toBe(Reflect.get(client, 'listTools'));
    expect(client).toBeInstanceOf(client.constructor);
    const onerror = (): void => {};
    Object.assign(client, { onerror });
    expect(Reflect.get(client, 'onerror')).toBeTypeOf('function');
  });

  it('refuses parameters that no hook would see', async () => {
    const client = await guarded({});
    const call = client.callTool({ name: 'echo', args: { message: 'x' } } as never);
    await expect(call).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
      message: 'The parameters of tools/call have a field args that no plugin would see; did you mean arguments?',
    });
    await expect(client.callTool({ name: 'echo', task: {} })).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
    await expect(client.callTool({ name: 5 } as never)).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' });
  });

  it('sends what the hook looked at, whatever becomes of the caller’s object meanwhile', async () => {
    const client = await guarded({ tool_pre_invoke: () => setTimeout(20, undefined) });
    const args = { message: 'looked at' };
    const call = client.callTool({ name: 'echo', arguments: args });
    args.message = 'smuggled';
    expect(textOf(await call)).toBe('Echo: looked at');
  });

  it('passes progress and cancellation through', async () => {
    const aborted: unknown[] = [];
    const client = await guarded({ tool_post_invoke: () => void aborted.push('answered') });
    const progress: number[] = [];
    const options = { onprogress: ({ progress: step }: { progress: number }) => void progress.push(step) };
    await call(client, { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 2 } }, options);
    // The last step comes with the answer, and the SDK may drop it.
    expect(progress[0]).toBe(1);

    const controller = new AbortController();
    const long = call(
      client,
      { name: 'trigger-long-running-operation', arguments: { duration: 30, steps: 2 } },
      { signal: controller.signal },
    );
    await setTimeout(50);
    controller.abort();
    await expect(long).rejects.toThrow();
    expect(aborted).toEqual(['answered']);
  });

  it('cancels the hooks with the call', async () => {
    const client = await guarded({
      tool_pre_invoke: (_payload, { signal }) => setTimeout(60_000, undefined, { signal }),
    });
    const signal = AbortSignal.timeout(30);
    await expect(call(client, { name: 'echo', arguments: {} }, { signal })).rejects.toMatchObject({
      code: 'INVOCATION_CANCELLED',
    });
  });

  function call(
    guardedClient: Client,
    params: { name: string; arguments: Record<string, unknown> },
    options: Parameters<Client['callTool']>[2],
  ): Promise<unknown> {
    return client instanceof ClientV2
      ? (guardedClient as unknown as ClientV2).callTool(params, options)
      : guardedClient.callTool(params, undefined, options);
  }
});

describe('a guarded MCP client', () => {
  it('shows the hook after a tool call what a JSON-RPC error says', async () => {
    // A stand-in: the everything server answers no call with such an error.
    const error = Object.assign(new Error('the key is 1234'), { code: -32603 });
    const failing = { callTool: (_params: { name: string }): Promise<unknown> => Promise.reject(error) };
    const masking = await guardOf({
      tool_post_invoke: (payload) =>
        textOf(payload.result).includes('1234')
          ? { modifiedPayload: { ...payload, result: { content: [{ type: 'text', text: 'masked' }], isError: true } } }
          : undefined,
    });
    const masked = await guardClient(failing, masking, contextOf).callTool({ name: 'x' });
    expect(masked).toEqual({ content: [{ type: 'text', text: 'masked' }], isError: true });
    const untouched = guardClient(failing, await guardOf({ tool_post_invoke: () => {} }), contextOf);
    await expect(untouched.callTool({ name: 'x' })).rejects.toBe(error);
  });

  it('asks its client to put headers of plugins where they belong, or fails the call', async () => {
    const sent: unknown[] = [];
    const client = { callTool: (params: { name: string }): unknown => sent.push(params) };
    const manager = await guardOf({
      tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, headers: { authorization: 'token' } } }),
    });
    await expect(guardClient(client, manager, contextOf).callTool({ name: 'x' })).rejects.toMatchObject({
      code: 'UNGUARDED',
    });
    const applyHeaders = (params: object, headers: object) => ({ ...params, _meta: { headers } });
    await guardClient(client, manager, contextOf, { applyHeaders }).callTool({ name: 'x' });
    expect(sent).toEqual([{ name: 'x', _meta: { headers: { authorization: 'token' } } }]);
  });

  it.each<[string, unknown, string]>([
    ['a Map', new Map([['to', 'x']]), 'found a Map, expected JSON data'],
    ['a Date', new Date(0), 'found a Date, expected JSON data'],
    ['NaN', Number.NaN, 'found NaN, expected a finite number'],
    ['a BigInt', 5n, 'found the big integer 5 (a BigInt), expected a number; send it as a string'],
    ['undefined in a list', [1, undefined], '[1]: found nothing, expected JSON data'],
  ])('refuses what JSON has no place for, from its caller and from plugins: %s', async (_, value, problem) => {
    let sent = 0;
    const client = { callTool: (_params: object) => void sent++, getPrompt: (_params: object) => void sent++ };
    const refused = { code: 'PAYLOAD_INVALID', message: expect.stringContaining(problem) as string };
    const looked: unknown[] = [];
    const looking = guardClient(
      client,
      await guardOf({ tool_pre_invoke: (payload) => void looked.push(payload) }),
      contextOf,
    );
    await expect(looking.callTool({ name: 'x', arguments: { a: value } })).rejects.toMatchObject(refused);
    await expect(looking.getPrompt({ name: 'x', _meta: { a: value } })).rejects.toMatchObject(refused);
    expect(looked).toEqual([]);
    const changing = await guardOf({
      tool_pre_invoke: () => ({ modifiedPayload: { name: 'x', args: { a: value } } }),
    });
    await expect(guardClient(client, changing, contextOf).callTool({ name: 'x' })).rejects.toMatchObject(refused);
    expect(sent).toBe(0);
  });

  it('sends what was looked at where an object says what JSON makes of it', async () => {
    const client = { callTool: (params: object) => JSON.stringify(params) };
    const guarded = guardClient(client, await guardOf({ tool_pre_invoke: () => {} }), contextOf);
    const smuggled = { to: 'me', toJSON: () => ({ to: 'somebody else' }) };
    await expect(guarded.callTool({ name: 'x', arguments: smuggled })).rejects.toMatchObject({
      message: 'tools/call params.arguments.toJSON: found a function, expected JSON data',
    });
  });

  it('reads parameters once', async () => {
    const sent: unknown[] = [];
    const client = { callTool: async (params: object) => void sent.push(params) };
    const guarded = guardClient(client, await guardOf({ tool_pre_invoke: () => {} }), contextOf);
    let reads = 0;
    const twofold = new Proxy(
      { name: 'x', task: {} },
      { ownKeys: () => (++reads === 1 ? ['name'] : ['name', 'task']) },
    );
    await guarded.callTool(twofold);
    expect(sent).toEqual([{ name: 'x' }]);
  });

  it('shows the data of a JSON-RPC error, too', async () => {
    const error = Object.assign(new Error('failed'), { code: -32603, data: { key: '1234' } });
    const failing = { callTool: (_params: { name: string }): Promise<unknown> => Promise.reject(error) };
    const blocking = await guardOf({
      tool_post_invoke: ({ result }) => (JSON.stringify(result).includes('1234') ? block('KEY') : undefined),
    });
    expect(await guardClient(failing, blocking, contextOf).callTool({ name: 'x' })).toMatchObject({ isError: true });
  });

  it('asks for a client, a manager and a function, and knows its options', async () => {
    const manager = await guardOf({});
    const invalid = expect.objectContaining({ code: 'CONFIG_INVALID' });
    expect(() => guardClient({} as never, manager, contextOf)).toThrow(invalid);
    expect(() => guardClient(null as never, manager, contextOf)).toThrow(invalid);
    expect(() => guardClient(v1, undefined as never, contextOf)).toThrow(invalid);
    expect(() => guardClient(v1, manager, undefined as never)).toThrow(invalid);
    expect(() => guardClient(v1, manager, contextOf, { block: 'throw' } as never)).toThrow('did you mean blocks?');
    expect(() => guardClient(v1, manager, contextOf, { blocks: 'maybe' } as never)).toThrow(invalid);
  });
});

function textOf(result: unknown): string {
  const { content } = result as { content: { text: string }[] };
  return content[0]?.text ?? '';
}
