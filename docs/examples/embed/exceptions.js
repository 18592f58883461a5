import { setTimeout } from 'node:timers/promises';
import { createManager, definePlugin, isGatechartError, PluginViolationError, silentLogger } from 'gatechart';

const Guard = definePlugin({
  hooks: {
    async tool_pre_invoke({ name }, { signal }) {
      if (name === 'slow') await setTimeout(60_000, undefined, { signal });
      if (name === 'broken') throw new Error('the database is gone');
      if (name === 'bad')
        return { continueProcessing: false, violation: { reason: 'No', description: '', code: 'NO' } };
      return {};
    },
  },
});

const manager = await createManager({
  config: { plugins: [{ name: 'Guard', kind: 'guard', hooks: ['tool_pre_invoke'] }] },
  kinds: { guard: Guard },
  logger: silentLogger,
});

for (const name of ['bad', 'broken', 'slow']) {
  try {
    await manager.invokeHook(
      'tool_pre_invoke',
      { name },
      { requestId: '1' },
      { violationsAsExceptions: true, signal: AbortSignal.timeout(200) },
    );
  } catch (error) {
    if (error instanceof PluginViolationError) console.log(error.code, error.violation?.code);
    else if (isGatechartError(error)) console.log(error.code, error.message);
    else throw error;
  }
}
await manager.close();
