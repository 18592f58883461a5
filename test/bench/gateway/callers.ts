import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from 'undici';
import { apart, cpuMicroseconds } from '../processes.js';
import { checkAnswer, type Question } from './questions.js';

/** A client that does as little as one can, and asks one after the other or many at once. */
export interface Caller {
  /** Asks, and checks the answer. */
  ask(question: Question): Promise<void>;
  close(): Promise<void>;
}

const handshake = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1.0.0' },
};

/** Over Streamable HTTP, to `http://127.0.0.1:<port>/mcp`. Answers may come as JSON or as an event. */
export async function httpCaller(port: number): Promise<Caller> {
  // As many sockets as calls: HTTP/1.1 answers one at a time on each.
  const clients = Array.from({ length: 64 }, () => new Client(`http://127.0.0.1:${port}`));
  const free = [...clients];
  let headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  let id = 0;
  const post = async (client: Client, message: object): Promise<{ session: unknown; text: string }> => {
    const {
      statusCode,
      headers: answered,
      body,
    } = await client.request({
      method: 'POST',
      path: '/mcp',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`HTTP status ${statusCode}: ${text}`);
    return { session: answered['mcp-session-id'], text };
  };
  const send = async (method: string, params: object): Promise<{ session: unknown; result: unknown }> => {
    const client = free.pop();
    if (client === undefined) throw new Error('more calls are in flight than there are sockets');
    const { session, text } = await post(client, { id: ++id, method, params });
    free.push(client);
    const json = text.startsWith('{') ? text : text.slice(text.indexOf('data: {') + 'data: '.length);
    return { session, result: (JSON.parse(json) as { result?: unknown }).result };
  };
  const { session } = await send('initialize', handshake);
  headers = { ...headers, 'mcp-protocol-version': handshake.protocolVersion };
  if (typeof session === 'string') headers['mcp-session-id'] = session;
  const [first] = clients;
  if (first !== undefined) await post(first, { method: 'notifications/initialized' });
  return {
    ask: async (question) => checkAnswer((await send('tools/call', question.params)).result, question),
    close: async () => void (await Promise.all(clients.map((client) => client.destroy()))),
  };
}

/** Over stdio, to a process of its own that ends with it. */
export async function stdioCaller(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Caller & { cpuMicroseconds(): number }> {
  const child = spawn(...apart(command, args), { env, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map<number, (result: unknown) => void>();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { id, result } = JSON.parse(line) as { id?: number; result?: unknown };
      waiting.get(id ?? 0)?.(result);
      waiting.delete(id ?? 0);
    }
  });
  const write = (message: object): void =>
    void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let id = 0;
  const send = (method: string, params: object): Promise<unknown> =>
    new Promise((resolve) => {
      waiting.set(++id, resolve);
      write({ id, method, params });
    });
  await send('initialize', handshake);
  write({ method: 'notifications/initialized' });
  return {
    ask: async (question) => checkAnswer(await send('tools/call', question.params), question),
    cpuMicroseconds: () => cpuMicroseconds(child),
    close: async () => {
      const exited = once(child, 'exit');
      child.stdin.end();
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
      child.kill('SIGKILL');
    },
  };
}
