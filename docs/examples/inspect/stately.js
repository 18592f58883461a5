import { createInspector } from '@statelyai/inspect';
import { createManager, silentLogger } from 'gatechart';

// `createWebSocketInspector()` in its place sends the same to whatever listens on ws://localhost:8080.
const inspector = createInspector({
  send(event) {
    if (event.type !== '@xstate.actor') return;
    const { states = {} } = JSON.parse(event.definition ?? '{}');
    console.log(event.name, Object.keys(states).join(' '));
  },
});

const config = `${import.meta.dirname}/../embed/plugins.yaml`;
const manager = await createManager({ config, logger: silentLogger });

// It may come late: actors that live already are told first.
const watching = manager.inspect(inspector.inspect);
await manager.invokeHook('tool_pre_invoke', { name: 'echo', args: { text: 'hello' } }, { requestId: '1' });
watching.unsubscribe();
await manager.close();
