import type { LoginClaim, LoginKey, LoginStore, StoredLogin } from './stored-login.js';

/** Keeps logins for as long as the process lives. For tests, and for hosts that keep credentials elsewhere. */
export class MemoryLoginStore implements LoginStore {
  readonly #logins = new Map<string, StoredLogin>();
  /** What runs, or waits to run, alone for a server. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #claims = new Map<string, { address: string | undefined }>();

  newest(server: string, client: string | undefined): Promise<StoredLogin | undefined> {
    const own = [...this.#logins.values()].filter((login) => login.server === server && login.client === client);
    return Promise.resolve(newestOf(own));
  }

  read(key: LoginKey): Promise<StoredLogin | undefined> {
    return Promise.resolve(this.#logins.get(keyText(key)));
  }

  write(login: StoredLogin): Promise<void> {
    // Of equal age, the later one is the newer one.
    this.#logins.delete(keyText(login));
    this.#logins.set(keyText(login), login);
    return Promise.resolve();
  }

  remove(key: LoginKey): Promise<void> {
    this.#logins.delete(keyText(key));
    return Promise.resolve();
  }

  async exclusively<Value>(server: string, work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    const before = this.#turns.get(server) ?? Promise.resolve();
    const turn = before.then(() => {
      signal.throwIfAborted();
      return work();
    });
    const ended = turn.then(
      () => {},
      () => {},
    );
    this.#turns.set(server, ended);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(server) === ended) this.#turns.delete(server);
    }
  }

  claim(server: string): Promise<LoginClaim | { readonly address: string | undefined }> {
    const other = this.#claims.get(server);
    if (other !== undefined) return Promise.resolve({ ...other });
    const own: { address: string | undefined } = { address: undefined };
    this.#claims.set(server, own);
    return Promise.resolve({
      announce: async (address) => void (own.address = address),
      release: async () => {
        if (this.#claims.get(server) === own) this.#claims.delete(server);
      },
    });
  }
}

/** The one that was saved last. */
export function newestOf(logins: readonly StoredLogin[]): StoredLogin | undefined {
  return logins.reduce<StoredLogin | undefined>(
    (newest, login) => (newest === undefined || login.savedAt >= newest.savedAt ? login : newest),
    undefined,
  );
}

/** What tells one login from another. */
export function keyText({ issuer, resource, client }: LoginKey): string {
  return JSON.stringify([issuer, resource, client ?? null]);
}
