/** Who makes a request. */
export interface IdentitySubject {
  readonly id: string;
  readonly type: 'user' | 'agent' | 'service' | 'system';
  readonly roles?: readonly string[] | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly teams?: readonly string[] | undefined;
  readonly claims?: Readonly<Record<string, string>> | undefined;
}

/** One step by which a right to act was handed on. */
export interface DelegationHop {
  readonly subjectId: string;
  /** As in `IdentitySubject`; other words are taken. */
  readonly subjectType: string;
  readonly audience?: string | undefined;
  readonly scopesGranted?: readonly string[] | undefined;
  /** ISO 8601, as in `2026-01-31T12:00:00Z`. `cpex` takes the present where there is none. */
  readonly timestamp?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  /** How the token was come by: `token_exchange`, `ucan`, `passthrough`. */
  readonly strategy?: string | undefined;
  readonly fromCache?: boolean | undefined;
}

/** On whose behalf a request is made, hop by hop. */
export interface Delegation {
  readonly chain?: readonly DelegationHop[] | undefined;
  readonly depth?: number | undefined;
  readonly originSubjectId?: string | undefined;
  readonly actorSubjectId?: string | undefined;
  readonly delegated?: boolean | undefined;
  /** Seconds since the first hop. */
  readonly ageSeconds?: number | undefined;
}

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
  readonly subject?: IdentitySubject | undefined;
  readonly delegation?: Delegation | undefined;
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
  readonly delegationUpdate?: Delegation | undefined;
  /** For the request to the target. */
  readonly forwardedHeaders?: Readonly<Record<string, string>> | undefined;
  readonly cacheKey?: string | undefined;
  /** Seconds. */
  readonly cacheTtl?: number | undefined;
}
