import type { McpCaller } from './mcp-service.js';
import type { SessionClient } from './session-client.js';

const noHeaders: McpCaller['headers'] = Object.freeze({});

/** Whoever asks for a request of this client that came with these headers, as things are now. */
export function callerOf(client: SessionClient, headers: McpCaller['headers'] = noHeaders): McpCaller {
  const { info, capabilities, logLevel, identity } = client;
  return { client, info, capabilities, logLevel, identity, headers };
}
