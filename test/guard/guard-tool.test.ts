import { setTimeout } from 'node:timers/promises';
import { generateText, stepCountIs, tool } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { guardTool, PluginViolationError } from '../../src/index.js';
import { block, contextOf, guardOf } from '../fixtures/guard/guards.js';

async function weather({ city }: { city: string }): Promise<string> {
  return `Sun in ${city}`;
}

it('a guarded function runs the hook before and the hook after, under its own name', async () => {
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
  const guarded = guardTool(weather, manager, contextOf);
  expect(guarded.name).toBe('weather');
  expect(await guarded({ city: 'Zurich' })).toBe('Sun in Bern!');
  expect(seen).toEqual([
    { name: 'weather', args: { city: 'Zurich' } },
    { name: 'weather', result: 'Sun in Bern' },
  ]);
});

it('a blocked function is not called, and throws the violation or answers what it is told to', async () => {
  let calls = 0;
  const count = (_args: { city: string }): number => ++calls;
  const before = await guardOf({ tool_pre_invoke: () => block('NO') });
  await expect(guardTool(count, before, contextOf)({ city: 'x' })).rejects.toThrow(PluginViolationError);
  expect(calls).toBe(0);

  const after = await guardOf({ tool_post_invoke: () => block('NOT_THAT') });
  const onBlock = (violation: { code: string } | undefined, call: { name: string }) =>
    `${call.name}: ${violation?.code}`;
  expect(await guardTool(count, after, contextOf, { name: 'counter', onBlock })({ city: 'x' })).toBe(
    'counter: NOT_THAT',
  );
  expect(calls).toBe(1);
});

it('a guarded function gets arguments that are its own, and the ones that were looked at', async () => {
  const manager = await guardOf({ tool_pre_invoke: () => setTimeout(10, undefined) });
  const args = { city: 'Zurich', days: [1] };
  const change = (given: typeof args): typeof args => {
    given.days.push(2);
    return given;
  };
  const call = guardTool(change, manager, contextOf)(args);
  args.city = 'smuggled';
  expect(await call).toEqual({ city: 'Zurich', days: [1, 2] });
  expect(args.days).toEqual([1]);
});

it('what a failing tool says is shown to the hook after it', async () => {
  const failing = (_args: object): never => {
    throw new TypeError('no connection as user:1234');
  };
  const seeing = await guardOf({ tool_post_invoke: () => {} });
  await expect(guardTool(failing, seeing, contextOf)({})).rejects.toThrow(TypeError);

  const masking = await guardOf({
    tool_post_invoke: (payload) => ({
      modifiedPayload: { ...payload, result: { content: [{ type: 'text', text: 'no connection' }], isError: true } },
    }),
  });
  const masked = guardTool(failing, masking, contextOf)({});
  await expect(masked).rejects.toMatchObject({ code: 'TOOL_FAILED', message: 'no connection' });
  await expect(masked).rejects.not.toHaveProperty('cause');

  const blocking = await guardOf({ tool_post_invoke: () => block('NO') });
  await expect(guardTool(failing, blocking, contextOf)({})).rejects.toThrow(PluginViolationError);
});

it('plugins may not send a guarded tool elsewhere, or give it headers', async () => {
  for (const change of [{ name: 'another' }, { headers: { authorization: 'x' } }]) {
    const manager = await guardOf({
      tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, ...change } }),
    });
    await expect(guardTool(weather, manager, contextOf)({ city: 'x' })).rejects.toMatchObject({ code: 'UNGUARDED' });
  }
});

it('arguments that are no object are refused, because no plugin could read them', async () => {
  const guarded = guardTool(weather, await guardOf({}), contextOf);
  for (const args of ['Zurich', null, ['Zurich'], new Map()]) {
    await expect(guarded(args as never)).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' });
  }
});

it('a tool without a function or a name is refused', async () => {
  const manager = await guardOf({});
  const invalid = expect.objectContaining({ code: 'CONFIG_INVALID' });
  expect(() => guardTool({}, manager, contextOf)).toThrow(invalid);
  expect(() => guardTool({ execute: () => 1 }, manager, contextOf)).toThrow('give it one with the option name');
  expect(() => guardTool(weather, manager, contextOf, { nme: 'x' } as never)).toThrow('did you mean name?');
});

it('a tool keeps all but its execute, also as an instance of a class', async () => {
  class Counter {
    #count = 0;
    readonly name = 'counter';
    execute({ by }: { by: number }): number {
      return (this.#count += by);
    }
  }
  const manager = await guardOf({ tool_pre_invoke: (payload) => void payload });
  const counter = Object.freeze(new Counter());
  const guarded = guardTool(counter, manager, contextOf);
  expect(await guarded.execute({ by: 2 })).toBe(2);
  expect(await guarded.execute({ by: 2 })).toBe(4);
  expect(guarded).toBeInstanceOf(Counter);
  expect(guarded.name).toBe('counter');
});

it('of a tool that streams only the last value goes on, after the hook has seen it', async () => {
  const seen: unknown[] = [];
  const manager = await guardOf({ tool_post_invoke: ({ result }) => void seen.push(result) });
  async function* stream(_args: object): AsyncGenerator<string> {
    yield 'loading';
    yield 'done';
  }
  expect(await guardTool(stream, manager, contextOf)({})).toBe('done');
  expect(seen).toEqual(['done']);
});

it('an abort signal of the caller cancels the hooks', async () => {
  const manager = await guardOf({ tool_pre_invoke: (_p, { signal }) => setTimeout(60_000, undefined, { signal }) });
  const guarded = guardTool((_args: object, _options: object) => 1, manager, contextOf, { name: 'one' });
  const abortSignal = AbortSignal.timeout(20);
  await expect(guarded({}, { abortSignal })).rejects.toMatchObject({ code: 'INVOCATION_CANCELLED' });
});

it('tools of the AI SDK are guarded in a real run of it', async () => {
  const manager = await guardOf({
    tool_pre_invoke: ({ args }) => (JSON.stringify(args).includes('secret') ? block('NO_SECRETS') : undefined),
  });
  const original = tool({
    description: 'Weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: weather,
  });
  const tools = { weather: guardTool(original, manager, contextOf, { name: 'weather' }) };
  expect(tools.weather.description).toBe('Weather of a city');

  const answers = [];
  for (const city of ['Zurich', 'secret city']) {
    const { steps } = await generateText({ model: callingOnce(city), tools, prompt: 'Go', stopWhen: stepCountIs(2) });
    answers.push(steps[0]?.content.findLast(({ type }) => type.startsWith('tool-')));
  }
  expect(answers).toMatchObject([
    { type: 'tool-result', output: 'Sun in Zurich' },
    { type: 'tool-error', error: { code: 'PLUGIN_VIOLATION' } },
  ]);
});

/** A model that calls the tool once and then has nothing more to say; a stand-in, because real ones are elsewhere. */
function callingOnce(city: string): MockLanguageModelV3 {
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  let calls = 0;
  return new MockLanguageModelV3({
    doGenerate: async () =>
      calls++ === 0
        ? {
            content: [{ type: 'tool-call', toolCallId: '1', toolName: 'weather', input: JSON.stringify({ city }) }],
            finishReason: { unified: 'tool-calls', raw: undefined },
            usage,
            warnings: [],
          }
        : {
            content: [{ type: 'text', text: 'done' }],
            finishReason: { unified: 'stop', raw: undefined },
            usage,
            warnings: [],
          },
  });
}
