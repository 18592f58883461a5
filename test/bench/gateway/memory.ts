import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { createGateway, createManager, definePlugin, silentLogger } from 'gatechart';
import { singles } from '../calls.js';
import { measurement, report } from '../measurement.js';
import { clientInMemory, clientOf, serverInMemory, serversInMemory } from './in-memory.js';
import { checkAnswer, nextQuestion } from './questions.js';

const Nothing = definePlugin({ hooks: { tool_pre_invoke: () => undefined, tool_post_invoke: () => undefined } });
const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
const plugins = await createManager({
  config: { plugins: [1, 2, 3].map((number) => ({ name: `nothing-${number}`, kind: 'Nothing', hooks })) },
  kinds: { Nothing },
  logger: silentLogger,
  env: {},
});
const gateway = await createGateway({
  servers: await serversInMemory({ end: undefined }),
  plugins,
  face: 'transparent',
  agent: 'bench',
  rules: {
    agents: {
      bench: { allow: { servers: ['end'], tools: { end: ['e*', 'get_*'] } }, deny: { tools: { end: ['delete_*'] } } },
    },
  },
  logger: silentLogger,
});

/** Without what `callTool` of the SDK does beside the call. */
const asking = (client: Client) => async (): Promise<void> => {
  const question = nextQuestion();
  checkAnswer(await client.request({ method: 'tools/call', params: question.params }, CallToolResultSchema), question);
};
const client = await clientInMemory(gateway);
const direct = await clientOf(await serverInMemory());
const [ours, reference] = await singles(asking(client), asking(direct));
report([measurement('gateway/memory', 'µs', ours, reference)]);
await client.close();
await gateway.close();
await direct.close();
