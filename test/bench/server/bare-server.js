// Serves MCP with as little as one can, over stdio or over Streamable HTTP, and answers with JSON.
import { createServer } from 'node:http';

/** @typedef {(request: { method: string, params?: any }) => object | undefined} ResultOf */

/** The answer to a message; undefined for one that has none. @param {string} text @param {ResultOf} resultOf */
function answerTo(text, resultOf) {
  const message = JSON.parse(text);
  if (message.id === undefined || message.method === undefined) return undefined;
  const result = message.method === 'ping' ? {} : resultOf(message);
  if (result !== undefined) return JSON.stringify({ jsonrpc: '2.0', id: message.id, result });
  return JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'Method not found' } });
}

/** The result of `initialize`. @param {any} params */
export function greeting({ protocolVersion }) {
  return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'end', version: '1.0.0' } };
}

/** Serves as the arguments of the process say: `stdio`, or `http <port>`. @param {ResultOf} resultOf */
export function serveBare(resultOf) {
  const [how, port] = process.argv.slice(2);
  if (how === 'http') serveHttp(resultOf, Number(port));
  else serveStdio(resultOf);
}

/** @param {ResultOf} resultOf @param {number} port */
function serveHttp(resultOf, port) {
  createServer((request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const answer = answerTo(text, resultOf);
      if (answer === undefined) return void response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    });
  }).listen(port, '127.0.0.1');
}

/** @param {ResultOf} resultOf */
function serveStdio(resultOf) {
  let rest = '';
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    let answers = '';
    for (const line of lines) {
      const answer = line === '' ? undefined : answerTo(line, resultOf);
      if (answer !== undefined) answers += `${answer}\n`;
    }
    if (answers !== '') process.stdout.write(answers);
  });
  process.stdin.on('end', () => process.exit(0));
}
