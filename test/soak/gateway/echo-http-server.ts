import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What a server does with whatever it is sent. */
export type HttpMood = 'well' | 'failing' | 'hanging';

interface Message {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly protocolVersion?: string; readonly arguments?: { id: string; ms: number } };
}

/** The same over HTTP as `echo-server.mjs` is over stdio, in this process; it can be made to fail. */
export class EchoHttpServer {
  readonly name: string;
  mood: HttpMood = 'well';
  readonly #executed: (id: string) => void;
  readonly #server: Server;
  readonly #sessions = new Set<string>();

  private constructor(name: string, executed: (id: string) => void) {
    this.name = name;
    this.#executed = executed;
    this.#server = createServer((request, response) => {
      response.on('error', () => {});
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** @param executed hears the id of each call as it is executed */
  static async start(name: string, executed: (id: string) => void): Promise<EchoHttpServer> {
    const server = new EchoHttpServer(name, executed);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/mcp`;
  }

  /** Connections that are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  /** As after a restart: every session is unknown. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.mood === 'failing') return void response.writeHead(503).end('not now');
    if (this.mood === 'hanging') return;
    const session = request.headers['mcp-session-id'];
    if (typeof session === 'string' && !this.#sessions.has(session)) return void response.writeHead(404).end();
    if (request.method === 'DELETE') {
      this.#sessions.delete(String(session));
      return void response.writeHead(200).end();
    }
    if (request.method !== 'POST') return void response.writeHead(405).end();
    this.#receive(JSON.parse(Buffer.concat(chunks).toString()) as Message, response);
  }

  #receive({ id, method, params }: Message, response: ServerResponse): void {
    if (id === undefined) return void response.writeHead(202).end();
    const answer = (result: object, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    };
    if (method === 'initialize') {
      const session = randomUUID();
      this.#sessions.add(session);
      const protocolVersion = params?.protocolVersion;
      const serverInfo = { name: this.name, version: '1' };
      return answer({ protocolVersion, capabilities: { tools: {} }, serverInfo }, { 'mcp-session-id': session });
    }
    if (method === 'tools/list') return answer({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }] });
    const asked = params?.arguments;
    if (method !== 'tools/call' || asked === undefined) return answer({});
    this.#executed(asked.id);
    const text = JSON.stringify({ id: asked.id, server: this.name });
    setTimeout(() => answer({ content: [{ type: 'text', text }] }), asked.ms);
  }
}
