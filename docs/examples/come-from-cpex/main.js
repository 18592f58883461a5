import { createManager, silentLogger } from 'gatechart';

const config = `${import.meta.dirname}/plugins.yaml`;
const manager = await createManager({ config, logger: silentLogger });

for (const path of ['~/notes.txt', '$LOGS/auth.log']) {
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'read', args: { path } }, { requestId: '1' });
  console.log(`${path}: ${outcome.decision} ${outcome.violation?.description ?? ''}`.trimEnd());
  for (const { plugin, status } of await outcome.background) console.log(`  ${plugin}: ${status}`);
}
await manager.close();
