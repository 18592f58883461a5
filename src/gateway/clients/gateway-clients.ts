import type { ServerSet } from '../../downstream/server-set-api.js';
import type { McpClient, McpService } from '../../serving/mcp/mcp-service.js';
import type { Face } from '../faces/face.js';
import { isBelow, lowestLevel } from './log-levels.js';

/** Measures how long clients are connected. */
export interface SessionWatch {
  now(): number;
  /** Undefined where nobody wants to know. */
  readonly ended: ((ms: number) => void) | undefined;
}

/** The clients that are connected, and what they have to do with servers outside of calls. */
export class GatewayClients implements Required<NonNullable<McpService['clients']>> {
  readonly #servers: ServerSet;
  readonly #face: Face;
  readonly #sessions: SessionWatch;
  /** And since when they are. */
  readonly #open = new Map<McpClient, number>();
  readonly #stopListening: () => void;

  /** @param mayHear whether a client has asked a server for something, and may still */
  constructor(
    servers: ServerSet,
    face: Face,
    sessions: SessionWatch,
    mayHear: (client: McpClient, server: string) => boolean,
  ) {
    this.#servers = servers;
    this.#face = face;
    this.#sessions = sessions;
    this.#stopListening = servers.onNotification((server, { method, params }, owner) => {
      const client = this.#hearer(owner);
      if (client === undefined || method !== 'notifications/message' || !mayHear(client, server)) return;
      if (!isBelow(params?.['level'], client.logLevel))
        client.notify({ method, ...(params && { params: { ...params } }) });
    });
  }

  get size(): number {
    return this.#open.size;
  }

  opened(client: McpClient): void {
    this.#open.set(client, this.#sessions.now());
  }

  closed(client: McpClient): void {
    const openedAt = this.#open.get(client);
    this.#open.delete(client);
    if (openedAt !== undefined) this.#sessions.ended?.(this.#sessions.now() - openedAt);
    this.#face.clientGone?.(client);
    this.#servers.clientGone(client);
    this.#setLevel();
  }

  said(client: McpClient, notification: { readonly method: string }): void {
    if (notification.method === 'notifications/roots/list_changed') this.#servers.clientSaid(client, notification);
  }

  levelSet(): void {
    this.#setLevel();
  }

  close(): void {
    this.#stopListening();
    this.#open.clear();
  }

  /** Whose session it came on; of one that all share, the only client: of several nobody knows whose call it is about. */
  #hearer(owner: { readonly id: string } | undefined): McpClient | undefined {
    const [first, ...others] = this.#open.keys();
    if (owner === undefined) return others.length === 0 ? first : undefined;
    return [...this.#open.keys()].find(({ id }) => id === owner.id);
  }

  /** A session that several share has one level: the lowest that anybody wants, and each hears what it wants of it. */
  #setLevel(): void {
    const level = lowestLevel([...this.#open.keys()].map(({ logLevel }) => logLevel));
    if (level !== undefined) this.#servers.setLogLevel(level);
  }
}
