import type { ReloadSteps } from '../../config/reload/reloads.js';
import type { Server } from '../server/server.js';
import type { ServersFile } from '../server-entry.js';
import type { ServersReload } from '../server-set-api.js';
import type { NamedServer, ServersInForce } from '../set/servers-in-force.js';
import type { ServerEntry } from '../server-entry.js';
import { changeOfEntry, type EntryChange } from './entry-changes.js';

/** What a reload of servers needs. */
export interface ServersReloadDependencies {
  readonly inForce: ServersInForce;
  readonly read: () => ServersFile;
  readonly create: (entry: ServerEntry) => Server;
  /** Ends a server that is in no file any more. */
  readonly retire: (server: Server) => void;
  /** Told of each server whose lists may be others now, for better or worse. */
  readonly changed: (server: string) => void;
  readonly eager: boolean;
}

/** What is to become of a server that stays. */
interface Kept {
  readonly server: Server;
  readonly entry: ServerEntry;
  readonly change: EntryChange;
}

/** One change of the servers in force, step by step as `machines/reload.machine.ts` takes them. */
export class ServersReloadTask implements ReloadSteps<ServersReload> {
  readonly #dependencies: ServersReloadDependencies;
  #next: ReadonlyMap<string, NamedServer> = new Map();
  #kept: readonly Kept[] = [];
  #added: readonly Server[] = [];
  #removed: readonly Server[] = [];
  #report: ServersReload = { added: [], removed: [], changed: [], unchanged: [], broken: [] };

  constructor(dependencies: ServersReloadDependencies) {
    this.#dependencies = dependencies;
  }

  get report(): ServersReload {
    return this.#report;
  }

  /** Reads what is wanted and plans how to get there. Nothing is changed. @throws ConfigError */
  check(): void {
    const { inForce, read, create } = this.#dependencies;
    const { entries, broken, names } = read();
    const next = new Map<string, NamedServer>();
    const kept: Kept[] = [];
    const added: Server[] = [];
    for (const entry of entries) {
      const before = inForce.find(entry.name)?.server;
      const server = before ?? create(entry);
      next.set(entry.name, { server, broken: undefined });
      if (before === undefined) added.push(server);
      else kept.push({ server, entry, change: changeOfEntry(before.entry, entry) });
    }
    for (const entry of broken) next.set(entry.name, { server: undefined, broken: entry });
    const inOrder = names.flatMap((name): [string, NamedServer][] => {
      const named = next.get(name);
      return named === undefined ? [] : [[name, named]];
    });
    const old = [...inForce.all()].flatMap(({ server }) => (server === undefined ? [] : [server]));
    this.#next = new Map(inOrder);
    this.#kept = kept;
    this.#added = added;
    this.#removed = old.filter(({ name }) => next.get(name)?.server === undefined);
    this.#report = Object.freeze({
      added: added.map(({ name }) => name),
      removed: this.#removed.map(({ name }) => name),
      changed: kept.flatMap(({ server, change }) => (change === 'none' ? [] : [server.name])),
      unchanged: kept.flatMap(({ server, change }) => (change === 'none' ? [server.name] : [])),
      broken: broken.map(({ name }) => name),
    });
  }

  /** Servers are started when somebody needs them, or once they are in force. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  undo(): Promise<void> {
    return Promise.resolve();
  }

  swap(): void {
    this.#dependencies.inForce.replace(this.#next);
    for (const { server, entry, change } of this.#kept) {
      if (change === 'adapts') server.adopt(entry);
      if (change === 'restarts') server.replace(entry);
    }
  }

  /** The calls of what is removed end in their time; nobody waits for that, or the next reload would wait as well. */
  async retire(): Promise<void> {
    const { retire, changed, eager } = this.#dependencies;
    for (const server of this.#removed) {
      retire(server);
      changed(server.name);
    }
    // What is started from here on is not started inside a transition of the machine of reloads.
    await Promise.resolve();
    for (const { server, entry, change } of this.#kept) {
      const isOpenAgain = server.sessions.retireClosed();
      if (change === 'restarts') server.reopen();
      if ((change === 'restarts' || isOpenAgain) && (eager || entry.eager)) server.wake();
      if (change !== 'none' || isOpenAgain) changed(server.name);
    }
    for (const server of this.#added) {
      if (eager || server.entry.eager) server.wake();
      changed(server.name);
    }
  }
}

/** In a line, for the log. */
export function reloadText(report: ServersReload): string {
  const counts = (['added', 'removed', 'changed', 'unchanged', 'broken'] as const)
    .filter((what) => report[what].length > 0)
    .map((what) => `${report[what].length} ${what}`);
  return counts.length === 0 ? 'there are none' : counts.join(', ');
}
