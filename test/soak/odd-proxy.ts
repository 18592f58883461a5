import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../src/time/clock.js';

/** A proxy in front of an HTTP plugin server that answers calls named `odd` oddly, after the server has executed them. */
export async function startOddProxy(target: number, random: Random): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((incoming, response) => {
    response.on('error', () => {});
    forward(incoming, response, target, random).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  port: number,
  random: Random,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method, url, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers: { ...headers, host: '127.0.0.1' } });
  response.once('close', () => onward.destroy());
  onward.once('error', () => response.destroy());
  onward.once('response', (answer: IncomingMessage) => {
    answer.once('error', () => response.destroy());
    if (!body.includes('"act":"odd"')) {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      return;
    }
    answer.resume().once('end', () => answerOddly(response, random));
  });
  onward.end(body);
}

function answerOddly(response: ServerResponse, random: Random): void {
  const json = { 'content-type': 'application/json' };
  const error = (id: unknown, message: string) =>
    JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } });
  const odd: readonly (() => unknown)[] = [
    () => response.writeHead(202).end(),
    () => response.writeHead(204).end(),
    () => response.writeHead(200, json).end('{"jsonrpc":'),
    () => response.writeHead(200, json).end(''),
    () => response.writeHead(200, json).end(error(null, 'Session terminated')),
    () => response.writeHead(200, json).end(error('made up', 'Session not found')),
    () => response.writeHead(400, json).end(error(null, 'Session terminated')),
    () => response.writeHead(500, json).end(error(null, 'Upstream session terminated')),
    () => response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>no</h1>'),
    () => response.writeHead(413).end('too large'),
    () => response.writeHead(429, { 'retry-after': '1' }).end('slow down'),
    () => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(error(null, 'zipped'))),
    () => response.writeHead(200, { ...json, 'content-encoding': 'snappy' }).end('????'),
    () => response.writeHead(200, { 'content-type': 'text/plain' }).end('hello'),
    () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
    () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"jsonrpc":"2.0"}\n\n'),
  ];
  odd[Math.floor(random() * odd.length)]?.();
}
