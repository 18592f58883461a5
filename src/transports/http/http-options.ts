import type { LookupFunction } from 'node:net';
import type { ClientTlsConfig } from '../../config/sections/client-tls.js';
import type { HttpClientSettings } from '../../config/sections/http-client.js';
import type { Logger } from '../../observability/logger.js';
import type { Authorization } from './authorization.js';
import type { LinkActors } from '../link-actors.js';
import type { McpClientIdentity } from '../mcp/mcp-messages.js';
import type { Clock, Random } from '../../time/clock.js';

export interface HttpTransportOptions extends McpClientIdentity {
  readonly name: string;
  readonly url: string;
  /** A Unix socket to connect to instead of the URL's host. */
  readonly uds?: string;
  /** Default: the `clientTls` of `http`. */
  readonly tls?: ClientTlsConfig;
  readonly http: HttpClientSettings;
  /** Sent with every request, to this origin alone; what the protocol itself sets wins. Values are never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: no request carries what it gives, and one that the server wants a login for fails. */
  readonly authorization?: Authorization;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: its actors live by themselves, and nobody can inspect them. */
  readonly actors?: LinkActors | undefined;
  /** Resolves host names, as `dns.lookup` does, which is the default. What it finds is checked. */
  readonly lookup?: LookupFunction;
  /** Longest message, in bytes, that a server may send or be sent. Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /** Milliseconds that ending the session (DELETE) may take when a link closes. Default 1,000. */
  readonly endSessionMs?: number;
}
