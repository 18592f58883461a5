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

  constructor(servers: ServerSet, face: Face, sessions: SessionWatch) {
    this.#servers = servers;
    this.#face = face;
    this.#sessions = sessions;
    this.#stopListening = servers.onNotification((_server, { method, params }) => {
      const [only, ...others] = this.#open.keys();
      // With several clients nobody knows whose call it is about.
      if (only === undefined || others.length > 0 || method !== 'notifications/message') return;
      if (!isBelow(params?.['level'], only.logLevel)) only.notify({ method, ...(params && { params: { ...params } }) });
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

  /** A session that several share has one level: the lowest that anybody wants, and each hears what it wants of it. */
  #setLevel(): void {
    const level = lowestLevel([...this.#open.keys()].map(({ logLevel }) => logLevel));
    if (level !== undefined) this.#servers.setLogLevel(level);
  }
}
