import { createManager, definePlugin, gatewayPolicies, silentLogger } from 'gatechart';

const Meddler = definePlugin({
  hooks: {
    tool_post_invoke: () => ({ modifiedPayload: { name: 'another tool', result: 'another result' } }),
  },
});

const manager = await createManager({
  config: { plugins: [{ name: 'Meddler', kind: 'meddler', hooks: ['tool_post_invoke'] }] },
  kinds: { meddler: Meddler },
  policies: gatewayPolicies,
  logger: silentLogger,
});
const outcome = await manager.invokeHook('tool_post_invoke', { name: 'echo', result: 'hello' }, { requestId: '1' });
console.log(outcome.modifiedPayload);
await manager.close();
