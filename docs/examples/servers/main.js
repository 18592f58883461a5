import { createServerSet, silentLogger } from 'gatechart';

const servers = await createServerSet({ servers: `${import.meta.dirname}/servers.json`, logger: silentLogger });

// The first thing that is wanted of a server starts it.
const tools = await servers.list('notes', 'tools');
console.log(tools.items.map(({ name }) => name));
console.log(await servers.callTool('notes', { name: 'read' }));

// What went wrong is told by a code, and a call that may have been executed is never sent again unasked.
const calls = /** @type {const} */ ([
  ['notes', 'burn'],
  ['tracker', 'list'],
  ['note', 'read'],
]);
for (const [server, name] of calls) {
  await servers.callTool(server, { name }).catch(({ code }) => console.log(server, name, code));
}

// The connection has opened another process by then, or is about to: the call waits for it.
console.log(await servers.callTool('notes', { name: 'read' }));
for (const { name, state, restarts, tools } of servers.status()) console.log({ name, state, restarts, tools });

await servers.close();
