import { createManager, definePlugin, silentLogger } from 'gatechart';
import { guardToolCalls } from 'gatechart/langchain';
import { createAgent, createMiddleware, tool, ToolMessage } from 'langchain';
import { z } from 'zod';
import { ScriptedModel } from './scripted-model.js';

const Cities = definePlugin({
  hooks: {
    tool_pre_invoke({ args }) {
      if (args?.city !== 'Atlantis') return;
      const violation = { reason: 'No such city', description: 'Atlantis has sunk.', code: 'SUNK' };
      return { continueProcessing: false, violation };
    },
    tool_post_invoke: (payload) => ({
      modifiedPayload: { ...payload, result: `${String(payload.result)}, it is said` },
    }),
  },
});

const manager = await createManager({
  config: { plugins: [{ name: 'Cities', kind: 'cities', hooks: ['tool_pre_invoke', 'tool_post_invoke'] }] },
  kinds: { cities: Cities },
  logger: silentLogger,
});

const weather = tool(async ({ city }) => `sun in ${city}`, {
  name: 'weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
});
const guard = createMiddleware(guardToolCalls(manager, ({ id = '' }) => ({ requestId: id }), { ToolMessage }));

for (const city of ['Bern', 'Atlantis']) {
  const agent = createAgent({ model: new ScriptedModel('weather', { city }), tools: [weather], middleware: [guard] });
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: `How is ${city}?` }] });
  console.log(messages.find((message) => ToolMessage.isInstance(message))?.content);
}

await manager.close();
