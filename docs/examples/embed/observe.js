import { createManager, silentLogger } from 'gatechart';

/** @type {import('gatechart').ObservabilityProvider} */
const observability = {
  startSpan(name) {
    return { end: (status) => console.log(`span ${name}: ${status}`) };
  },
};

const config = `${import.meta.dirname}/plugins.yaml`;
const manager = await createManager({ config, observability, logger: silentLogger });

const watching = manager.inspect((event) => {
  if (event.type !== '@xstate.snapshot' || !('value' in event.snapshot) || !('id' in event.actorRef)) return;
  console.log('actor', event.actorRef.id, event.snapshot.value);
});
await manager.invokeHook('tool_pre_invoke', { name: 'echo', args: { text: 'hello' } }, { requestId: '1' });
watching.unsubscribe();

console.log('connections', manager.connections);
await manager.close();
