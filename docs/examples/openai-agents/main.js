import { Agent, Runner, tool } from '@openai/agents';
import { createManager, definePlugin, silentLogger } from 'gatechart';
import { toolGuardrails } from 'gatechart/openai-agents';
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

const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `sun in ${city}`,
  ...toolGuardrails(manager, ({ callId }) => ({ requestId: callId })),
});

const runner = new Runner({ tracingDisabled: true });
for (const city of ['Bern', 'Atlantis']) {
  const model = new ScriptedModel('weather', { city });
  await runner.run(new Agent({ name: 'Guide', tools: [weather], model }), `How is ${city}?`);
  console.log(model.told);
}

await manager.close();
