import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { messageOf } from '../../errors.js';
import { packageVersion } from '../../package-version.js';
import type { Logger } from '../../observability/logger.js';
import type { Listeners } from '../listeners.js';
import type { McpNotification } from './mcp-messages.js';

// The connection machine has the deadline; the SDK's own must never fire first (the longest delay a timer can have).
const never = 2 ** 31 - 1;

export interface Handshake {
  readonly channel: SdkTransport;
  readonly logger: Logger;
  readonly name: string;
  readonly notifications: Listeners<McpNotification>;
}

/**
 * Puts the SDK's client on a channel and runs the MCP handshake. From then on it answers what the server asks
 * (`ping`; anything else is refused) and passes notifications on. Rejects with what went wrong; the SDK closes the channel then.
 */
export async function shakeHands(handshake: Handshake): Promise<void> {
  const { channel, logger, name, notifications } = handshake;
  const client = new Client({ name: 'gatechart', version: packageVersion }, { capabilities: {} });
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no EventTarget
  client.onerror = (error) => logger.debug({ connection: name, error: messageOf(error) }, 'MCP client');
  client.fallbackNotificationHandler = async ({ method, params }) =>
    notifications.tell(params === undefined ? { method } : { method, params });
  await client.connect(channel, { timeout: never });
}
