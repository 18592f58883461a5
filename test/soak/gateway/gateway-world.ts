import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createServerSet } from '../../../src/downstream/create-server-set.js';
import type { ServerSet } from '../../../src/downstream/server-set-api.js';
import { createGateway } from '../../../src/gateway/create-gateway.js';
import type { Gateway } from '../../../src/gateway/gateway.js';
import { type GatewayServer, serveGateway } from '../../../src/gateway/serve-gateway.js';
import { silentLogger } from '../../../src/index.js';
import { isChild } from '../../fixtures/processes/process-table.js';
import type { Random } from '../../../src/time/clock.js';
import { CallsMade } from './calls-made.js';
import { EchoHttpServer, type HttpMood } from './echo-http-server.js';

export interface GatewayWorldOptions {
  /** Of each kind. */
  readonly servers: number;
  readonly clients: number;
  readonly random: Random;
  /** Milliseconds after which a session of a client that does nothing is over. */
  readonly sessionIdleMs?: number;
}

const script = fileURLToPath(new URL('echo-server.mjs', import.meta.url));
const moods: readonly HttpMood[] = ['well', 'well', 'failing', 'hanging'];

/**
 * A gateway over HTTP with servers of both kinds behind it and clients before it. While {@link flap} runs, `stdio0` and
 * `stdio1` are killed again and again, of which the calls of the first are replayed once, and `http0` fails or hangs.
 */
export class GatewayWorld {
  readonly calls = new CallsMade();
  readonly http: EchoHttpServer[] = [];
  readonly #options: GatewayWorldOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatechart-load-'));
  readonly #clients: Client[] = [];
  #names: readonly string[] = [];
  #linesRead = 0;
  #closing: Promise<{ connections: number }> | undefined;
  servers!: ServerSet;
  gateway!: Gateway;
  server!: GatewayServer;

  private constructor(options: GatewayWorldOptions) {
    this.#options = options;
  }

  static async open(options: GatewayWorldOptions): Promise<GatewayWorld> {
    const world = new GatewayWorld(options);
    await world.#open();
    return world;
  }

  /**
   * Makes so many calls at once, spread over all servers and clients; settles when all of them are. `http1` knows no session
   * of before.
   */
  async wave(count: number): Promise<void> {
    this.http[1]?.forgetSessions();
    await Promise.all(Array.from({ length: count }, (_, index) => this.#call(index)));
    this.readLedger();
  }

  /** Trouble until it is aborted: a server that is killed, one that fails, one that hangs. */
  async flap(signal: AbortSignal): Promise<void> {
    const { random } = this.#options;
    const [failing] = this.http;
    while (!signal.aborted) {
      this.#kill(random() < 0.5 ? 'stdio0' : 'stdio1');
      if (failing !== undefined) failing.mood = moods[Math.floor(random() * moods.length)] ?? 'well';
      await delay(150 + random() * 300, undefined, { signal }).catch(() => undefined);
    }
    for (const server of this.http) server.mood = 'well';
  }

  /** Takes in what servers over stdio have executed. */
  readLedger(): void {
    const lines = readFileSync(this.#ledger, 'utf8').split('\n').slice(0, -1);
    for (const id of lines.slice(this.#linesRead)) this.calls.executed(id);
    this.#linesRead = lines.length;
    this.calls.balance();
  }

  /** Ends it all; tells what is left of connections to servers. */
  close(): Promise<{ connections: number }> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<{ connections: number }> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.server.close();
    // What the gateway has closed is heard of by the other end a little later.
    let connections = 0;
    for (let tries = 0; tries < 100; tries++) {
      const counts = await Promise.all(this.http.map((server) => server.connections()));
      connections = counts.reduce((sum, count) => sum + count, 0);
      if (connections === 0) break;
      await delay(20);
    }
    await Promise.all(this.http.map((server) => server.close()));
    rmSync(this.#folder, { recursive: true });
    return { connections };
  }

  get #ledger(): string {
    return join(this.#folder, 'ledger');
  }

  async #open(): Promise<void> {
    const { servers: count, clients, sessionIdleMs = 60_000 } = this.#options;
    writeFileSync(this.#ledger, '');
    const entries: Record<string, object> = {};
    for (let index = 0; index < count; index++) {
      const name = `stdio${index}`;
      const args = [script, name, this.#ledger, join(this.#folder, name)];
      entries[name] = { command: process.execPath, args, ...(index === 0 && { replay: 'once' }) };
      const server = await EchoHttpServer.start(`http${index}`, (id) => this.calls.executed(id));
      this.http.push(server);
      entries[server.name] = { type: 'http', url: server.url, ...(index === 0 && { timeout: 2_000 }) };
    }
    this.#names = Object.keys(entries);
    this.servers = await createServerSet({ servers: { mcpServers: entries }, logger: silentLogger });
    this.gateway = await createGateway({ servers: this.servers, logger: silentLogger });
    const limits = { sessionIdleMs, keepAliveMs: 200 };
    this.server = await serveGateway(this.gateway, {
      transport: { kind: 'http', port: 0, limits },
      logger: silentLogger,
    });
    for (let index = 0; index < clients; index++) {
      const client = new Client({ name: `client ${index}`, version: '1' });
      await client.connect(new StreamableHTTPClientTransport(new URL(this.server.address)));
      this.#clients.push(client);
    }
  }

  async #call(index: number): Promise<void> {
    const server = this.#names[index % this.#names.length] ?? '';
    const client = this.#clients[Math.floor(index / this.#names.length) % this.#clients.length];
    const mayFail = ['stdio0', 'stdio1', 'http0'].includes(server);
    const call = this.calls.begin({ server, mayFail, mostTimes: server === 'stdio0' ? 2 : 1 });
    // Long enough to be under way when their server is killed.
    const ms = Math.floor((mayFail ? 200 : 0) + this.#options.random() * (mayFail ? 400 : 100));
    const args = { server, tool: 'echo', args: { id: call.id, ms } };
    try {
      this.calls.answered(call, await client?.callTool({ name: 'execute_tool', arguments: args }));
    } catch (error) {
      this.calls.failed(call, error);
    }
  }

  #kill(name: string): void {
    try {
      const pid = Number(readFileSync(join(this.#folder, name), 'utf8'));
      // A file that is being written reads as 0, which would be all of our own group.
      if (isChild(pid)) process.kill(pid, 'SIGKILL');
    } catch {
      // It has not been started yet, or is gone already.
    }
  }
}
