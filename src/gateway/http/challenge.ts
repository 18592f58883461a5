import type { Refusal } from '../../serving/http/http-answers.js';

/** JSON-RPC has no code for it; MCP servers use this one for requests that are not authorised. */
const unauthorizedCode = -32_001;

/** What a client is told that has to prove who it is: RFC 6750, and where to find out how: RFC 9728. */
export interface ChallengeSettings {
  /** Where the metadata of the resource is read. Absent where there is no authorization server. */
  readonly metadataUrl?: string;
  readonly scopes: readonly string[];
}

/** Words the refusals of requests that do not prove, or may not, enough. */
export class Challenge {
  readonly #settings: ChallengeSettings;

  constructor(settings: ChallengeSettings) {
    this.#settings = settings;
  }

  /** 401 for a request that says nothing. */
  missing(): Refusal {
    return this.#refusal(401, 'Unauthorized: send Authorization: Bearer with a token');
  }

  /** 401 for a token that is none of ours. @param reason must not quote the token */
  invalid(reason: string): Refusal {
    return this.#refusal(401, `Unauthorized: ${reason}`, 'invalid_token', reason);
  }

  /** 400 for a request that cannot be understood. */
  malformed(reason: string): Refusal {
    return this.#refusal(400, `Bad Request: ${reason}`, 'invalid_request', reason);
  }

  /** 403 for a token that is good, but not for this. */
  insufficient(): Refusal {
    const { scopes } = this.#settings;
    const reason = `the token lacks a scope; these are needed: ${scopes.join(', ')}`;
    return this.#refusal(403, `Forbidden: ${reason}`, 'insufficient_scope', reason);
  }

  #refusal(status: number, message: string, error?: string, description?: string): Refusal {
    const { metadataUrl, scopes } = this.#settings;
    const named = Object.entries({
      error,
      error_description: description,
      scope: scopes.length === 0 ? undefined : scopes.join(' '),
      resource_metadata: metadataUrl,
    }).filter(([, value]) => value !== undefined);
    const challenge = ['Bearer', named.map(([name, value]) => `${name}="${value}"`).join(', ')].join(' ').trim();
    return {
      status,
      message,
      rpcCode: unauthorizedCode,
      ...(error !== undefined && { rpcData: { error } }),
      headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' },
    };
  }
}
