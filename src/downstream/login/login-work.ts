import type { PreparedLogin, StoredFacts, TokenFacts } from '../../../machines/index.js';
import type { LoginSettings } from '../server-entry.js';
import { callbackPorts } from './callback-listener.js';
import { checkPkce, discover, type DiscoveredServer, type DiscoveryInput, metadataOf } from './discovery.js';
import { checkIssuer, clientFor, configuredClient } from './login-client.js';
import type { LoginDependencies } from './login-dependencies.js';
import { GrantLostError, oauthCodeOf } from './login-problem.js';
import { type LoginFetch, loginFetch } from './login-requests.js';
import { PersonLogin } from './person-login.js';
import { chosenScopes } from './scopes.js';
import {
  isClaimed,
  type LoginClient,
  type LoginKey,
  type LoginTokens,
  serverOf,
  type StoredLogin,
} from './stored-login.js';
import { tokenFacts } from './token-facts.js';
import { clientCredentials, refreshTokens } from './token-requests.js';

const defaultRequestTimeoutMs = 15_000;
/** What authorization servers say when a refresh token will never be good again. */
const lostGrants: ReadonlySet<string> = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client']);

/** Which server a login is for. */
export interface LoginTarget {
  /** The name of its entry. */
  readonly name: string;
  /** Its URL; a fragment counts for nothing. */
  readonly url: string;
  readonly settings: LoginSettings;
}

/** What is done for a login. */
export type LoginTasks = Pick<LoginWork, keyof LoginWork>;

/** What the machine of a login has done: requests, files and the listener. Holds the tokens; decides nothing. */
export class LoginWork {
  /** Where the last refusal said that the metadata of the server is. */
  resourceMetadata: string | undefined;
  #login: StoredLogin | undefined;
  #discovered: DiscoveredServer | undefined;
  #person: PersonLogin | undefined;
  readonly #entry: string;
  readonly #server: string;
  readonly #settings: LoginSettings;
  readonly #dependencies: LoginDependencies;
  readonly #now: () => number;
  /** What goes on after its actor was stopped, because half of it is worse than none. */
  readonly #running = new Set<Promise<unknown>>();

  constructor({ name, url, settings }: LoginTarget, dependencies: LoginDependencies) {
    this.#entry = name;
    this.#server = serverOf(url);
    this.#settings = settings;
    this.#dependencies = dependencies;
    this.#now = dependencies.now ?? Date.now;
  }

  /** The value of the header of requests; undefined without a token. */
  get header(): string | undefined {
    const token = this.#login?.tokens?.accessToken;
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  async read(): Promise<StoredFacts> {
    const before = this.#login?.tokens?.accessToken;
    this.#login = await this.#newest();
    const tokens = this.#login?.tokens;
    return {
      token: tokens && tokenFacts(tokens),
      isOther: tokens !== undefined && tokens.accessToken !== before,
    };
  }

  refresh(signal: AbortSignal): Promise<TokenFacts> {
    return this.#finish(this.#alone((known) => this.#refreshNow(known), signal));
  }

  obtain(scopes: readonly string[], signal: AbortSignal): Promise<TokenFacts> {
    return this.#finish(this.#alone((known) => this.#obtainNow(known, scopes), signal));
  }

  async discover(signal: AbortSignal): Promise<void> {
    const discovered = await discover(this.#discovery(this.#fetch(signal)));
    checkPkce(discovered);
    checkIssuer(discovered, await this.#newest(), this.#entry);
    this.#discovered = discovered;
  }

  prepare(scopes: readonly string[], signal: AbortSignal): Promise<PreparedLogin> {
    return this.#finish(this.#prepareNow(scopes, signal));
  }

  /** Settles when the browser has come back; never, if nobody waits for it. */
  async callback(): Promise<void> {
    await this.#person?.callback;
  }

  exchange(): Promise<TokenFacts> {
    return this.#finish(this.#exchangeNow());
  }

  endPerson(): void {
    const person = this.#person;
    this.#person = undefined;
    if (person !== undefined) void this.#finish(person.end());
  }

  /** Settles when nothing of it goes on. */
  async ended(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #refreshNow(known: StoredLogin | undefined): Promise<TokenFacts> {
    const stored = known && (await this.#dependencies.store.read(known));
    const tokens = stored?.tokens;
    if (stored === undefined || tokens === undefined) throw new GrantLostError('the login has been removed');
    // Somebody else had the turn before, and has done it.
    if (tokens.accessToken !== known?.tokens?.accessToken) return this.#take(stored, tokens);
    const { refreshToken } = tokens;
    if (refreshToken === undefined) throw new GrantLostError('the login cannot be renewed');
    const fetch = this.#lastingFetch();
    try {
      const metadata = await metadataOf(stored.issuer, this.#settings.authServerMetadataUrl, fetch);
      const request = { discovered: { ...stored, metadata }, fetch, now: this.#now };
      const { clientId } = this.#settings;
      const client = clientId === undefined ? stored.registration : configuredClient(this.#settings, clientId);
      const renewed = await refreshTokens(request, client, { ...tokens, refreshToken });
      return await this.#keep(stored, renewed);
    } catch (error) {
      const code = oauthCodeOf(error);
      if (code === undefined || !lostGrants.has(code)) throw error;
      // A client that is not known any more is registered anew.
      if (code === 'invalid_grant') await this.#dependencies.store.write({ ...stored, tokens: undefined });
      else await this.#dependencies.store.remove(stored);
      throw new GrantLostError(`the login has ended: its authorization server answers "${code}"`);
    }
  }

  async #obtainNow(known: StoredLogin | undefined, wanted: readonly string[]): Promise<TokenFacts> {
    const before = known?.tokens?.accessToken;
    const newest = await this.#newest();
    const tokens = newest?.tokens;
    const isElsewhere = tokens !== undefined && tokens.accessToken !== before;
    if (newest !== undefined && isElsewhere && wanted.every((scope) => tokens.scopes.includes(scope)))
      return this.#take(newest, tokens);
    const fetch = this.#lastingFetch();
    const discovered = await discover(this.#discovery(fetch));
    checkIssuer(discovered, newest, this.#entry);
    const scopes = chosenScopes(wanted, this.#settings, discovered, false);
    const obtained = await clientCredentials({ discovered, fetch, now: this.#now }, this.#settings, scopes);
    return this.#keep({ ...this.#key(discovered), registration: { id: this.#settings.clientId ?? '' } }, obtained);
  }

  async #prepareNow(wanted: readonly string[], signal: AbortSignal): Promise<PreparedLogin> {
    const discovered = this.#discovered;
    if (discovered === undefined) throw new Error('a login is prepared before its server is discovered');
    const { store } = this.#dependencies;
    const claim = await store.claim(this.#server);
    if (isClaimed(claim)) return { address: claim.address, isElsewhere: true };
    const key = this.#key(discovered);
    const settings = this.#settings;
    const fetch = this.#fetch(signal);
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
      client: (redirectUri) =>
        clientFor({ settings, discovered, stored, redirectUri, scopes, now: this.#now(), fetch }),
    });
    // The old registration is needed for as long as there are tokens of it.
    if (settings.clientId === undefined && stored?.tokens === undefined && person.client.id !== stored?.registration.id)
      await store.write({ ...key, registration: person.client, tokens: undefined, savedAt: this.#now() });
    if (signal.aborted) {
      await person.end();
      throw signal.reason;
    }
    this.#person = person;
    return { address: person.address, isElsewhere: false };
  }

  async #exchangeNow(): Promise<TokenFacts> {
    const person = this.#person;
    const discovered = this.#discovered;
    if (person === undefined || discovered === undefined) throw new Error('nobody has logged in');
    const tokens = await person.exchange({ fetch: this.#lastingFetch(), now: this.#now });
    return this.#keep({ ...this.#key(discovered), registration: this.#kept(person.client) }, tokens);
  }

  async #keep(login: Omit<StoredLogin, 'tokens' | 'savedAt'>, tokens: LoginTokens): Promise<TokenFacts> {
    const kept: StoredLogin = { ...login, tokens, savedAt: this.#now() };
    await this.#dependencies.store.write(kept);
    return this.#take(kept, tokens);
  }

  #take(login: StoredLogin, tokens: LoginTokens): TokenFacts {
    this.#login = login;
    return tokenFacts(tokens);
  }

  /** With a login that is up to date, and nobody else at it. */
  #alone(work: (known: StoredLogin | undefined) => Promise<TokenFacts>, signal: AbortSignal): Promise<TokenFacts> {
    const known = this.#login;
    return this.#dependencies.store.exclusively(this.#server, () => work(known), signal);
  }

  #newest(): Promise<StoredLogin | undefined> {
    return this.#dependencies.store.newest(this.#server, this.#settings.clientId);
  }

  #key({ issuer, resource }: DiscoveredServer): LoginKey {
    return { server: this.#server, issuer, resource, client: this.#settings.clientId };
  }

  /** A secret of the servers file stays there. */
  #kept(client: LoginClient): LoginClient {
    return this.#settings.clientId === undefined ? client : { id: client.id };
  }

  #discovery(fetch: LoginFetch): DiscoveryInput {
    const { authServerMetadataUrl } = this.#settings;
    return { server: this.#server, resourceMetadata: this.resourceMetadata, authServerMetadataUrl, fetch };
  }

  #fetch(signal: AbortSignal): LoginFetch {
    const { clock, ssrfProtection, requestTimeoutMs: timeoutMs = defaultRequestTimeoutMs } = this.#dependencies;
    return loginFetch({ clock, ssrfProtection, timeoutMs }, signal);
  }

  /** For requests whose answer must not get lost: the old token may be worth nothing once they have been sent. */
  #lastingFetch(): LoginFetch {
    return this.#fetch(new AbortController().signal);
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
