import { isRecord } from '../../json/records.js';

/** Where a request of `tools/call` carries the id of its simulated call: plugins do not see it, so that they cannot change it. */
export const callKey = 'simulated/call';

/** The tool whose annotations say that it does no harm. */
export const harmlessTool = 'look';

/** A tool as a scripted server lists it. */
export function toolOf(name: string): Readonly<Record<string, unknown>> {
  return {
    name,
    description: `The tool ${name} of a scripted server`,
    inputSchema: { type: 'object' },
    ...(name === harmlessTool && { annotations: { readOnlyHint: true } }),
  };
}

export function initializeAnswer(name: string, id: unknown, params: unknown): object {
  const version = isRecord(params) ? params['protocolVersion'] : undefined;
  return {
    jsonrpc: '2.0',
    id,
    result: {
      protocolVersion: version,
      capabilities: { tools: { listChanged: true }, logging: {} },
      serverInfo: { name, version: '1.0.0' },
    },
  };
}

/** What servers say that nobody asked them for. */
export const sayings: readonly object[] = [
  { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'warning', data: 'all is not well' } },
  { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
  { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'nobody', progress: 1 } },
  { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'file:///nothing' } },
  { jsonrpc: '2.0', id: 7_000_001, result: { content: [] } },
  { jsonrpc: '2.0', id: 'odd', error: { code: -1, message: 'for nobody' } },
  { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'Parse error' } },
  { jsonrpc: '2.0', id: 'question', method: 'ping' },
  { jsonrpc: '2.0', id: 'question', method: 'elicitation/create', params: { message: 'nobody', requestedSchema: {} } },
  { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 3 } },
  { jsonrpc: '2.0', method: 'made/up', params: [1, 2] },
  { hello: 'world' },
];
