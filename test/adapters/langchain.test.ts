import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import type { BaseMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';
import type { RunnableConfig } from '@langchain/core/runnables';
import { Command, interrupt, MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { AIMessage, createAgent, createMiddleware, tool, ToolMessage } from 'langchain';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { guardToolCalls } from '../../src/adapters/langchain/index.js';
import type { HookHandlers } from '../../src/index.js';
import { block, contextOf, guardOf } from '../fixtures/guard/guards.js';

/** A model that calls the tool once and then has nothing more to say. */
class Scripted extends BaseChatModel {
  readonly asked: BaseMessage[][] = [];

  constructor() {
    super({});
  }

  _llmType(): string {
    return 'scripted';
  }

  override bindTools(): this {
    return this;
  }

  async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    this.asked.push(messages);
    const call = { name: 'weather', args: { city: 'Zurich' }, id: 'c1', type: 'tool_call' as const };
    const message =
      this.asked.length === 1 ? new AIMessage({ content: '', tool_calls: [call] }) : new AIMessage('done');
    return { generations: [{ message, text: '' }] };
  }
}

type Execute = (city: string, config: RunnableConfig) => Promise<string>;

async function run(handlers: HookHandlers, execute: Execute = async (city) => `Sun in ${city}`) {
  let calls = 0;
  const weather = tool(
    async ({ city }: { city: string }, config: RunnableConfig) => {
      calls++;
      return execute(city, config);
    },
    { name: 'weather', description: 'of a city', schema: z.object({ city: z.string() }) },
  );
  const model = new Scripted();
  const guard = createMiddleware(guardToolCalls(await guardOf(handlers), contextOf, { ToolMessage }));
  const agent = createAgent({ model, tools: [weather], middleware: [guard] });
  await agent.invoke({ messages: [{ role: 'user', content: 'Go' }] });
  const told = model.asked[1]?.at(-1);
  if (!ToolMessage.isInstance(told)) throw new Error('the model was told of no tool');
  return { calls, content: told.content, status: told.status, id: told.tool_call_id };
}

it('a call in the loop of LangChain runs both hooks, which may change it', async () => {
  const seen: unknown[] = [];
  const ran = await run({
    tool_pre_invoke: (payload, context) => {
      context.state['began'] = true;
      seen.push(payload);
      return { modifiedPayload: { ...payload, args: { city: 'Bern' } } };
    },
    tool_post_invoke: (payload, { state }) => {
      seen.push(payload, state);
      return { modifiedPayload: { ...payload, result: `${String(payload.result)}!` } };
    },
  });
  expect(ran).toMatchObject({ calls: 1, content: 'Sun in Bern!', status: 'success', id: 'c1' });
  expect(seen).toEqual([
    { name: 'weather', args: { city: 'Zurich' } },
    { name: 'weather', result: 'Sun in Bern' },
    { began: true },
  ]);
});

it('an answer that nobody changes is passed on as it is', async () => {
  expect(await run({ tool_post_invoke: () => ({}) })).toMatchObject({ calls: 1, content: 'Sun in Zurich' });
});

it('an answer that plugins make something else of than a text or blocks is told as JSON', async () => {
  const blocks = [{ type: 'text', text: 'Sun' }];
  for (const [result, content] of [
    [{ sun: true }, '{"sun":true}'],
    [[1, 2], '[1,2]'],
    [7, '7'],
    [null, 'null'],
    [blocks, blocks],
  ])
    expect(await run({ tool_post_invoke: (payload) => ({ modifiedPayload: { ...payload, result } }) })).toMatchObject({
      content,
    });
});

it('of a blocked call the model is told why, and the tool is not called', async () => {
  expect(await run({ tool_pre_invoke: () => block('NO') })).toEqual({
    calls: 0,
    content: 'Blocked by Guard: Not here. Nobody may do that (NO).',
    status: 'error',
    id: 'c1',
  });
});

it('a blocked answer does not reach the model', async () => {
  const { calls, content } = await run({ tool_post_invoke: () => block('NOT_THAT') });
  expect([calls, content]).toEqual([1, 'Blocked by Guard: Not here. Nobody may do that (NOT_THAT).']);
});

it('a plugin that fails ends the run', async () => {
  const failing = {
    tool_pre_invoke: () => {
      throw new Error('no database');
    },
  };
  await expect(run(failing)).rejects.toThrow('no database');
});

it('what a failing tool says is shown to the second hook, and changed where that changes it', async () => {
  const seen: unknown[] = [];
  const fail = async (): Promise<string> => {
    throw new Error('secret-7 is down');
  };
  const handlers: HookHandlers = { tool_post_invoke: ({ result }) => void seen.push(result) };
  await run(handlers, fail).catch(() => undefined);
  expect(JSON.stringify(seen)).toContain('secret-7');
  const { content, status } = await run(
    {
      tool_post_invoke: (payload) => ({
        modifiedPayload: { ...payload, result: { content: [{ type: 'text', text: 'it is down' }], isError: true } },
      }),
    },
    fail,
  ).catch((error: unknown) => ({ content: error, status: 'error' }));
  expect([content, status]).toEqual(['it is down', 'error']);
});

it('a tool that asks a human has not answered: the hook behind it sees the answer that it gives then', async () => {
  const seen: unknown[] = [];
  const manager = await guardOf({
    tool_post_invoke: (payload) => {
      seen.push(payload.result);
      return { modifiedPayload: { ...payload, result: `${String(payload.result)}!` } };
    },
  });
  const weather = tool(async () => `Sun, says ${String(interrupt('Is there sun?'))}`, {
    name: 'weather',
    description: 'of a city',
    schema: z.object({ city: z.string() }),
  });
  const model = new Scripted();
  const middleware = [createMiddleware(guardToolCalls(manager, contextOf, { ToolMessage }))];
  const agent = createAgent({ model, tools: [weather], middleware, checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: '1' } };
  const asked = await agent.invoke({ messages: [{ role: 'user', content: 'Go' }] }, config);
  expect(asked).toMatchObject({ __interrupt__: [{ value: 'Is there sun?' }] });
  expect([seen, model.asked.length]).toEqual([[], 1]);
  const { messages } = await agent.invoke(new Command({ resume: 'Ada' }), config);
  expect(messages.find((message) => ToolMessage.isInstance(message))?.content).toBe('Sun, says Ada!');
  expect(seen).toEqual(['Sun, says Ada']);
});

it('a command that a tool throws cannot be looked at, and ends the run', async () => {
  const handover = new StateGraph(MessagesAnnotation)
    .addNode('hand over', () => {
      const messages = [new ToolMessage({ content: 'never looked at', tool_call_id: 'c1' })];
      return new Command({ graph: Command.PARENT, update: { messages } });
    })
    .addEdge(START, 'hand over')
    .compile();
  // The graph is a part of the run, so that its command is for the graph of the agent.
  const ran = run({ tool_post_invoke: () => undefined }, async (_city, config) => {
    await handover.invoke({ messages: [] }, config);
    return 'not here';
  });
  await expect(ran).rejects.toMatchObject({ cause: { code: 'UNGUARDED' } });
});
