import { isGatechartError, messageOf } from '../../errors.js';
import { excerpt } from '../../json/excerpt.js';

/** Thrown when the authorization server, or somebody who logged out, has made an end of what a token is renewed with. */
export class GrantLostError extends Error {
  override readonly name = 'GrantLostError';
}

/**
 * Why a login failed, in words that may be shown. What authorization servers answer is not quoted, but for the code of an
 * error: it may repeat what it was sent.
 */
export function problemOf(error: unknown): string {
  if (isGatechartError(error) || error instanceof GrantLostError) return error.message;
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  if (isIssuerMismatch(error))
    return 'the answer of the login does not come from the authorization server that was asked';
  const code = oauthCodeOf(error);
  if (code !== undefined) return `its authorization server answers "${excerpt(code, 60)}"`;
  if ('status' in error && typeof error.status === 'number') return `its authorization server answers ${error.status}`;
  if (error.name === 'ZodError' || error instanceof SyntaxError)
    return 'its authorization server, or the server itself, answers with something else than OAuth has for it';
  if ('code' in error && typeof error.code === 'string') return `${error.code} (${excerpt(messageOf(error), 200)})`;
  return excerpt(messageOf(error), 300);
}

/** The code of an OAuth error, such as `invalid_grant`; undefined for other errors. */
export function oauthCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'OAuthError' || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[\w.-]+$/.test(error.code) ? error.code : 'an error without a code';
}

function isIssuerMismatch(error: Error): boolean {
  return error.name === 'IssuerMismatchError';
}
