import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { GatechartError, isGatechartError, messageOf } from '../../errors.js';
import { packageVersion } from '../../package-version.js';
import type { Logger } from '../../observability/logger.js';
import type { McpClientIdentity, McpLink, McpPeer } from './mcp-messages.js';

/**
 * The SDK's client makes a validator for the results of its own calls, 40 KB of the heap and a millisecond for each session.
 * It makes no calls here.
 */
const noValidator: jsonSchemaValidator = {
  getValidator: () => {
    throw new TypeError('the client of the handshake calls no tools');
  },
};

// The connection machine has the deadline; the SDK's own must never fire first (the longest delay a timer can have).
const never = 2 ** 31 - 1;

/** What carries a handshake. It is told the version that was agreed on. */
export interface HandshakeChannel extends SdkTransport {
  readonly protocolVersion: string | undefined;
}

export interface Handshake {
  readonly identity: McpClientIdentity;
  readonly channel: HandshakeChannel;
  readonly logger: Logger;
  readonly name: string;
}

/**
 * Puts the SDK's client on a channel and runs the MCP handshake. From then on it answers the server's
 * pings; what else the server says and asks is not for it. Rejects with what went wrong; the SDK closes the channel then.
 */
export async function shakeHands(handshake: Handshake): Promise<McpPeer> {
  const { channel, logger, name, identity } = handshake;
  const { clientInfo = { name: 'gatechart', version: packageVersion }, clientCapabilities: capabilities = {} } =
    identity;
  const client = new Client(clientInfo, { capabilities, jsonSchemaValidator: noValidator });
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no EventTarget
  client.onerror = (error) => logger.debug({ connection: name, error: messageOf(error) }, 'MCP client');
  await client.connect(channel, { timeout: never });
  return {
    protocolVersion: channel.protocolVersion ?? '',
    capabilities: client.getServerCapabilities() ?? {},
    info: client.getServerVersion(),
    instructions: client.getInstructions(),
  };
}

/** A link on which nothing has been said yet. */
export interface NewMcpLink extends McpLink {
  /** Runs the handshake; rejects with what went wrong. */
  shakeHands(): Promise<void>;
}

/**
 * Opens a new link with the handshake. If `signal` aborts first, or the handshake fails, the link is closed.
 *
 * @param name of the server, for messages
 * @param target where it is, for messages
 * @throws the reason of `signal`; GatechartError with the reason for which the link ended, or PROTOCOL_ERROR
 */
export async function openWithHandshake<Link extends NewMcpLink>(
  link: Link,
  signal: AbortSignal,
  { name, target }: { readonly name: string; readonly target: string },
): Promise<Link> {
  const giveUp = (): void => void link.close();
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await link.shakeHands();
    return link;
  } catch (error) {
    await link.close();
    const { error: lost } = await link.closed;
    if (signal.aborted) throw signal.reason;
    if (lost !== undefined) throw lost;
    if (isGatechartError(error)) throw error;
    const what = `${name}: the MCP handshake with ${target} failed: ${messageOf(error)}`;
    throw new GatechartError('PROTOCOL_ERROR', what, { cause: error });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
