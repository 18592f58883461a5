import { createManager, silentLogger } from 'gatechart';

const manager = await createManager({ config: 'plugins.yaml', logger: silentLogger });

for (const city of ['Zurich', 'secret city']) {
  const payload = { name: 'weather', args: { city } };
  const outcome = await manager.invokeHook('tool_pre_invoke', payload, { requestId: '1' });
  console.log(city, outcome.continueProcessing ? 'may go on' : outcome.violation);
}

await manager.close();
