import type { CancelSignal } from '../../time/cancellation.js';

/** What a server says when it does not take the authorization of a request. */
export interface AuthorizationChallenge {
  readonly status: 401 | 403;
  /** The header of that name. */
  readonly wwwAuthenticate: string | undefined;
  /** The `Authorization` that the request was sent with. Absent: it is not known. */
  readonly sent?: string | undefined;
}

/** Says what requests of a link carry as `Authorization`, and what happens when the server does not take it. */
export interface HttpAuthorization {
  /** The value of the header; undefined to send none. */
  header(signal: CancelSignal): Promise<string | undefined>;
  /** Whether the request is to be sent again, with what {@link header} says then. */
  refused(challenge: AuthorizationChallenge, signal: CancelSignal): Promise<'again' | 'no'>;
}
