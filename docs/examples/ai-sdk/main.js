import { generateText, stepCountIs, tool } from 'ai';
import { createManager, definePlugin, silentLogger } from 'gatechart';
import { guardTools } from 'gatechart/ai';
import { z } from 'zod';
import { scriptedModel } from './scripted-model.js';

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

const tools = guardTools(
  {
    weather: tool({
      description: 'The weather of a city',
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => `sun in ${city}`,
    }),
    // And those of an MCP client: ...(await client.tools()).
  },
  manager,
  ({ rest: [call] }) => ({ requestId: Object(call).toolCallId }),
);

for (const city of ['Bern', 'Atlantis']) {
  const model = scriptedModel('weather', { city });
  const { steps } = await generateText({ model, tools, prompt: `How is ${city}?`, stopWhen: stepCountIs(2) });
  const [result] = steps[0]?.content.filter(({ type }) => type === 'tool-result' || type === 'tool-error') ?? [];
  console.log(result?.type === 'tool-error' ? String(result.error) : Object(result).output);
}

await manager.close();
