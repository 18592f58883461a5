import type { ActorObserver } from '../../actors/actor-observer.js';
import type { Inspector } from '../../actors/supervisor.js';
import { inspectAll, observeAll, type Watching, type Watchable } from '../../actors/watchable.js';
import { connectionClosed } from '../../connection/connection-refusal.js';
import type { McpNotification, McpPeer, McpRequest, McpResponse } from '../../transports/mcp/mcp-messages.js';
import type { Server } from '../server/server.js';
import type { ServerEntry } from '../server-entry.js';
import type {
  DownstreamOptions,
  Listed,
  ListKind,
  ServerChange,
  ServerExplanation,
  ServerList,
  ServerSet,
  ServerStatus,
  ServersReload,
  Subscription,
} from '../server-set-api.js';
import { brokenStatus, serverExplanation, serverStatus } from '../status/server-status.js';
import type { ServersInForce, NamedServer } from './servers-in-force.js';
import type { RunningServers } from './running-servers.js';
import type { ServersInput } from '../servers-file/servers-input.js';

/** A set of servers: finds the one that is meant, and leaves the rest to it. */
export class DownstreamSet implements ServerSet, Watchable {
  readonly #inForce: ServersInForce;
  readonly #running: RunningServers;
  #closing: Promise<void> | undefined;

  constructor(running: RunningServers) {
    this.#running = running;
    this.#inForce = running.inForce;
  }

  /** @internal What there is to know of it for who looks into it. */
  get interior(): RunningServers {
    return this.#running;
  }

  inspect(inspector: Inspector): Watching {
    return inspectAll(this.#running.actors, inspector, 'servers');
  }

  /** @internal */
  observe(observer: ActorObserver): Watching {
    return observeAll(this.#running.actors, observer);
  }

  names(): readonly string[] {
    return this.#inForce.names();
  }

  entry(server: string): ServerEntry | undefined {
    return this.#inForce.find(server)?.server?.entry;
  }

  async request(server: string, request: McpRequest, options: DownstreamOptions = {}): Promise<McpResponse> {
    return this.#usable(server).request(request, options);
  }

  async callTool(
    server: string,
    call: { readonly name: string; readonly arguments?: Listed; readonly _meta?: Listed },
    options: DownstreamOptions = {},
  ): Promise<McpResponse> {
    return this.#usable(server).callTool(call, options);
  }

  async list(server: string, kind: ListKind, options: DownstreamOptions = {}): Promise<ServerList> {
    return this.#usable(server).list(kind, options);
  }

  known(server: string, kind: ListKind): ServerList | undefined {
    return this.#inForce.find(server)?.server?.known(kind);
  }

  peer(server: string): McpPeer | undefined {
    return this.#inForce.find(server)?.server?.peer;
  }

  async subscribe(
    server: string,
    uri: string,
    listener: (params: Listed) => void,
    options: DownstreamOptions = {},
  ): Promise<Subscription> {
    return this.#usable(server).subscribe(uri, this.#running.unfailing(listener), options);
  }

  setLogLevel(level: string): void {
    this.#running.setLogLevel(level);
  }

  onNotification: ServerSet['onNotification'] = (listener) =>
    this.#running.listeners.sayings.add(
      this.#running.unfailing(({ server, notification, client }) => listener(server, notification, client)),
    );

  onChange(listener: (change: ServerChange) => void): () => void {
    return this.#running.listeners.changes.add(this.#running.unfailing(listener));
  }

  clientSaid(client: { readonly id: string }, notification: McpNotification): void {
    for (const { server } of this.#inForce.all()) server?.clientSaid(client, notification);
  }

  clientGone(client: { readonly id: string }): void {
    for (const { server } of this.#inForce.all()) server?.clientGone(client);
  }

  status(): readonly ServerStatus[] {
    return [...this.#inForce.all()].map((named) => this.#statusOf(named));
  }

  explain(server: string): ServerExplanation {
    const named = this.#inForce.require(server);
    const status = this.#statusOf(named);
    if (named.server !== undefined) return serverExplanation(named.server, status);
    const description = 'The entry of the server cannot be used. It is read again when the file is.';
    return { status, path: [{ state: 'unusable', description }], next: [] };
  }

  reload(servers?: string | URL | ServersInput): Promise<ServersReload> {
    return this.#running.reload(servers);
  }

  close({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#running.close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #statusOf({ server, broken }: NamedServer): ServerStatus {
    return server === undefined
      ? brokenStatus(broken, this.#running.ageMs)
      : serverStatus(server, this.#running.loginStateOf(server.name));
  }

  #usable(name: string): Server {
    if (this.#closing !== undefined) throw connectionClosed(name, 'the set of servers was closed');
    return this.#inForce.requireUsable(name);
  }
}
