import { Agent, request } from 'node:http';
import type { Random } from '../../../src/time/clock.js';

type Headers = Readonly<Record<string, string>>;

/**
 * Opens sessions with a gateway one after the other, several at a time, calls in some, and leaves: every other one as the
 * protocol has it, the others by cutting their connections, some under a call, some under a stream.
 *
 * @returns how many were ended in each way
 */
export async function openAndDrop(
  url: string,
  count: number,
  atOnce: number,
  random: Random,
): Promise<Readonly<Record<string, number>>> {
  const ways = { deleted: 0, 'cut off': 0, 'cut off in a call': 0, 'cut off in a stream': 0 };
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun++ < count) ways[await openOne(url, random)]++;
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return ways;
}

async function openOne(
  url: string,
  random: Random,
): Promise<'deleted' | 'cut off' | 'cut off in a call' | 'cut off in a stream'> {
  const agent = new Agent({ keepAlive: true });
  try {
    const clientInfo = { name: 'passer-by', version: '1' };
    const session = await post(url, agent, {}, 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo,
    });
    const headers = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    if (random() < 0.5) {
      await send(url, agent, headers, 'DELETE');
      return 'deleted';
    }
    const way = random();
    if (way < 0.34) return 'cut off';
    if (way < 0.67) {
      // Heard of by the gateway, and cut off before it can be answered.
      void call(url, agent, headers).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, random() * 60));
      return 'cut off in a call';
    }
    void send(url, agent, { ...headers, accept: 'text/event-stream' }, 'GET').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, random() * 20));
    return 'cut off in a stream';
  } finally {
    agent.destroy();
  }
}

function call(url: string, agent: Agent, headers: Headers): Promise<string> {
  const args = { server: 'http3', tool: 'echo', args: { id: 'of a passer-by', ms: 200 } };
  return post(url, agent, headers, 'tools/call', { name: 'execute_tool', arguments: args });
}

function post(url: string, agent: Agent, headers: Headers, method: string, params: object): Promise<string> {
  const both = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return send(url, agent, { ...headers, ...both }, 'POST', body);
}

/** @returns the session of the answer, once that has ended */
function send(url: string, agent: Agent, headers: Headers, method: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (response) => {
      response.resume().once('error', reject);
      response.once('end', () => resolve(String(response.headers['mcp-session-id'])));
      if (response.statusCode !== 200) reject(new Error(`${method} was answered ${response.statusCode}`));
    });
    sent.once('error', reject).end(body);
  });
}
