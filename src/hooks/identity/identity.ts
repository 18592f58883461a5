import type { DelegationExtension } from '../../extensions/delegation-extension.js';
import type { SubjectExtension } from '../../extensions/security-extension.js';

/** The payload of `identity_resolve`: a credential in clear. It reaches plugins elsewhere over private transports only. */
export interface IdentityResolvePayload {
  readonly rawToken: string;
  /** Where the credential was: `bearer` (the default), `mtls`, `api_key`, `custom`. */
  readonly source: string;
  /** Of the request. Default: none. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clientHost?: string | undefined;
  readonly clientPort?: number | undefined;
}

/** What plugins on `identity_resolve` answer: who it is, or that nobody comes in with it. */
export interface IdentityResolveResult {
  readonly subject?: SubjectExtension | undefined;
  readonly delegation?: DelegationExtension | undefined;
  /** True is a denial, which no plugin behind overturns. */
  readonly rejected?: boolean | undefined;
  /** HTTP status for a rejection; 401 is meant where there is none. */
  readonly rejectStatus?: number | undefined;
  readonly rejectReason?: string | undefined;
  /** The claims of the token. */
  readonly rawClaims?: Readonly<Record<string, unknown>> | undefined;
}

/** What a route lets a delegated token do at most. */
export interface TokenAttenuation {
  readonly capabilities?: readonly string[] | undefined;
  /** A URI with places for arguments, as in `hr://employees/{{ args.employee_id }}`. */
  readonly resourceTemplate?: string | undefined;
  readonly actions?: readonly string[] | undefined;
  readonly ttlSeconds?: number | undefined;
}

/** The payload of `token_delegate`: for what a token is wanted, and the caller's own, in clear. */
export interface TokenDelegatePayload {
  readonly targetName: string;
  /** `tool` (the default), `agent`, `resource`, `service`. */
  readonly targetType: string;
  readonly targetAudience?: string | undefined;
  readonly requiredPermissions: readonly string[];
  readonly trustDomain?: string | undefined;
  /** Who enforces it: `caller` (the default), `target`, `both`. */
  readonly authEnforcedBy: string;
  readonly routeAttenuation?: TokenAttenuation | undefined;
  readonly bearerToken?: string | undefined;
}

/** What plugins on `token_delegate` answer: a credential in clear for the target. */
export interface TokenDelegateResult {
  readonly delegatedToken?: string | undefined;
  readonly delegationUpdate?: DelegationExtension | undefined;
  /** For the request to the target. */
  readonly forwardedHeaders?: Readonly<Record<string, string>> | undefined;
  readonly cacheKey?: string | undefined;
  /** Seconds. */
  readonly cacheTtl?: number | undefined;
}
