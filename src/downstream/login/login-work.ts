import type { PreparedLogin, StoredFacts, TokenFacts } from '../../../machines/index.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { callbackPorts } from './callback-listener.js';
import { checkPkce, discover, type DiscoveredServer } from './discovery.js';
import { checkIssuer, clientFor } from './login-client.js';
import type { LoginDependencies } from './login-dependencies.js';
import { LoginEndpoint, type LoginTarget } from './login-endpoint.js';
import { PersonLogin } from './person-login.js';
import { chosenScopes } from './scopes.js';
import { isClaimed, type StoredLogin } from './stored-login.js';
import { tokenFacts } from './token-facts.js';
import { obtainLogin, refreshLogin } from './token-renewal.js';

/** What is done for a login. */
export type LoginTasks = Pick<LoginWork, keyof LoginWork>;

/** What the machine of a login has done: requests, files and the listener. Holds the tokens; decides nothing. */
export class LoginWork {
  readonly #endpoint: LoginEndpoint;
  readonly #logger: Logger;
  #login: StoredLogin | undefined;
  #discovered: DiscoveredServer | undefined;
  #person: PersonLogin | undefined;
  /** What may still have something open when its actor was stopped: requests that were aborted, locks, the listener. */
  readonly #running = new Set<Promise<unknown>>();

  constructor(target: LoginTarget, dependencies: LoginDependencies) {
    this.#endpoint = new LoginEndpoint(target, dependencies);
    this.#logger = dependencies.logger;
  }

  /** The value of the header of requests; undefined without a token. */
  get header(): string | undefined {
    const token = this.#login?.tokens?.accessToken;
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  /** Notes where a refusal says that the metadata of the server is. */
  noteMetadata(url: string | undefined): void {
    if (url !== undefined) this.#endpoint.resourceMetadata = url;
  }

  async read(): Promise<StoredFacts> {
    const before = this.#login?.tokens?.accessToken;
    this.#login = await this.#endpoint.newest();
    const tokens = this.#login?.tokens;
    return {
      token: tokens && tokenFacts(tokens),
      isOther: tokens !== undefined && tokens.accessToken !== before,
    };
  }

  refresh(signal: AbortSignal): Promise<TokenFacts> {
    return this.#alone((known) => refreshLogin(this.#endpoint, known, signal), signal);
  }

  obtain(scopes: readonly string[], signal: AbortSignal): Promise<TokenFacts> {
    return this.#alone((known) => obtainLogin(this.#endpoint, known, scopes, signal), signal);
  }

  discover(signal: AbortSignal): Promise<void> {
    return this.#finish(this.#discover(signal));
  }

  prepare(scopes: readonly string[], signal: AbortSignal): Promise<PreparedLogin> {
    return this.#finish(this.#prepare(scopes, signal));
  }

  /** Settles when the browser has come back; never, if nobody waits for it. */
  async callback(): Promise<void> {
    await this.#person?.callback;
  }

  exchange(signal: AbortSignal): Promise<TokenFacts> {
    return this.#finish(this.#exchange(signal));
  }

  endPerson(): void {
    const person = this.#person;
    this.#person = undefined;
    if (person === undefined) return;
    this.#finish(person.end()).catch((error: unknown) =>
      this.#logger.warn({ server: this.#endpoint.name, error: messageOf(error) }, 'a login did not end cleanly'),
    );
  }

  /** Settles when nothing of it goes on. */
  async ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const endpoint = this.#endpoint;
    const discovered = await discover(endpoint.discovery(endpoint.fetch(signal)));
    checkPkce(discovered);
    checkIssuer(discovered, await endpoint.newest(), endpoint.name);
    this.#discovered = discovered;
  }

  async #prepare(wanted: readonly string[], signal: AbortSignal): Promise<PreparedLogin> {
    const discovered = this.#discovered;
    if (discovered === undefined) throw new Error('a login is prepared before its server is discovered');
    const endpoint = this.#endpoint;
    const { store, settings } = endpoint;
    const claim = await store.claim(endpoint.server);
    if (isClaimed(claim)) return { address: claim.address, isElsewhere: true };
    const key = endpoint.key(discovered);
    const fetch = endpoint.fetch(signal);
    const scopes = chosenScopes(wanted, settings, discovered, true);
    let stored: StoredLogin | undefined;
    const person = await PersonLogin.begin({
      claim,
      discovered,
      scopes,
      ports: async () => {
        stored = await store.read(key);
        return callbackPorts(settings.callbackPort, stored?.registration.redirectUri);
      },
      client: async (redirectUri) => {
        const now = endpoint.now();
        const client = await clientFor({ settings, discovered, stored, redirectUri, scopes, now, fetch });
        // An old registration is needed for as long as there are tokens of it.
        const isNew = stored?.tokens === undefined && client.id !== stored?.registration.id;
        if (settings.clientId === undefined && isNew) await endpoint.keep({ ...key, registration: client }, undefined);
        return client;
      },
    });
    if (signal.aborted) {
      await person.end();
      throw signal.reason;
    }
    this.#person = person;
    return { address: person.address, isElsewhere: false };
  }

  async #exchange(signal: AbortSignal): Promise<TokenFacts> {
    const endpoint = this.#endpoint;
    const person = this.#person;
    const discovered = this.#discovered;
    if (person === undefined || discovered === undefined) throw new Error('nobody has logged in');
    const tokens = await endpoint.lasting(signal, (fetch) => person.exchange({ fetch, now: endpoint.now }));
    // A secret of the servers file stays there.
    const registration = endpoint.settings.clientId === undefined ? person.client : { id: person.client.id };
    this.#login = await endpoint.keep({ ...endpoint.key(discovered), registration }, tokens);
    return tokenFacts(tokens);
  }

  /** With nobody else at the login, in whatever process. */
  #alone(work: (known: StoredLogin | undefined) => Promise<StoredLogin>, signal: AbortSignal): Promise<TokenFacts> {
    const known = this.#login;
    const { store, server } = this.#endpoint;
    const taken = async (): Promise<TokenFacts> => {
      const login = await work(known);
      this.#login = login;
      if (login.tokens === undefined) throw new Error('a login was renewed, and has no tokens');
      return tokenFacts(login.tokens);
    };
    return this.#finish(store.exclusively(server, taken, signal));
  }

  async #finish<Result>(work: Promise<Result>): Promise<Result> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }
}
