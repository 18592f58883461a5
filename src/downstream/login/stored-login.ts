/** A server as logins name it: a fragment of its URL counts for nothing. */
export function serverOf(url: string): string {
  const server = new URL(url);
  server.hash = '';
  return server.href;
}

/** Which login is meant. Credentials of one authorization server are never used at another. */
export interface LoginKey {
  /** URL of the MCP server, without a fragment. */
  readonly server: string;
  readonly issuer: string;
  /** The resource indicator that its tokens are for. */
  readonly resource: string;
  /** Id of the client where the servers file gives one; tokens of one client are of no use to another. */
  readonly client: string | undefined;
}

/** As whom the authorization server knows us. */
export interface LoginClient {
  readonly id: string;
  readonly secret?: string;
  /** How it authenticates at the token endpoint, where the server has said so. */
  readonly authMethod?: string;
  /** Where the browser is sent back to. Undefined where no person is involved. */
  readonly redirectUri?: string;
  /** Seconds since 1970 after which its secret is not good any more; 0 or undefined: never. */
  readonly secretExpiresAt?: number;
}

/** Tokens, with times in milliseconds since 1970. */
export interface LoginTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly obtainedAt: number;
  /** Undefined: it was not said. */
  readonly expiresAt?: number;
  /** Scopes that were granted, or asked for where the server did not say. */
  readonly scopes: readonly string[];
}

/** What is kept of a login. */
export interface StoredLogin extends LoginKey {
  readonly registration: LoginClient;
  /** Undefined: the client is registered, and nobody has logged in. */
  readonly tokens: LoginTokens | undefined;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

/** The right to ask a person to log in at a server; one at a time has it. */
export interface LoginClaim {
  /** Tells others, in this process and in others, the address that a person has to open. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Where logins are kept. What it throws is told to the caller of a call, so messages say what is wrong and where, and hold
 * no secret.
 */
export interface LoginStore {
  /** The login that was saved last of those of a server, whatever its authorization server. */
  newest(server: string, client: string | undefined): Promise<StoredLogin | undefined>;
  read(key: LoginKey): Promise<StoredLogin | undefined>;
  /** Replaces what is kept under the same key, as a whole or not at all. */
  write(login: StoredLogin): Promise<void>;
  remove(key: LoginKey): Promise<void>;
  /**
   * Runs `work` when nobody else does the same for that server, whatever the process.
   *
   * @throws what `work` throws; the reason of the signal, if it is aborted while waiting
   */
  exclusively<Outcome>(server: string, work: () => Promise<Outcome>, signal: AbortSignal): Promise<Outcome>;
  /** The right to ask a person; the address that is announced, if somebody else has it and has said so. */
  claim(server: string): Promise<LoginClaim | { readonly address: string | undefined }>;
}

/** Whether somebody else asks a person already. */
export function isClaimed(
  claim: LoginClaim | { readonly address: string | undefined },
): claim is { readonly address: string | undefined } {
  return 'address' in claim;
}
