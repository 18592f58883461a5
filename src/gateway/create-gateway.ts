import type { Gateway } from './gateway.js';
import { checkGatewayOptions, type GatewayOptions } from './gateway-options.js';

/**
 * Puts a gateway in front of a set of servers: who asks, may they, the hooks, the server, the hooks again.
 *
 * @throws GatechartError CONFIG_INVALID for options; ConfigError CONFIG_UNREADABLE, CONFIG_INVALID for rules. Servers and
 * plugins stay open then
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  checkGatewayOptions(options);
  // Programs without a gateway need not load one.
  const { openGateway } = await import('./open-gateway.js');
  return openGateway(options);
}
