import { checkOptionNumbers, withDefaults } from '../config/option-values.js';
import { describePluginConfig } from '../config/sections/plugin-entry.js';
import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import { HookRegistry } from '../hooks/hook-registry.js';
import type { Logger } from '../observability/logger.js';
import type { Endpoint } from '../serving/endpoint.js';
import { listenerSystem, startServer } from '../serving/server.js';
import { type Clock, systemClock } from '../time/clock.js';
import { maxMessageBytes } from '../wire/framing/message-size.js';
import { IgnoredFields } from '../wire/ignored-fields.js';
import type { PluginHost } from './plugin-host.js';
import type { PluginServer, PluginServerLimits, PluginServerOptions, PluginServerTransport } from './plugin-server.js';
import { grpcNames, httpNames, names } from './server-names.js';
import type { ToolCallsDependencies } from './tool-calls.js';

const defaultLimits: PluginServerLimits = {
  maxSessions: 1024,
  sessionIdleMs: 30 * 60_000,
  keepAliveMs: 15_000,
  maxMessageBytes,
  shutdownGraceMs: 10_000,
  requestTimeoutMs: 60_000,
  maxCalls: 4096,
  maxSessionCalls: 1024,
  maxHeldBytes: 256 * 1024 * 1024,
};

/** What `createPluginServer` does, once it is loaded. */
export async function openPluginServer(options: PluginServerOptions): Promise<PluginServer> {
  const { host, logger, clock = systemClock } = options;
  const limits = withDefaults(defaultLimits, options.limits);
  const actors = listenerSystem(clock, logger);
  const server = startServer({
    name: names.server,
    open: () => start(options, limits, clock),
    release: () => closeHost(host, logger),
    graceMs: limits.shutdownGraceMs,
    clock,
    logger,
    actors,
  });
  return {
    address: await server.started,
    closed: server.closed,
    close: () => server.close(),
    host,
    observe: (observer) => actors.observe(observer),
  };
}

async function start(options: PluginServerOptions, limits: PluginServerLimits, clock: Clock): Promise<Endpoint> {
  const { host, logger, describeConfig = describePluginConfig, exposeConfig = true } = options;
  const describe = exposeConfig ? describeConfig : withoutConfig(describeConfig);
  try {
    checkOptionNumbers(options.limits ?? {}, 'options.limits');
    checkOptionNumbers(options.transport, 'options.transport');
    const hooks = new HookRegistry(options.hooks);
    const count = host.configs.length;
    const ignored = new IgnoredFields(logger, 'a host');
    const calls = { host, logger, ignored, hookOf: (name: string) => hooks.get(name), describeConfig: describe };
    const endpoint = await open(options.transport, calls, limits, clock);
    logger.info({ address: endpoint.address, plugins: count }, `serving ${count} plugins on ${endpoint.address}`);
    return endpoint;
  } catch (error) {
    if (isGatechartError(error)) throw error;
    throw new GatechartError('SERVER_START_FAILED', `The ${names.server} cannot start: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

type Describe = NonNullable<PluginServerOptions['describeConfig']>;

function withoutConfig(describe: Describe): Describe {
  return (config) => ({ ...describe(config), config: null });
}

/** Never rejects. */
async function closeHost(host: PluginHost, logger: Logger): Promise<void> {
  try {
    await host.close();
  } catch (error) {
    logger.error({ error: messageOf(error) }, 'the plugins did not shut down cleanly');
  }
}

async function open(
  transport: PluginServerTransport,
  calls: ToolCallsDependencies,
  limits: PluginServerLimits,
  clock: Clock,
): Promise<Endpoint> {
  const { logger } = calls;
  switch (transport.kind) {
    case 'stdio': {
      const [{ openStdioEndpoint }, { toolService }] = await Promise.all([
        import('../serving/stdio/stdio-endpoint.js'),
        import('./tool-service.js'),
      ]);
      return openStdioEndpoint(transport, { service: toolService(calls), client: 'the host', limits, logger });
    }
    case 'http': {
      const [{ openHttpServer }, { toolService }] = await Promise.all([
        import('../serving/http/http-server.js'),
        import('./tool-service.js'),
      ]);
      return openHttpServer(transport, { service: toolService(calls), names: httpNames, limits, logger, clock });
    }
    case 'unix': {
      const [{ openUnixServer }, { frameService }] = await Promise.all([
        import('../serving/unix/unix-server.js'),
        import('./message-services.js'),
      ]);
      return openUnixServer(transport, { service: frameService(calls), names, limits, logger, clock });
    }
    case 'grpc': {
      const [{ openGrpcServer }, { rpcService }] = await Promise.all([
        import('../serving/grpc/grpc-server.js'),
        import('./message-services.js'),
      ]);
      return openGrpcServer(transport, { service: rpcService(calls), names: grpcNames, limits, logger, clock });
    }
  }
}
