import { Agent, type Model, type ModelRequest, Runner, tool, Usage } from '@openai/agents';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { toolGuardrails } from '../../src/adapters/openai-agents/index.js';
import type { HookHandlers, PluginManager } from '../../src/index.js';
import { block, contextOf, guardOf } from '../fixtures/guard/guards.js';

/** A model that calls the tool once and then has nothing more to say. */
function scripted(args = ['{"city":"Zurich"}']): Model & { readonly requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    requests,
    async getResponse(request) {
      requests.push(request);
      const output =
        requests.length === 1
          ? args.map((text, index) => ({
              type: 'function_call' as const,
              callId: `c${index + 1}`,
              name: 'weather',
              status: 'completed' as const,
              arguments: text,
            }))
          : [
              {
                type: 'message' as const,
                role: 'assistant' as const,
                status: 'completed' as const,
                content: [{ type: 'output_text' as const, text: 'done' }],
              },
            ];
      return { usage: new Usage(), output };
    },
    getStreamedResponse() {
      throw new Error('nobody streams here');
    },
  };
}

async function run(manager: PluginManager, args?: string[]) {
  let calls = 0;
  const weather = tool({
    name: 'weather',
    description: 'of a city',
    parameters: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      calls++;
      return `Sun in ${city}`;
    },
    ...toolGuardrails(manager, contextOf),
  });
  const model = scripted(args);
  const agent = new Agent({ name: 'a', tools: [weather], model });
  const runner = new Runner({ tracingDisabled: true });
  const { finalOutput } = await runner.run(agent, 'Go');
  const input = model.requests[1]?.input;
  return { calls, finalOutput, told: JSON.stringify(Array.isArray(input) ? input.at(-1) : input) };
}

const guarded = async (handlers: HookHandlers, args?: string[]) => run(await guardOf(handlers), args);

it('a call in the loop of the Agents SDK runs both hooks, which share a context', async () => {
  const seen: unknown[] = [];
  const ran = await guarded({
    tool_pre_invoke: (payload, context) => {
      context.state['began'] = true;
      seen.push(payload);
    },
    tool_post_invoke: (payload, { state }) => void seen.push(payload, state),
  });
  expect(ran).toMatchObject({ calls: 1, finalOutput: 'done', told: expect.stringContaining('Sun in Zurich') });
  expect(seen).toEqual([
    { name: 'weather', args: { city: 'Zurich' } },
    { name: 'weather', result: 'Sun in Zurich' },
    { began: true },
  ]);
});

it('of a blocked call the model is told why, and the tool is not called', async () => {
  const { calls, told } = await guarded({ tool_pre_invoke: () => block('NO') });
  expect(calls).toBe(0);
  expect(told).toContain('Blocked by Guard: Not here. Nobody may do that (NO).');
});

it('what is blocked or changed of an answer does not reach the model', async () => {
  const blocked = await guarded({ tool_post_invoke: () => block('NOT_THAT') });
  expect(blocked.told).toContain('(NOT_THAT)');
  expect(blocked.told).not.toContain('Sun');
  const changed = await guarded({
    tool_post_invoke: (payload) => ({ modifiedPayload: { ...payload, result: 'somewhere it is sunny' } }),
  });
  expect(changed.told).toContain('somewhere it is sunny');
  expect(changed.told).not.toContain('Sun');
});

it('a call that a plugin wants to be another is not made', async () => {
  const { calls, told } = await guarded({
    tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, args: { city: 'Bern' } } }),
  });
  expect(calls).toBe(0);
  expect(told).toContain('a guardrail can only stop the call (UNGUARDED)');
});

it('a plugin that fails ends the run, and the tool is not called', async () => {
  const manager = await guardOf({
    tool_pre_invoke: () => {
      throw new Error('no database');
    },
  });
  await expect(run(manager)).rejects.toThrow();
});

it('of calls that do not fit the tool the model is told so, whose arguments the SDK shows nobody', async () => {
  const seen: unknown[] = [];
  const { calls, finalOutput, told } = await guarded(
    {
      tool_pre_invoke: ({ args }, context) => {
        context.state['began'] = args ?? 'unseen';
      },
      tool_post_invoke: ({ result }, { state }) => void seen.push([state['began'], result]),
    },
    ['{"town":"Bern"}', '{"city":"Zurich"}', '{"city":7}'],
  );
  const wrong = ['unseen', expect.stringContaining('An error occurred while running the tool')];
  expect([calls, finalOutput]).toEqual([1, 'done']);
  expect(told).toContain('An error occurred while running the tool');
  expect(seen).toHaveLength(3);
  expect(seen).toEqual(expect.arrayContaining([wrong, [{ city: 'Zurich' }, 'Sun in Zurich']]));
});

it('an answer of a call that no input guardrail has seen is no answer', async () => {
  const { outputGuardrails } = toolGuardrails(await guardOf({ tool_post_invoke: () => ({}) }), contextOf);
  const toolCall = { name: 'weather', callId: '1', arguments: '{}' };
  await expect(outputGuardrails[0]?.run({ toolCall, output: 'x' })).rejects.toMatchObject({ code: 'UNGUARDED' });
});
