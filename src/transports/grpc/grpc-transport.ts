import { Client, connectivityState, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { ClientTlsConfig } from '../../config/sections/client-tls.js';
import type { Logger } from '../../observability/logger.js';
import { ClientSockets } from './client-sockets.js';
import { channelCredentials } from './grpc-credentials.js';
import { connectError } from './grpc-errors.js';
import { GrpcLink } from './grpc-link.js';
import { listenToLibrary } from './grpc-log.js';
import { heldTarget, signalOption } from './held-resolver.js';
import { asBytes } from '../../wire/protobuf/as-bytes.js';
import type { PackageName } from '../../wire/protobuf/grpc-packages.js';
import { PackageMemory } from './package-memory.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import type { Transport } from '../transport.js';

export interface GrpcTransportOptions {
  /** Name of the plugin, for messages. */
  readonly name: string;
  /** `host:port`. Exactly one of this and `uds`. */
  readonly target?: string;
  /** Absolute path of a Unix socket. */
  readonly uds?: string;
  /** Without it the connection is not encrypted. Not used on a Unix socket. */
  readonly tls?: ClientTlsConfig;
  /** The package to try first. Default `mcpgateway.plugins`; the other one follows if the server does not know it. */
  readonly packageName?: PackageName;
  /** Takes what the client library logs about this server. Default: it stays where the library writes it. */
  readonly logger?: Logger;
  readonly keepAlive?: KeepAlive;
}

/** When a server with calls in flight is asked whether it is still there. In milliseconds. */
export interface KeepAlive {
  readonly timeMs: number;
  /** The connection counts as lost if it has not answered until then. */
  readonly timeoutMs: number;
}

// Servers may end connections that ask more often than every 5 minutes.
const defaultKeepAlive: KeepAlive = { timeMs: 330_000, timeoutMs: 20_000 };

/** Plugin servers that speak gRPC. The package that a server answered under is remembered across links. */
export function createGrpcTransport(options: GrpcTransportOptions): Transport<PluginCall, PluginAnswer> {
  const { name, tls, uds, logger, keepAlive = defaultKeepAlive } = options;
  const address = uds === undefined ? (options.target ?? '') : `unix://${uds}`;
  const packages = new PackageMemory(options.packageName);
  return {
    target: uds === undefined ? `grpc${tls === undefined ? '' : 's'}://${address}` : `grpc+${address}`,
    open: async (signal) => {
      const credentials = await channelCredentials(name, uds === undefined ? tls : undefined);
      const stopListening = logger === undefined ? () => {} : await listenToLibrary(uds ?? address, name, logger);
      if (signal.aborted) stopListening();
      signal.throwIfAborted();
      const sockets = new ClientSockets();
      sockets.hold(credentials);
      const client = new Client(heldTarget(address), credentials, {
        [signalOption]: sockets.signal,
        'grpc.max_receive_message_length': maxMessageBytes,
        'grpc.max_send_message_length': maxMessageBytes,
        'grpc.keepalive_time_ms': keepAlive.timeMs,
        'grpc.keepalive_timeout_ms': keepAlive.timeoutMs,
        // The library would take one from the environment, and send what is not encrypted through it.
        'grpc.enable_http_proxy': 0,
        // Connections are not shared: each link ends its own.
        'grpc.use_local_subchannel_pool': 1,
        'grpc.service_config_disable_resolution': 1,
        // Whether a quiet connection is kept is for the connection machine to decide.
        'grpc.client_idle_timeout_ms': 2 ** 31 - 1,
      });
      try {
        await connected(client, { address, tls: uds === undefined ? tls : undefined }, signal);
        const link = new GrpcLink(client, packages);
        void link.closed.then(() => {
          stopListening();
          sockets.release();
        });
        return link;
      } catch (error) {
        stopListening();
        client.close();
        sockets.end();
        throw error;
      }
    },
  };
}

interface Destination {
  readonly address: string;
  readonly tls: ClientTlsConfig | undefined;
}

function connected(client: Client, { address, tls }: Destination, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', giveUp);
      act();
    };
    const channel = client.getChannel();
    const look = (): void => {
      if (signal.aborted) return;
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return settle(resolve);
      if (state === connectivityState.TRANSIENT_FAILURE) {
        return void reasonOf(client).then((reason) => settle(() => reject(connectError(address, reason, tls))));
      }
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    };
    look();
  });
}

/** A channel does not tell why it failed, but a call on it does. */
function reasonOf(client: Client): Promise<string> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      asBytes,
      asBytes,
      Buffer.alloc(0),
      new Metadata(),
      { deadline: Date.now() + 1000 },
      (error: ServiceError | null) => resolve(error?.details ?? 'the connection was lost at once'),
    );
  });
}
