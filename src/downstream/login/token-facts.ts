import type { TokenFacts } from '../../../machines/index.js';
import type { LoginTokens } from './stored-login.js';

/** Milliseconds before its end at which a token is renewed; half of its life, if that is less. */
const earlyMs = 30_000;

/** What the machine is told of tokens. */
export function tokenFacts(tokens: LoginTokens): TokenFacts {
  const { obtainedAt, expiresAt = Number.POSITIVE_INFINITY, refreshToken, scopes } = tokens;
  return {
    obtainedAt,
    expiresAt,
    refreshAt: expiresAt - Math.min(earlyMs, Math.max(expiresAt - obtainedAt, 0) / 2),
    canRefresh: refreshToken !== undefined,
    scopes,
  };
}
