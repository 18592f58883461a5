import type * as Jose from 'jose';
import type { JWTPayload } from 'jose';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Refusal } from '../../serving/http/http-answers.js';
import type { Clock } from '../../time/clock.js';
import type { Challenge } from './challenge.js';
import { IssuerKeys } from './issuer-keys.js';
import { type JsonSource, SourceError } from './json-source.js';
import type { OAuthSettings } from './oauth-options.js';

/** What a token says that is good. */
export interface AccessToken {
  readonly user: string;
  /** Who uses it: the same for every token that the user gets for the client. */
  readonly holder: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
}

export interface AccessTokensDependencies {
  readonly challenge: Challenge;
  readonly source: JsonSource;
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly logger: Logger;
  readonly jose: typeof Jose;
}

/** Signatures with a key pair alone: with a shared secret, whoever checks a token could make one. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Seconds that clocks may be apart. */
const leeway = 30;
/** Tokens that are for something else, for logging out for instance, have other types. */
const tokenTypes: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

const keysUnreachable: Refusal = {
  status: 503,
  message: 'The keys of the authorization server cannot be read now, so that no token can be checked; try again later',
  rpcCode: -32_603,
  headers: { 'retry-after': '5' },
};

/** Checks access tokens (JWTs, RFC 9068) of one authorization server. */
export class AccessTokens {
  readonly #settings: OAuthSettings;
  readonly #dependencies: AccessTokensDependencies;
  readonly #keys: IssuerKeys;

  constructor(settings: OAuthSettings, dependencies: AccessTokensDependencies) {
    this.#settings = settings;
    this.#dependencies = dependencies;
    this.#keys = new IssuerKeys({ ...dependencies, issuer: settings.issuer, jwksUrl: settings.jwksUrl });
  }

  /** What a token says, or why it is not taken. Never rejects. */
  async check(token: string): Promise<AccessToken | Refusal> {
    const { challenge, logger } = this.#dependencies;
    let claims: JWTPayload;
    try {
      claims = await this.#verify(token);
    } catch (error) {
      if (error instanceof SourceError) {
        logger.error({ error: error.message }, 'tokens cannot be checked; requests are refused');
        return keysUnreachable;
      }
      logger.debug({ error: messageOf(error) }, 'a token was refused');
      return challenge.invalid(this.#reasonOf(error));
    }
    const { requiredScopes, userClaim, issuer } = this.#settings;
    const user = claims[userClaim];
    if (typeof user !== 'string' || user === '') return challenge.invalid(`the token has no claim ${userClaim}`);
    const scopes = scopesOf(claims);
    if (!requiredScopes.every((scope) => scopes.includes(scope))) return challenge.insufficient();
    return { user, claims, scopes, holder: [issuer, ...holderOf(claims, token)] };
  }

  async #verify(token: string): Promise<JWTPayload> {
    const { issuer, audience } = this.#settings;
    const { payload, protectedHeader } = await this.#dependencies.jose.jwtVerify(token, this.#keys.keyOf, {
      issuer,
      audience,
      algorithms,
      clockTolerance: leeway,
      requiredClaims: ['exp'],
      currentDate: new Date(this.#dependencies.wallClock()),
    });
    const { typ } = protectedHeader;
    if (typ !== undefined && !tokenTypes.has(typ.toLowerCase())) throw new WrongType();
    return payload;
  }

  /** In words that quote nothing of the token. */
  #reasonOf(error: unknown): string {
    const { JWTExpired, JWTClaimValidationFailed, JWKSNoMatchingKey, JWKSMultipleMatchingKeys } =
      this.#dependencies.jose.errors;
    if (error instanceof WrongType) return 'the token is of another type than access tokens';
    if (error instanceof JWTExpired) return 'the token has expired';
    if (error instanceof JWKSNoMatchingKey) return 'the token is signed with no key of its issuer';
    if (error instanceof JWKSMultipleMatchingKeys) return 'the token does not say with which key it is signed';
    if (!(error instanceof JWTClaimValidationFailed)) return 'the token is not valid';
    return claimReasons.get(error.claim) ?? 'the token is not valid';
  }
}

class WrongType extends Error {}

const claimReasons: ReadonlyMap<string, string> = new Map([
  ['iss', 'the token is of another issuer'],
  ['aud', 'the token is meant for another resource'],
  ['nbf', 'the token is not valid yet'],
  ['exp', 'the token does not say when it expires'],
]);

/** Of `scope`, which is a text with blanks (RFC 9068), or of `scp`, which some write in its place. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  const said = scope ?? scp;
  if (typeof said === 'string') return said.split(' ').filter((name) => name !== '');
  return Array.isArray(said) ? said.filter((name) => typeof name === 'string') : [];
}

/** A token that names no user stands for itself. */
function holderOf({ sub, client_id: clientId, azp }: JWTPayload, token: string): string[] {
  const client = clientId ?? azp;
  return typeof sub === 'string' ? [sub, typeof client === 'string' ? client : ''] : [token];
}
