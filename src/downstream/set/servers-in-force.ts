import { serverNotFound, serverUnusable } from '../sessions/server-errors.js';
import type { BrokenEntry } from '../server-entry.js';
import type { Server } from '../server/server.js';

/** A server of the file, or why it is none. */
export type NamedServer =
  | { readonly server: Server; readonly broken: undefined }
  | { readonly server: undefined; readonly broken: BrokenEntry };

/** The servers that calls go to, by name, in the order of the file. */
export class ServersInForce {
  #byName: ReadonlyMap<string, NamedServer> = new Map();

  names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  all(): Iterable<NamedServer> {
    return this.#byName.values();
  }

  find(name: string): NamedServer | undefined {
    return this.#byName.get(name);
  }

  /** @throws GatechartError SERVER_NOT_FOUND */
  require(name: string): NamedServer {
    const found = this.#byName.get(name);
    if (found === undefined) throw serverNotFound(name, this.names());
    return found;
  }

  /** @throws GatechartError SERVER_NOT_FOUND, SERVER_UNAVAILABLE for a broken entry */
  requireUsable(name: string): Server {
    const { server, broken } = this.require(name);
    if (server === undefined) throw serverUnusable(broken);
    return server;
  }

  replace(servers: ReadonlyMap<string, NamedServer>): void {
    this.#byName = servers;
  }
}
