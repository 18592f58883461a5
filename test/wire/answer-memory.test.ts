import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import type { PluginResult } from '../../src/hooks/hook-result.js';
import { Cancellation } from '../../src/time/cancellation.js';
import { MessageCalls } from '../../src/hosting/message-calls.js';
import { silentLogger } from '../../src/index.js';
import { PluginError } from '../../src/plugins/plugin-error.js';
import { AnswerMemory } from '../../src/wire/protobuf/answer-memory.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { readRequest } from '../../src/wire/protobuf/plugin-request.js';
import { noOpResult } from '../../src/wire/result-codec.js';
import { describeMemoryConfig, MemoryHost, type MemoryPlugin } from '../fixtures/hosting/memory-host.js';

/** What the plugin does with one call. */
type Reply = { readonly result: PluginResult } | { readonly keeps: string } | { readonly throws: string };

const reply: fc.Arbitrary<Reply> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<Reply>({ result: {} }, { result: { continueProcessing: true, metadata: {} } }),
  },
  fc.string().map((name) => ({ result: { modifiedPayload: { name } } })),
  fc.string().map((note) => ({ result: { metadata: { note } } })),
  fc.integer({ min: 0, max: 5 }).map((retryDelayMs) => ({ result: { retryDelayMs } })),
  fc.constant<Reply>({
    result: { continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'C', details: {} } },
  }),
  fc.string().map((keeps) => ({ keeps })),
  fc.string().map((throws) => ({ throws })),
);

const context = { global_context: { request_id: 'r', state: {}, metadata: {} }, state: {}, metadata: {} };

test('an answer says the same whatever was answered before, on both sides', async () => {
  let next: Reply;
  const play: MemoryPlugin[string] = (_payload, { state }) => {
    if ('throws' in next) throw new PluginError({ message: next.throws, pluginName: 'Echo' });
    if ('result' in next) return next.result;
    state['kept'] = next.keeps;
    return {};
  };
  const hooks = new HookRegistry();
  const serving = () =>
    new MessageCalls({
      host: new MemoryHost({ Echo: { tool_pre_invoke: play }, Other: { tool_pre_invoke: play } }),
      hookOf: (name) => hooks.get(name),
      describeConfig: describeMemoryConfig,
      logger: silentLogger,
    });

  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(reply, fc.constantFrom('Echo', 'Other')), { minLength: 2 }), async (replies) => {
      const server = serving();
      const memories = { Echo: new AnswerMemory(), Other: new AnswerMemory() };
      for (const [taken, pluginName] of replies) {
        next = taken;
        const request = { hookName: 'tool_pre_invoke', pluginName, payload: { name: 't' }, context };
        const call = hookCall(request, 1000, memories[pluginName]);
        const remembering = await server.answer(readRequest('InvokeHook', call.bytes), new Cancellation());
        const fresh = await serving().answer(readRequest('InvokeHook', call.bytes), new Cancellation());
        expect(Buffer.from(remembering)).toEqual(Buffer.from(fresh));

        const recalled = call.read(remembering);
        const read = hookCall(request, 1000).read(fresh);
        if (recalled.kind === 'hook') expect(recalled).toEqual(read);
        else expect(read).toEqual({ kind: 'hook', document: { plugin_name: pluginName, result: noOpResult } });
      }
    }),
  );
});
