import type { Supervisor } from '../../../actors/supervisor.js';
import type { ListKind } from '../../../downstream/server-set-api.js';
import type { McpClient } from '../../../serving/mcp/mcp-service.js';
import { ClientLists, type ShownList } from './client-lists.js';

/** Tells clients that a list has changed that they have seen: once a change, and only if it is another list for them. */
export class ListWatch {
  readonly #system: Supervisor;
  readonly #clients = new Map<McpClient, ClientLists>();

  /** @param system where the actors of its clients live */
  constructor(system: Supervisor) {
    this.#system = system;
  }

  saw(client: McpClient, kind: ListKind, shown: ShownList): void {
    const lists = this.#clients.get(client) ?? new ClientLists(client, this.#system);
    this.#clients.set(client, lists);
    lists.saw(kind, shown);
  }

  clientGone(client: McpClient): void {
    this.#clients.get(client)?.close();
    this.#clients.delete(client);
  }

  /** Something has changed. */
  changed(): void {
    for (const lists of this.#clients.values()) lists.changed();
  }

  /** Nobody is told anything any more. */
  close(): void {
    for (const lists of this.#clients.values()) lists.close();
    this.#clients.clear();
  }
}
