import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { guardClient } from '../../src/index.js';
import { block, contextOf, guardOf } from '../fixtures/guard/guards.js';

const python = inject('python');
const server = fileURLToPath(new URL('python/tool_server.py', import.meta.url));

describe.runIf(python !== null)('a guarded client of a FastMCP server', () => {
  const client = new Client({ name: 'test', version: '1.0.0' });
  beforeAll(() => client.connect(new StdioClientTransport({ command: python ?? '', args: [server] })));
  afterAll(() => client.close());

  test('passes, changes and blocks tool calls, and looks at the answers of failing tools', async () => {
    const answers: unknown[] = [];
    const manager = await guardOf({
      tool_pre_invoke: (payload) => {
        const text = String(payload.args?.['text']);
        if (text === 'forbidden') return block('NO');
        if (text === 'mask me') return { modifiedPayload: { ...payload, args: { text: 'masked' } } };
        return undefined;
      },
      tool_post_invoke: ({ name, result }) =>
        void answers.push([name, Reflect.get(Object(result), 'isError') === true]),
    });
    const guarded = guardClient(client, manager, contextOf);
    const said = async (name: string, text: string): Promise<unknown> =>
      (await guarded.callTool({ name, arguments: { text } })).content;
    expect(await said('shout', 'hello')).toMatchObject([{ type: 'text', text: 'HELLO' }]);
    expect(await said('shout', 'mask me')).toMatchObject([{ type: 'text', text: 'MASKED' }]);
    expect(await said('shout', 'forbidden')).toMatchObject([{ text: expect.stringContaining('Blocked by Guard') }]);
    expect(await said('fail', 'that')).toMatchObject([{ text: expect.stringContaining('Error executing tool fail') }]);
    expect(answers).toEqual([
      ['shout', false],
      ['shout', false],
      ['fail', true],
    ]);
  });

  test('guards prompts and resources', async () => {
    const manager = await guardOf({
      prompt_pre_fetch: (payload) => ({ modifiedPayload: { ...payload, args: { name: 'Ada' } } }),
      resource_post_fetch: ({ content }) => (JSON.stringify(content).includes('milk') ? block('MILK') : undefined),
    });
    const guarded = guardClient(client, manager, contextOf);
    const { messages } = await guarded.getPrompt({ name: 'greet', arguments: { name: 'Bob' } });
    expect(messages).toMatchObject([{ content: { text: 'Greet Ada' } }]);
    await expect(guarded.readResource({ uri: 'notes://today' })).rejects.toMatchObject({ violation: { code: 'MILK' } });
  });
});
