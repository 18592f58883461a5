import type { Supervisor } from '../../actors/supervisor.js';
import type { Authorization } from '../../transports/http/authorization.js';
import type { ServerEntry } from '../server-entry.js';
import type { LoginDependencies } from './login-dependencies.js';
import { ServerLogin } from './server-login.js';

/**
 * The logins of all servers of a set. A server has one for all its sessions; one whose URL or settings change gets another,
 * and those that are still on the old one keep it.
 */
export class ServerLogins {
  readonly #logins = new Map<string, ServerLogin>();
  readonly #current = new Map<string, ServerLogin>();
  readonly #dependencies: LoginDependencies;
  readonly #system: Supervisor;

  /** @param system where their actors live */
  constructor(dependencies: LoginDependencies, system: Supervisor) {
    this.#dependencies = dependencies;
    this.#system = system;
  }

  /**
   * What gives requests to a server their Authorization header. Undefined where there is no login: for servers that are
   * processes or behind a Unix socket, and for entries that send an Authorization of their own.
   */
  of({ name, reach }: Pick<ServerEntry, 'name' | 'reach'>): Authorization | undefined {
    if (reach.kind === 'stdio' || reach.socketPath !== undefined) return undefined;
    if (Object.keys(reach.headers).some((header) => header.toLowerCase() === 'authorization')) return undefined;
    const { url, login: settings = {} } = reach;
    const key = JSON.stringify([name, url, settings]);
    let login = this.#logins.get(key);
    if (login === undefined) {
      login = new ServerLogin({ name, url, settings }, this.#dependencies, this.#system);
      this.#logins.set(key, login);
    }
    this.#current.set(name, login);
    return login;
  }

  /** Where the login of a server is, in words; undefined while nobody has asked for one. */
  stateOf(name: string): string | undefined {
    return this.#current.get(name)?.status;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logins.values()].map((login) => login.close()));
  }
}
