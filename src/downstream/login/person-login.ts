import { randomBytes } from 'node:crypto';
import { GatechartError } from '../../errors.js';
import { excerpt } from '../../json/excerpt.js';
import { checkUrl, shownUrl } from '../../transports/http/address-guard.js';
import { type Callback, type CallbackListener, listenForCallback } from './callback-listener.js';
import type { DiscoveredServer } from './discovery.js';
import { clientInformation } from './login-client.js';
import { isLoopback } from './login-requests.js';
import { oauthLibrary } from './oauth-library.js';
import type { LoginClaim, LoginClient, LoginTokens } from './stored-login.js';
import { exchangeCode, type TokenRequest } from './token-requests.js';

/** What a login of a person is begun with. */
export interface PersonLoginInput {
  readonly claim: LoginClaim;
  readonly discovered: DiscoveredServer;
  readonly scopes: readonly string[];
  /** Ports to be tried for the callback, 0 for a free one; that the last one cannot be had is an error. */
  readonly ports: () => Promise<readonly number[]>;
  /** As whom the authorization server is to know us, once it is known where the browser comes back to. */
  readonly client: (redirectUri: string) => Promise<LoginClient>;
}

/** One login of one person: what was asked, and what the answer has to fit to. It listens until it is ended. */
export class PersonLogin {
  readonly address: string;
  readonly client: LoginClient;
  readonly #input: PersonLoginInput;
  readonly #listener: CallbackListener;
  readonly #verifier: string;

  private constructor(
    input: PersonLoginInput,
    listener: CallbackListener,
    begun: { readonly address: string; readonly client: LoginClient; readonly verifier: string },
  ) {
    this.#input = input;
    this.#listener = listener;
    this.#verifier = begun.verifier;
    this.address = begun.address;
    this.client = begun.client;
  }

  /** Begins one. Where that fails, the claim is released. */
  static async begin(input: PersonLoginInput): Promise<PersonLogin> {
    const { claim, discovered, scopes, ports } = input;
    let listener: CallbackListener | undefined;
    try {
      const state = randomBytes(32).toString('base64url');
      listener = await listenOnFirst(state, await ports());
      const client = await input.client(listener.redirectUri);
      const { startAuthorization } = await oauthLibrary();
      const { authorizationUrl, codeVerifier } = await startAuthorization(discovered.issuer, {
        metadata: discovered.metadata,
        clientInformation: clientInformation(client),
        redirectUrl: listener.redirectUri,
        state,
        resource: discovered.resource,
        ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      });
      checkAddress(authorizationUrl);
      await claim.announce(authorizationUrl.href);
      return new PersonLogin(input, listener, { address: authorizationUrl.href, client, verifier: codeVerifier });
    } catch (error) {
      await listener?.close();
      await claim.release();
      throw error;
    }
  }

  /** Settles when the browser has come back. */
  get callback(): Promise<Callback> {
    return this.#listener.callback;
  }

  /**
   * Exchanges what the browser brought.
   *
   * @throws IssuerMismatchError, of the SDK, before anything else of the answer is looked at
   */
  async exchange(request: Omit<TokenRequest, 'discovered'>): Promise<LoginTokens> {
    const { discovered, scopes } = this.#input;
    const { code, error, issuer } = await this.callback;
    const { validateAuthorizationResponseIssuer } = await oauthLibrary();
    const { metadata } = discovered;
    validateAuthorizationResponseIssuer({
      iss: issuer,
      expectedIssuer: metadata.issuer,
      issParameterSupported: metadata.authorization_response_iss_parameter_supported === true,
    });
    if (code === undefined)
      throw new GatechartError('PROTOCOL_ERROR', `the login was answered with "${excerpt(shownCode(error), 60)}"`);
    const { client } = this;
    const { redirectUri } = this.#listener;
    const exchange = { code, issuer, verifier: this.#verifier, client, redirectUri, scopes };
    return exchangeCode({ ...request, discovered }, exchange);
  }

  async end(): Promise<void> {
    await this.#listener.close();
    await this.#input.claim.release();
  }
}

async function listenOnFirst(state: string, ports: readonly number[]): Promise<CallbackListener> {
  let problem: unknown;
  for (const port of ports) {
    try {
      return await listenForCallback(state, port);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

/** What a person is sent to: no scheme that runs something, and nothing that others can read along. */
function checkAddress(address: URL): void {
  const url = checkUrl(address.href, { ssrfProtection: false });
  if (url.protocol !== 'https:' && !isLoopback(url))
    throw new GatechartError('PROTOCOL_ERROR', `a person would have to log in at ${shownUrl(url)}, which is not https`);
}

function shownCode(error: string | undefined): string {
  return error !== undefined && /^[\w.-]+$/.test(error) ? error : 'an error without a code';
}
