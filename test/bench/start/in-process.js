import { createManager, definePlugin, silentLogger } from 'gatechart';

const pass = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
const manager = await createManager({
  kinds: { pass },
  config: { plugins: [{ name: 'Pass', kind: 'pass', hooks: ['tool_pre_invoke'] }] },
  env: {},
  logger: silentLogger,
});
await manager.invokeHook('tool_pre_invoke', { name: 'search' }, { requestId: '1' });
