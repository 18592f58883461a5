import type { ReplayPolicy } from '../config/sections/reconnection.js';
import type { ChildAddress, UrlAddress } from '../transports/mcp/open-server-transport.js';

/** Whose calls may share a session with a server. */
export type Isolation = 'shared' | 'per-agent' | 'per-client' | 'per-call';

/** How a server is reached, with every variable filled in. */
export type ServerReach = ChildAddress | (UrlAddress & { readonly login: LoginSettings | undefined });

/** What is set for a server that asks for a login. */
export interface LoginSettings {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** In place of a secret: the private key (PEM, PKCS 8) that the client signs with, for `client_credentials`. */
  readonly privateKey?: string;
  /** What it signs with: `ES256` if left out. */
  readonly signingAlgorithm?: string;
  /** Of a client-id metadata document. */
  readonly clientMetadataUrl?: string;
  readonly scopes?: readonly string[];
  /** Fixed port of the callback; else a free one. */
  readonly callbackPort?: number;
  readonly authServerMetadataUrl?: string;
  /** `client_credentials`: no person is needed. */
  readonly grant?: 'authorization_code' | 'client_credentials';
}

/** One server of a servers file that can be used. Times in milliseconds. */
export interface ServerEntry {
  readonly name: string;
  readonly description: string | undefined;
  /** Shown in place of the name where names are put in front of those of tools. */
  readonly alias: string | undefined;
  readonly reach: ServerReach;
  /** For opening a session, handshake included. Default 60,000. */
  readonly connectTimeoutMs: number;
  /** For one call. Default 300,000. */
  readonly timeoutMs: number;
  /** Without traffic before a session is given up; undefined keeps it for ever. */
  readonly idleTimeoutMs: number | undefined;
  /** Opens its session at the start. */
  readonly eager: boolean;
  readonly isolation: Isolation;
  /** Calls cut off in flight that are sent once more: all, none, or those of these tools. */
  readonly replay: ReplayPolicy | readonly string[];
  /** Whether the annotations of its tools count for anything. */
  readonly trustAnnotations: boolean;
  readonly maxResponseBytes: number | undefined;
  /** Calls that run at once. Default 50. */
  readonly maxConcurrent: number;
  readonly pin: 'off' | 'warn' | 'block';
  /** Patterns as in rules; undefined allows all, denies none. */
  readonly tools: { readonly allow: readonly string[] | undefined; readonly deny: readonly string[] | undefined };
  /** Names, in lower case, of headers of the client's request that are sent on; they are credentials of the session. */
  readonly forwardHeaders: readonly string[];
  readonly protocol: 'legacy';
  /** What `roots/list` of the server is answered with outside of sessions that belong to one client. */
  readonly roots: readonly { readonly uri: string; readonly name?: string }[] | undefined;
}

/** A server of a servers file that cannot be used, and why. It is there, and its calls are told. */
export interface BrokenEntry {
  readonly name: string;
  readonly description: string | undefined;
  /** All that is wrong with it, in one text. */
  readonly error: string;
}

/** What a servers file says. */
export interface ServersFile {
  /** In the order of the file; disabled ones are left out. */
  readonly entries: readonly ServerEntry[];
  readonly broken: readonly BrokenEntry[];
  readonly disabled: readonly string[];
  /** All names but those of disabled servers, in the order of the file. */
  readonly names: readonly string[];
}
