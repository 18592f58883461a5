/** The validated configuration, in TypeScript's names: each type is in the file of its section. */

export type { EnvironmentSettings } from './environment/environment.js';
export type { ClientTlsConfig } from './sections/client-tls.js';
export type { Condition } from './sections/conditions.js';
export type { Config } from './sections/configuration.js';
export type { GrpcClientConfig } from './sections/grpc-client.js';
export type { HttpClientSettings } from './sections/http-client.js';
export type { McpClientConfig } from './sections/mcp-client.js';
export type { ListenConfig, ServerLimits } from './sections/network-server.js';
export type { PluginConfig } from './sections/plugin-entry.js';
export type { PluginModeName } from './sections/plugin-modes.js';
export type { ManagerSettings } from './sections/plugin-settings.js';
export type { ReplayPolicy } from './sections/reconnection.js';
export type { ServerTlsConfig } from './sections/server-tls.js';
export type { UnixSocketClientConfig } from './sections/unix-socket-client.js';
