import { describe, expect, it } from 'vitest';
import {
  builtInHooks,
  definePlugin,
  gatewayPolicies,
  type Message,
  type MessagePayload,
  Plugin,
} from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';
import { untyped } from '../fixtures/manager/untyped-manager.js';

const names = builtInHooks
  .map(({ name }): string => name)
  .filter((name) => name === 'evaluate' || name.startsWith('cmf.'));

const passes = definePlugin({ hooks: Object.fromEntries(names.map((name) => [name, () => undefined])) });
const context = { requestId: '1' };

/** A plugin on all of these hooks that lets everything pass, called with whatever is asked. */
async function caller() {
  const hooks = names;
  return untyped(await start({ kinds: { passes }, config: { plugins: [{ name: 'P', kind: 'passes', hooks }] } }));
}

const message: Message = {
  schemaVersion: '2.0',
  role: 'assistant',
  content: [
    { contentType: 'text', text: 'Let me look.' },
    { contentType: 'tool_call', content: { toolCallId: '1', name: 'search', arguments: { someKey: 1 } } },
  ],
};

describe('the hooks on messages', () => {
  it('are the nine of cpex', () => {
    expect(names.toSorted()).toEqual([
      'cmf.llm_input',
      'cmf.llm_output',
      'cmf.prompt_post_fetch',
      'cmf.prompt_pre_fetch',
      'cmf.resource_post_fetch',
      'cmf.resource_pre_fetch',
      'cmf.tool_post_invoke',
      'cmf.tool_pre_invoke',
      'evaluate',
    ]);
  });

  it.each(names)('%s fills in what a message leaves out, and its own place', async (name) => {
    let seen: unknown;
    const looks = definePlugin({ hooks: { [name]: (payload: unknown) => void (seen = payload) } });
    const manager = untyped(
      await start({ kinds: { looks }, config: { plugins: [{ name: 'L', kind: 'looks', hooks: [name] }] } }),
    );
    await manager.invokeHook(
      name,
      {
        message: {
          role: 'tool',
          content: [
            { contentType: 'tool_call', content: { toolCallId: '1', name: 't' } },
            { contentType: 'tool_result', content: { toolCallId: '1', toolName: 't', content: null } },
            { contentType: 'resource', content: { resourceRequestId: '1', uri: 'u', resourceType: 'file' } },
            { contentType: 'prompt_result', content: { promptRequestId: '1', promptName: 'p' } },
          ],
        },
      },
      context,
    );
    expect(seen).toEqual({
      hook: name.replace('cmf.', ''),
      message: {
        schemaVersion: '2.0',
        role: 'tool',
        content: [
          { contentType: 'tool_call', content: { toolCallId: '1', name: 't', arguments: {} } },
          { contentType: 'tool_result', content: { toolCallId: '1', toolName: 't', content: null, isError: false } },
          {
            contentType: 'resource',
            content: { resourceRequestId: '1', uri: 'u', resourceType: 'file', annotations: {} },
          },
          {
            contentType: 'prompt_result',
            content: { promptRequestId: '1', promptName: 'p', messages: [], isError: false },
          },
        ],
      },
    });
    expect(Object.isFrozen((seen as MessagePayload).message.content[0])).toBe(true);
  });

  const part = (content: unknown) => ({ message: { role: 'user', content: [content] } });
  const reference = { resourceRequestId: '1', uri: 'u', resourceType: 'file' };
  it.each<[string, unknown, string]>([
    ['no message', {}, 'message: Invalid input: expected object, received undefined'],
    ['a field beside it', { message: { role: 'user' }, extra: 1 }, 'extra: unknown field, expected `message`, `hook`'],
    ['a field in it', { message: { role: 'user', name: 'Ada' } }, 'message: name: unknown field'],
    ['a role that nobody knows', { message: { role: 'function' } }, 'message.role: Invalid option: expected one of'],
    ['another version', { message: { role: 'user', schemaVersion: '3.0' } }, 'message.schemaVersion: Invalid input'],
    ['a place that nobody knows', { message: { role: 'user' }, hook: 'tool' }, 'hook: Invalid option'],
    [
      'a part of a type that nobody knows',
      part({ contentType: 'hologram', content: {} }),
      'message.content.0.contentType: Invalid option: expected one of text, thinking, tool_call',
    ],
    ['a part without a type', part({ text: 'x' }), 'message.content.0.contentType: Invalid option: expected one of'],
    ['a field beside a text', part({ contentType: 'text', text: 'x', uri: 'y' }), 'message.content.0: uri: unknown'],
    ['a part that is text', part('x'), 'message.content.0'],
    [
      'a field in a part',
      part({ contentType: 'tool_call', content: { toolCallId: '1', name: 't', args: {} } }),
      'message.content.0.content: args: unknown field; did you mean `arguments`?',
    ],
    [
      'a field that is called __proto__',
      part({ contentType: 'tool_call', content: JSON.parse('{"toolCallId":"1","name":"t","__proto__":{"x":1}}') }),
      'message.content.0.content: __proto__: unknown field',
    ],
    [
      'a field in a message in a part',
      part({
        contentType: 'prompt_result',
        content: { promptRequestId: '1', promptName: 'p', messages: [{ role: 'user', x: 1 }] },
      }),
      'message.content.0.content.messages.0: x: unknown field',
    ],
    [
      'both forms of a resource',
      part({ contentType: 'resource', content: { ...reference, content: 'x', blob: 'eA==' } }),
      'message.content.0.content: Invalid input: expected `content` or `blob`, received both',
    ],
    [
      'a range that ends before it begins',
      part({ contentType: 'resource_ref', content: { ...reference, rangeStart: 2, rangeEnd: 1 } }),
      'message.content.0.content: Invalid input: expected a range that does not end before it begins',
    ],
  ])('refuse %s', async (_, payload, problem) => {
    const manager = await caller();
    for (const name of ['evaluate', 'cmf.llm_input']) {
      const refused = manager.invokeHook(name, payload, context);
      await expect(refused).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' });
      await expect(refused).rejects.toThrow(problem);
    }
  });

  it('look at messages inside messages as deep as payloads may be', async () => {
    const manager = await caller();
    const nested = (levels: number, innermost: object): object => {
      let inner = innermost;
      for (let level = 0; level < levels; level++) inner = { role: 'user', content: [prompted([inner])] };
      return { message: inner };
    };
    const prompted = (messages: object[]) => ({
      contentType: 'prompt_result',
      content: { promptRequestId: '1', promptName: 'p', messages },
    });
    await expect(manager.invokeHook('evaluate', nested(90, { role: 'user' }), context)).resolves.toBeDefined();
    await expect(manager.invokeHook('evaluate', nested(90, { role: 'user', x: 1 }), context)).rejects.toThrow(
      'x: unknown field',
    );
    await expect(manager.invokeHook('evaluate', nested(200, { role: 'user' }), context)).rejects.toThrow(
      'is nested deeper than 500 levels',
    );
  });

  it('keep the keys of arguments, results and annotations, `__proto__` included', async () => {
    const mask = definePlugin({
      hooks: {
        'cmf.tool_pre_invoke': ({ message: given, ...rest }) => ({
          modifiedPayload: { ...rest, message: { ...given, channel: 'final' as const } },
        }),
      },
    });
    const hooks = ['cmf.tool_pre_invoke'];
    const manager = await start({ kinds: { mask }, config: { plugins: [{ name: 'M', kind: 'mask', hooks }] } });
    const args = JSON.parse('{"someKey":{"toolCallId":1},"__proto__":{"x":1}}') as Record<string, unknown>;
    const content = [{ contentType: 'tool_call' as const, content: { toolCallId: '1', name: 't', arguments: args } }];
    const payload = { message: { ...message, content }, hook: 'tool_pre_invoke' as const };
    const { modifiedPayload } = await manager.invokeHook('cmf.tool_pre_invoke', payload, context);
    expect(JSON.stringify(modifiedPayload)).toBe(
      JSON.stringify({ message: { ...payload.message, channel: 'final' }, hook: 'tool_pre_invoke' }),
    );
  });

  it('are methods in camel case in a class', async () => {
    class Watch extends Plugin {
      evaluate() {
        return { metadata: { evaluate: true } };
      }
      cmfToolPreInvoke(payload: MessagePayload) {
        return { metadata: { place: payload.hook } };
      }
    }
    const hooks = ['evaluate', 'cmf.tool_pre_invoke'];
    const manager = await start({
      kinds: { watch: Watch },
      config: { plugins: [{ name: 'W', kind: 'watch', hooks }] },
    });
    const payload = { message, hook: 'evaluate' as const };
    expect((await manager.invokeHook('evaluate', payload, context)).metadata).toMatchObject({ evaluate: true });
    expect((await manager.invokeHook('cmf.tool_pre_invoke', payload, context)).metadata).toMatchObject({
      place: 'evaluate',
    });
  });
});

describe('behind a gateway', () => {
  const redact = definePlugin({
    hooks: Object.fromEntries(
      names.map((name) => [
        name,
        ({ message: given }: MessagePayload) => ({
          modifiedPayload: {
            message: { ...given, content: [{ contentType: 'text' as const, text: '…' }] },
            hook: 'llm_output' as const,
          },
        }),
      ]),
    ),
  });

  it.each(names)('plugins on %s change what the policy says, and never the place', async (name) => {
    const manager = untyped(
      await start({
        kinds: { redact },
        policies: gatewayPolicies,
        config: { plugins: [{ name: 'R', kind: 'redact', hooks: [name] }] },
      }),
    );
    const { modifiedPayload } = await manager.invokeHook(name, { message, hook: 'tool_pre_invoke' }, context);
    expect(modifiedPayload).toEqual(
      name === 'evaluate'
        ? undefined
        : { message: { ...message, content: [{ contentType: 'text', text: '…' }] }, hook: 'tool_pre_invoke' },
    );
  });
});

describe('conditions on messages', () => {
  const seen = definePlugin({ hooks: { 'cmf.tool_pre_invoke': () => ({ metadata: { ran: true } }) } });
  const call = (name: string) => ({ contentType: 'tool_call', content: { toolCallId: '1', name } });
  const text = { contentType: 'text', text: 'x' };
  const picture = { contentType: 'image', content: { type: 'url', data: 'https://example.org' } };
  const result = { contentType: 'tool_result', content: { toolCallId: '1', toolName: 'search' } };
  const prompt = { contentType: 'prompt_request', content: { promptRequestId: '1', name: 'p' } };
  const prompted = { contentType: 'prompt_result', content: { promptRequestId: '1', promptName: 'p' } };
  const resource = {
    contentType: 'resource_ref',
    content: { resourceRequestId: '1', uri: 'r:1', name: 'search', resourceType: 'uri' },
  };
  const tools = [{ tools: ['search'] }];
  const all = [{ tools: ['search'], prompts: ['q'], resources: ['r:2'] }];

  it.each<[string, object[], object[], boolean]>([
    ['run on a call of their tool', tools, [call('search')], true],
    ['do not run on calls of others', tools, [call('fetch'), call('shell')], false],
    ['run on one call among others', tools, [call('fetch'), call('search')], true],
    ['run on the result of their tool', tools, [result], true],
    ['run where there is text as well', tools, [call('fetch'), text], true],
    ['run where there is a picture as well', tools, [picture, call('fetch')], true],
    ['run on text alone', tools, [text], true],
    ['run on an empty message', tools, [], true],
    ['run on a call of a tool without a name', tools, [call('')], true],
    ['run where they say nothing of the kind of thing', tools, [call('fetch'), prompt], true],
    ['do not run where all kinds are other things', all, [call('fetch'), prompt, resource], false],
    ['run where one kind is theirs', all, [prompt, call('search')], true],
    ['go by the name of a prompt that was rendered', [{ prompts: ['q'] }], [prompted], false],
    ['go by the URI of a resource, not by its name', [{ resources: ['search'] }], [resource], false],
    ['go by the URI of a resource', [{ resources: ['r:1'] }], [resource], true],
  ])('%s', async (_, conditions, content, expected) => {
    const hooks = ['cmf.tool_pre_invoke'];
    const config = { plugins: [{ name: 'S', kind: 'seen', hooks, conditions }] };
    const manager = untyped(await start({ kinds: { seen }, config }));
    const outcome = await manager.invokeHook(
      'cmf.tool_pre_invoke',
      { message: { role: 'assistant', content } },
      context,
    );
    expect(outcome.metadata['ran'] === true).toBe(expected);
  });

  it('are not asked about what is no message', async () => {
    const config = {
      plugins: [{ name: 'S', kind: 'seen', hooks: ['cmf.tool_pre_invoke'], conditions: [{ tools: ['search'] }] }],
    };
    const manager = untyped(await start({ kinds: { seen }, config }));
    for (const payload of [
      {},
      { message: 'x' },
      { message: { role: 'user', content: [{ contentType: 'tool_call' }] } },
    ]) {
      await expect(manager.invokeHook('cmf.tool_pre_invoke', payload, context)).rejects.toMatchObject({
        code: 'PAYLOAD_INVALID',
      });
    }
    const outcome = await manager.invokeHook('cmf.tool_pre_invoke', { message: { role: 'user' } }, context);
    expect(outcome.metadata['ran']).toBe(true);
  });
});
