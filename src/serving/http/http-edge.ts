import type { IncomingMessage } from 'node:http';
import type { Authenticate } from './authentication.js';
import type { Refusal } from './http-answers.js';
import type { HttpPage } from './http-page.js';
import type { RequestFilter } from './request-filter.js';

/** What stands before what is served over HTTP. Without it everybody is served who can reach the server. */
export interface HttpEdge {
  readonly authenticate?: Authenticate;
  readonly filter?: RequestFilter;
  /** Told of each request that one of these refuses. Must not throw. */
  readonly refused?: (refusal: Refusal, request: IncomingMessage) => void;
  /** By their paths, beside `/mcp` and `/health`. */
  readonly pages?: ReadonlyMap<string, HttpPage>;
  /** How refusals name the setting of the names that a server is called by. */
  readonly allowedHostsSetting?: string;
  /**
   * Told the address that was bound, before the first request is served.
   *
   * @throws GatechartError if the server must not be reached there; then it does not start
   */
  readonly checkAddress?: (address: string) => void;
}
