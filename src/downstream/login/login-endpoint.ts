import type { LoginSettings } from '../server-entry.js';
import type { DiscoveredServer, DiscoveryInput } from './discovery.js';
import { withGrace } from './grace.js';
import type { LoginDependencies } from './login-dependencies.js';
import { isLoopback, type LoginFetch, loginFetch } from './login-requests.js';
import { type LoginKey, type LoginStore, type LoginTokens, serverOf, type StoredLogin } from './stored-login.js';

const defaultRequestTimeoutMs = 15_000;

/** Which server a login is for. */
export interface LoginTarget {
  /** The name of its entry. */
  readonly name: string;
  /** Its URL; a fragment counts for nothing. */
  readonly url: string;
  readonly settings: LoginSettings;
}

/** The server that a login is for, and what all that is done for it needs. */
export class LoginEndpoint {
  readonly name: string;
  readonly server: string;
  readonly settings: LoginSettings;
  readonly store: LoginStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where the last refusal said that the metadata of the server is. */
  resourceMetadata: string | undefined;
  readonly #dependencies: LoginDependencies;

  constructor({ name, url, settings }: LoginTarget, dependencies: LoginDependencies) {
    this.name = name;
    this.server = serverOf(url);
    this.settings = settings;
    this.store = dependencies.store;
    this.now = dependencies.now ?? Date.now;
    this.#dependencies = dependencies;
  }

  /** The login that was saved last, whatever its authorization server. */
  newest(): Promise<StoredLogin | undefined> {
    return this.store.newest(this.server, this.settings.clientId);
  }

  key({ issuer, resource }: DiscoveredServer): LoginKey {
    return { server: this.server, issuer, resource, client: this.settings.clientId };
  }

  async keep(login: Omit<StoredLogin, 'tokens' | 'savedAt'>, tokens: LoginTokens | undefined): Promise<StoredLogin> {
    const kept: StoredLogin = { ...login, tokens, savedAt: this.now() };
    await this.store.write(kept);
    return kept;
  }

  discovery(fetch: LoginFetch): DiscoveryInput {
    const { server, resourceMetadata, settings } = this;
    return { server, resourceMetadata, authServerMetadataUrl: settings.authServerMetadataUrl, fetch };
  }

  fetch(signal: AbortSignal): LoginFetch {
    const { clock, ssrfProtection, requestTimeoutMs: timeoutMs = defaultRequestTimeoutMs } = this.#dependencies;
    return loginFetch({ clock, ssrfProtection, isElsewhere: this.#isElsewhere, timeoutMs }, signal);
  }

  /** For requests whose answer must not get lost: what they send is worth nothing once they have been sent. */
  lasting<Result>(signal: AbortSignal, work: (fetch: LoginFetch) => Promise<Result>): Promise<Result> {
    return withGrace(signal, this.#dependencies.clock, (later) => work(this.fetch(later)));
  }

  /** Neither the server nor the metadata that its entry names are on this machine. */
  get #isElsewhere(): boolean {
    const { authServerMetadataUrl } = this.settings;
    const named = [this.server, ...(authServerMetadataUrl === undefined ? [] : [authServerMetadataUrl])];
    return named.every((url) => !isLoopback(new URL(url)));
  }
}
