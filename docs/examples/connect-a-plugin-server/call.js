import { fileURLToPath } from 'node:url';
import { createManager } from 'gatechart';

const config = fileURLToPath(new URL('plugins.yaml', import.meta.url));
const manager = await createManager({ config });
for (const args of [{ city: 'Zurich' }, { city: 'secret' }]) {
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'weather', args }, { requestId: '1' });
  console.log(outcome.continueProcessing ? 'allowed' : `blocked: ${outcome.violation?.description}`);
}
await manager.close();
