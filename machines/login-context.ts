/** How logins behave. Times in milliseconds. */
export interface LoginMachineSettings {
  /** `client_credentials` gets tokens without a person. */
  readonly grant: 'authorization_code' | 'client_credentials';
  /** That a person has to log in, once the address is known. */
  readonly personTimeoutMs: number;
  /** That an authorization server is left alone after something went wrong. */
  readonly cooldownMs: number;
  /** Within which a token that the server refuses was never good: a newer one would not be either. */
  readonly freshMs: number;
  /** How often more scopes may be asked for before somebody asks for a login. */
  readonly maxStepUps: number;
}

/** What a login starts with. */
export interface LoginInput {
  readonly settings: LoginMachineSettings;
  /** Milliseconds since 1970: tokens outlive processes. */
  readonly now: () => number;
}

/** What is known of a token, without the token. Times in milliseconds since 1970; infinite where it is not said. */
export interface TokenFacts {
  readonly obtainedAt: number;
  readonly expiresAt: number;
  /** When it is better renewed before it is used again. */
  readonly refreshAt: number;
  readonly canRefresh: boolean;
  /** Scopes that it has, as far as is known. */
  readonly scopes: readonly string[];
}

/** What the store holds of a server. */
export interface StoredFacts {
  readonly token: TokenFacts | undefined;
  /** It is not the token that was known before. */
  readonly isOther: boolean;
}

/** Why a server refused a request. */
export interface RefusedRequest {
  /** It was sent with a token that has been replaced since, or without one while there is one now. */
  readonly isReplaced: boolean;
  /** The token is good, but does not reach far enough. */
  readonly isInsufficient: boolean;
  readonly scopes: readonly string[];
}

/** What a login remembers. Never a token. */
export interface LoginContext extends LoginInput {
  readonly token: TokenFacts | undefined;
  /** The token was renewed, and nobody logged in for it. */
  readonly isRenewed: boolean;
  /** The last refusal that has not been answered. */
  readonly refusal: RefusedRequest | undefined;
  readonly stepUps: number;
  /** The address that a person has to open. */
  readonly address: string | undefined;
  readonly lastError: Error | undefined;
}

/** What can happen to a login. */
export type LoginEvent =
  | { type: 'token.wanted' }
  | { type: 'token.refused'; refusal: RefusedRequest }
  | { type: 'login'; scopes: readonly string[] }
  | { type: 'callback.received' }
  | { type: 'close' };

/** What came of the preparations for a person: where to go, here or in the other process that waits already. */
export interface PreparedLogin {
  readonly address: string | undefined;
  readonly isElsewhere: boolean;
}
