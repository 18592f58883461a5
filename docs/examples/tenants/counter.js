import { createManager, createPluginServer, definePlugin, silentLogger } from 'gatechart';

/** @type {Map<string, number>} */
const calls = new Map();

// One process counts for all tenants: it is the request that says whose call it is.
const Counter = definePlugin({
  hooks: {
    tool_post_invoke(_payload, { globalContext }) {
      const tenant = globalContext.tenantId ?? 'nobody';
      calls.set(tenant, (calls.get(tenant) ?? 0) + 1);
      return { metadata: { process: process.pid, calls: calls.get(tenant) } };
    },
  },
});

const host = await createManager({
  config: { plugins: [{ name: 'Counter', kind: 'counter', hooks: ['tool_post_invoke'] }] },
  kinds: { counter: Counter },
  logger: silentLogger,
});
const server = await createPluginServer({
  host,
  transport: { kind: 'stdio', stdin: process.stdin, stdout: process.stdout },
  logger: silentLogger,
});
await server.closed;
