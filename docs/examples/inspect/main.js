import { createManager, silentLogger } from 'gatechart';
import { attachInspector } from 'gatechart/inspect';

const config = `${import.meta.dirname}/../embed/plugins.yaml`;
const manager = await createManager({ config, logger: silentLogger });

// Port 0 is any that is free; without it, 4983.
const inspector = await attachInspector(manager, { port: 0, name: 'my-agent', logger: silentLogger });
console.error(`look at ${inspector.url()}`);

await manager.invokeHook('tool_pre_invoke', { name: 'echo', args: { text: 'hello' } }, { requestId: '1' });
const page = await fetch(inspector.address);
console.log(`${page.status} ${page.headers.get('content-type')}`);

// It ends with what it is attached to.
await manager.close();
await inspector.closed;
console.log('closed');
