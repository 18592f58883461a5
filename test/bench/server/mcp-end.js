// An MCP server that does as little as one can: answers `tools/call` with the message that it was given.
// `mcp-end.js stdio`, or `mcp-end.js http <port>`.
import { createServer } from 'node:http';

const [how, port] = process.argv.slice(2);

const tools = [
  {
    name: 'echo',
    description: 'Says what it is told',
    inputSchema: { type: 'object', properties: { message: { type: 'string' } } },
  },
];

/** @param {{ method: string, params?: any }} request */
function resultOf({ method, params }) {
  switch (method) {
    case 'tools/call':
      return { content: [{ type: 'text', text: params.arguments.message }] };
    case 'tools/list':
      return { tools };
    case 'initialize':
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'end', version: '1.0.0' },
      };
    default:
      return method === 'ping' ? {} : undefined;
  }
}

/** The answer to a message; undefined for one that has none. @param {string} text */
function answerTo(text) {
  const message = JSON.parse(text);
  if (message.id === undefined || message.method === undefined) return undefined;
  const result = resultOf(message);
  if (result !== undefined) return JSON.stringify({ jsonrpc: '2.0', id: message.id, result });
  return JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'Method not found' } });
}

if (how === 'http') {
  createServer((request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const answer = answerTo(text);
      if (answer === undefined) return void response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.end(answer);
    });
  }).listen(Number(port), '127.0.0.1');
} else {
  let rest = '';
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    let answers = '';
    for (const line of lines) {
      const answer = line === '' ? undefined : answerTo(line);
      if (answer !== undefined) answers += `${answer}\n`;
    }
    if (answers !== '') process.stdout.write(answers);
  });
  process.stdin.on('end', () => process.exit(0));
}
