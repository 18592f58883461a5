import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import type { LoginStore } from './stored-login.js';

/** What logins are made with. */
export interface LoginDependencies {
  readonly store: LoginStore;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number;
  /** Whether requests to private and link-local addresses are refused. */
  readonly ssrfProtection: boolean;
  /** Milliseconds for one request to an authorization server. Default 15,000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds that a person has to log in. Default 300,000. */
  readonly personTimeoutMs?: number;
  /** Milliseconds that an authorization server is left alone after something went wrong. Default 30,000. */
  readonly cooldownMs?: number;
}
