import { generateText, stepCountIs, tool } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { guardTools } from '../../src/adapters/ai/index.js';
import { block, contextOf, guardOf } from '../fixtures/guard/guards.js';

const tools = {
  weather: tool({
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `Sun in ${city}`,
  }),
};

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A model that calls the tool once and then has nothing more to say. */
function scripted(): MockLanguageModelV3 {
  let calls = 0;
  return new MockLanguageModelV3({
    doGenerate: async () => ({
      content:
        calls++ === 0
          ? [{ type: 'tool-call', toolCallId: '1', toolName: 'weather', input: '{"city":"Zurich"}' }]
          : [{ type: 'text', text: 'done' }],
      finishReason: { unified: calls === 1 ? 'tool-calls' : 'stop', raw: undefined },
      usage,
      warnings: [],
    }),
  });
}

async function toldToTheModel(guarded: typeof tools): Promise<unknown> {
  const model = scripted();
  const { steps } = await generateText({ model, tools: guarded, prompt: 'Go', stopWhen: stepCountIs(2) });
  const last = model.doGenerateCalls[1]?.prompt.at(-1);
  return [steps[0]?.content.findLast(({ type }) => type.startsWith('tool-'))?.type, JSON.stringify(last?.content)];
}

it('tools of the AI SDK run both hooks under their names, in its own loop', async () => {
  const seen: unknown[] = [];
  const manager = await guardOf({
    tool_pre_invoke: (payload) => {
      seen.push(payload);
      return { modifiedPayload: { ...payload, args: { city: 'Bern' } } };
    },
    tool_post_invoke: (payload) => {
      seen.push(payload);
      return { modifiedPayload: { ...payload, result: `${String(payload.result)}!` } };
    },
  });
  expect(await toldToTheModel(guardTools(tools, manager, contextOf))).toEqual([
    'tool-result',
    expect.stringContaining('Sun in Bern!'),
  ]);
  expect(seen).toEqual([
    { name: 'weather', args: { city: 'Zurich' } },
    { name: 'weather', result: 'Sun in Bern' },
  ]);
});

it('of a blocked call the model is told an error, or what onBlock says', async () => {
  const manager = await guardOf({ tool_pre_invoke: () => block('NO') });
  const [type, content] = (await toldToTheModel(guardTools(tools, manager, contextOf))) as [string, string];
  expect(type).toBe('tool-error');
  expect(content).toContain('Nobody may do that');
  const onBlock = () => 'not today';
  expect(await toldToTheModel(guardTools(tools, manager, contextOf, { onBlock }))).toEqual([
    'tool-result',
    expect.stringContaining('not today'),
  ]);
});

it('a tool that is not executed here is refused, unless it is named', async () => {
  const manager = await guardOf({});
  const asked = { ...tools, confirm: tool({ inputSchema: z.object({}) }) };
  expect(() => guardTools(asked, manager, contextOf)).toThrow(expect.objectContaining({ code: 'UNGUARDED' }));
  expect(guardTools(asked, manager, contextOf, { passThrough: ['confirm'] }).confirm).toBe(asked.confirm);
  expect(() => guardTools(tools, manager, contextOf, { passTrough: [] } as never)).toThrow('did you mean passThrough?');
});

it('tools pass without a hook only where a list names them', async () => {
  const manager = await guardOf({ tool_pre_invoke: () => undefined });
  const remote = { search: tool({ inputSchema: z.object({}) }) };
  for (const passThrough of ['research', { search: true }, [7]])
    expect(() => guardTools(remote, manager, contextOf, { passThrough: passThrough as never })).toThrow(
      'option passThrough of guardTools is no list of names',
    );
  expect(guardTools(remote, manager, contextOf, { passThrough: ['search'] })).toEqual(remote);
});

it('tools that stream show the second hook, and the model, the last value alone', async () => {
  const seen: unknown[] = [];
  const manager = await guardOf({ tool_post_invoke: ({ result }) => void seen.push(result) });
  const streaming = {
    weather: tool({
      inputSchema: z.object({ city: z.string() }),
      async *execute() {
        yield 'asking';
        yield 'Sun';
      },
      toModelOutput: ({ output }) => ({ type: 'text', value: `${output}, in words` }),
    }),
  };
  const [kind, told] = (await toldToTheModel(guardTools(streaming, manager, contextOf) as never)) as string[];
  expect([kind, seen]).toEqual(['tool-result', ['Sun']]);
  expect(told).toContain('Sun, in words');
  expect(told).not.toContain('asking');
});

it('the model is told nothing of what a tool throws that the second hook was not shown', async () => {
  const seen: unknown[] = [];
  const manager = await guardOf({
    tool_post_invoke: ({ result }) => {
      seen.push(Object(result).content[0].text);
      return JSON.stringify(result).includes('secret') ? block('NO') : undefined;
    },
  });
  for (const thrown of [
    { token: 'a secret' },
    ['a secret'],
    'a secret',
    new Error('a secret'),
    new DOMException('a secret'),
  ]) {
    const failing = tool({
      inputSchema: z.object({ city: z.string() }),
      execute: async (): Promise<string> => {
        throw thrown;
      },
    });
    const [type, told] = [await toldToTheModel(guardTools({ weather: failing }, manager, contextOf))].flat();
    expect([type, told]).toEqual(['tool-error', expect.not.stringContaining('secret')]);
  }
  expect(seen).toEqual(['{"token":"a secret"}', '["a secret"]', 'a secret', 'a secret', 'a secret']);
});
