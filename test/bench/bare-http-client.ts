import { Pool } from 'undici';

const handshake = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1.0.0' },
};

/** Calls tools of an MCP server over Streamable HTTP with undici and nothing else. */
export interface BareHttpClient {
  /** Gives the result, unchecked. */
  call(params: object): Promise<unknown>;
  close(): Promise<void>;
}

/** @param connections that it may have, all of them kept */
export async function bareHttpClient(url: string, connections: number): Promise<BareHttpClient> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections });
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  let id = 0;
  const post = async (message: object): Promise<{ session: unknown; text: string }> => {
    const sent = JSON.stringify({ jsonrpc: '2.0', ...message });
    const answer = await pool.request({ method: 'POST', path, headers, body: sent });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`HTTP status ${answer.statusCode}: ${text}`);
    return { session: answer.headers['mcp-session-id'], text };
  };
  const send = async (method: string, params: object): Promise<{ session: unknown; result: unknown }> => {
    const { session, text } = await post({ id: ++id, method, params });
    const json = text.startsWith('{') ? text : text.slice(text.indexOf('data: {') + 'data: '.length);
    return { session, result: (JSON.parse(json) as { result?: unknown }).result };
  };
  const { session } = await send('initialize', handshake);
  headers['mcp-protocol-version'] = handshake.protocolVersion;
  if (typeof session === 'string') headers['mcp-session-id'] = session;
  await post({ method: 'notifications/initialized' });
  return { call: async (params) => (await send('tools/call', params)).result, close: () => pool.destroy() };
}
