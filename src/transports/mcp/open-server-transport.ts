import type { Authorization } from '../http/authorization.js';
import { createHttpTransport } from '../http/http-transport.js';
import { createSseTransport } from '../sse/sse-transport.js';
import { childEnvironment } from '../stdio/child-environment.js';
import { createStdioTransport } from '../stdio/stdio-transport.js';
import type { McpClientIdentity, McpTransport } from './mcp-messages.js';
import type { TransportDependencies } from './open-transport.js';

/** How a server of a servers file is reached: started as a child process, or called at its URL. */
export type ServerAddress = ChildAddress | UrlAddress;

/** A server that is started as a child process, and spoken to over its standard input and output. */
export interface ChildAddress {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** What the child gets besides the few variables that every child gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string | undefined;
}

/** A server at a URL: Streamable HTTP, and the older transport of two endpoints. */
export interface UrlAddress {
  readonly kind: 'http' | 'sse';
  readonly url: string;
  /** A Unix socket to connect to instead of the URL's host. Absolute. */
  readonly socketPath: string | undefined;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ServerTransportOptions extends McpClientIdentity {
  /** Only over HTTP. */
  readonly authorization?: Authorization;
  /** Bytes one message may have, both ways; a call whose message is larger fails alone. Default 16 MiB. */
  readonly maxMessageBytes?: number;
}

/**
 * The transport to a server of a servers file. Nothing is opened yet.
 *
 * @param name of the server, for messages
 * @throws GatechartError ADDRESS_REFUSED for a URL that requests must not go to, CONFIG_INVALID for a header that cannot be sent
 */
export function openServerTransport(
  name: string,
  address: ServerAddress,
  options: ServerTransportOptions,
  dependencies: TransportDependencies,
): McpTransport {
  const { env, baseDir, http, logger, clock, random, actors } = dependencies;
  const { clientInfo, clientCapabilities, authorization, maxMessageBytes } = options;
  const shared = {
    name,
    logger,
    clock,
    ...(clientInfo === undefined ? {} : { clientInfo }),
    ...(clientCapabilities === undefined ? {} : { clientCapabilities }),
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
  };
  if (address.kind === 'stdio') {
    const { command, args, cwd } = address;
    const server = { cmd: [command], args, env: address.env, ...(cwd === undefined ? {} : { cwd }) };
    return createStdioTransport({ ...shared, server, processEnv: childEnvironment(env), baseDir });
  }
  const { kind, url, socketPath, headers } = address;
  const create = kind === 'sse' ? createSseTransport : createHttpTransport;
  return create({
    ...shared,
    url,
    headers,
    http,
    random,
    actors,
    ...(socketPath === undefined ? {} : { uds: socketPath }),
    ...(authorization === undefined ? {} : { authorization }),
  });
}
