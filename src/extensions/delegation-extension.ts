/** On whose behalf the request is made. */
export interface DelegationExtension {
  /** From the first who delegated to the one who acts. Plugins only ever add hops at its end. */
  readonly chain?: readonly DelegationHop[] | undefined;
  /** Hops in the chain. */
  readonly depth?: number | undefined;
  /** Who asked first. */
  readonly originSubjectId?: string | undefined;
  /** Who acts: the subject of the last hop. */
  readonly actorSubjectId?: string | undefined;
  readonly delegated?: boolean | undefined;
  /** Seconds since the first delegation. */
  readonly ageSeconds?: number | undefined;
}

/** One handing over: this subject acts, for this audience, with these scopes. */
export interface DelegationHop {
  readonly subjectId: string;
  /** `user`, `agent`, `service` or `system`. */
  readonly subjectType: string;
  readonly audience?: string | undefined;
  readonly scopesGranted?: readonly string[] | undefined;
  /** ISO 8601. */
  readonly timestamp?: string | undefined;
  /** Seconds that its token is valid. */
  readonly ttlSeconds?: number | undefined;
  /** How its token was got: `token_exchange`, `ucan`, `passthrough`. */
  readonly strategy?: string | undefined;
  readonly fromCache?: boolean | undefined;
}
