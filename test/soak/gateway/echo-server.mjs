// @ts-check
// A small MCP server over stdio that gives back what it is asked, and writes down each call that it executes. Of plain
// node, without the SDK: many of them run at a time.
import { appendFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [name = '', ledger = '', pidFile = ''] = process.argv.slice(2);
writeFileSync(pidFile, String(process.pid));

/** @type {Map<unknown, NodeJS.Timeout>} */
const running = new Map();
const say = (/** @type {object} */ message) => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
};

/** @type {Record<string, (params: any, id: unknown) => void>} */
const methods = {
  initialize: ({ protocolVersion }, id) =>
    say({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name, version: '1' } } }),
  ping: (_, id) => say({ id, result: {} }),
  'tools/list': (_, id) => say({ id, result: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] } }),
  'tools/call': ({ arguments: asked }, id) => {
    appendFileSync(ledger, `${asked.id}\n`);
    const answer = () => {
      running.delete(id);
      say({ id, result: { content: [{ type: 'text', text: JSON.stringify({ id: asked.id, server: name }) }] } });
    };
    running.set(id, setTimeout(answer, asked.ms));
  },
  'notifications/cancelled': ({ requestId }) => {
    clearTimeout(running.get(requestId));
    running.delete(requestId);
  },
};

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  methods[method]?.(params ?? {}, id);
});
lines.on('close', () => process.exit());
