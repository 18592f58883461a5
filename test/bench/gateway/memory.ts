import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { createGateway, createManager, definePlugin, gatewayPolicies, silentLogger } from 'gatechart';
import { singles } from '../calls.js';
import { compared, report } from '../measurement.js';
import { stayOnOneCore } from '../processes.js';
import { clientInMemory, clientOf, serverInMemory, serversInMemory } from './in-memory.js';
import { checkAnswer, nextQuestion } from './questions.js';

stayOnOneCore();
const hooks = ['tool_pre_invoke', 'tool_post_invoke'];

/** Looks at what a call asks for. */
const Denying = definePlugin({
  hooks: {
    tool_pre_invoke: ({ args }) =>
      String(args?.['message']).includes('password')
        ? { continueProcessing: false, violation: { reason: 'Denied', description: 'A denied word.', code: 'DENIED' } }
        : undefined,
  },
});

/** Keeps something from the call to its answer. */
const Counting = definePlugin({
  hooks: {
    tool_pre_invoke: ({ args }, { state }) => void (state['asked'] = String(args?.['message']).length),
    tool_post_invoke: (_payload, { state, metadata }) => void (metadata['asked'] = state['asked']),
  },
});

/** Says something of both. */
const Telling = definePlugin({
  hooks: {
    tool_pre_invoke: ({ name }) => ({ metadata: { tool: name } }),
    tool_post_invoke: ({ result }) => ({ metadata: { answered: typeof result } }),
  },
});

const plugins = await createManager({
  config: {
    plugins: [
      { name: 'denying', kind: 'Denying', hooks: ['tool_pre_invoke'], conditions: [{ tools: ['end__echo', 'echo'] }] },
      { name: 'counting', kind: 'Counting', hooks },
      { name: 'telling', kind: 'Telling', hooks },
    ],
  },
  kinds: { Denying, Counting, Telling },
  policies: gatewayPolicies,
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
const figures = await singles(asking(client), asking(direct));
report([compared('gateway/memory', 'µs', figures)]);
await client.close();
await gateway.close();
await direct.close();
