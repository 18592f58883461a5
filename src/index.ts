export type { InspectionEvent } from 'xstate';
export { type ConfigInput, defineConfig, type PluginInput } from './catalogue/config-input.js';
export type { ReadyMadeConfigs } from './catalogue/ready-made-configs.js';
export type { EntryInput, SectionInputs } from './config/sections/section-inputs.js';
export type { ActorRecorder } from './actors/actor-recorder.js';
export type { InspectionObserver } from './actors/inspection-tree.js';
export type { Inspector } from './actors/supervisor.js';
export { ConfigError, type ConfigIssue, formatIssue } from './config/config-issue.js';
export { type EnvironmentSettings, readEnvironment } from './config/environment/environment.js';
export { loadConfig, type LoadConfigOptions, type LoadedConfig } from './config/load-config.js';
export type { ClientTlsConfig } from './config/sections/client-tls.js';
export type { Unchanged } from './config/unchanged.js';
export type { Condition } from './config/sections/conditions.js';
export type { Config } from './config/sections/configuration.js';
export type { GrpcClientConfig } from './config/sections/grpc-client.js';
export type { HttpClientSettings } from './config/sections/http-client.js';
export type { McpClientConfig } from './config/sections/mcp-client.js';
export type { ListenConfig, ServerLimits } from './config/sections/network-server.js';
export type { PluginConfig } from './config/sections/plugin-entry.js';
export type { SharedPluginConfig } from './config/sections/shared-plugin-fields.js';
export type { ModeDialect, OnError, PluginModeName } from './config/sections/plugin-modes.js';
export type { ManagerSettings } from './config/sections/plugin-settings.js';
export type { ReplayPolicy } from './config/sections/reconnection.js';
export type { ServerTlsConfig } from './config/sections/server-tls.js';
export type { ExternalTransports } from './config/sections/transports.js';
export type { UnixSocketClientConfig } from './config/sections/unix-socket-client.js';
export type { CallOptions, Connection, ConnectionStatus } from './connection/connection-api.js';
export { defaultConnectionSettings } from './connection/connection-set.js';
export { createServerSet } from './downstream/create-server-set.js';
export type {
  LoginClaim,
  LoginClient,
  LoginKey,
  LoginStore,
  LoginTokens,
  StoredLogin,
} from './downstream/login/stored-login.js';
export type { Isolation, LoginSettings, ServerEntry, ServerReach } from './downstream/server-entry.js';
export type {
  DownstreamCaller,
  DownstreamOptions,
  Listed,
  ListKind,
  NextStep,
  ServerChange,
  ServerExplanation,
  ServerList,
  ServerSet,
  ServersReload,
  ServerStatus,
  Subscription,
} from './downstream/server-set-api.js';
export type { ServerInput, ServersInput } from './downstream/servers-file/servers-input.js';
export type { ServerSetOptions } from './downstream/set/server-set-options.js';
export type { GlobalContext, UserContext } from './context/global-context.js';
export type { NamedCallContext } from './context/named-call-context.js';
export { type LocalContext, PluginContexts } from './context/plugin-contexts.js';
export type { DelegationExtension, DelegationHop } from './extensions/delegation-extension.js';
export type {
  AgentExtension,
  CompletionExtension,
  ConversationExtension,
  Extensions,
  FrameworkExtension,
  HttpExtension,
  LlmExtension,
  McpExtension,
  MetaExtension,
  PromptMetadata,
  ProvenanceExtension,
  RequestExtension,
  ResourceMetadata,
  ToolMetadata,
} from './extensions/extensions.js';
export type {
  DataPolicy,
  ObjectSecurityProfile,
  RetentionPolicy,
  SecurityExtension,
  SubjectExtension,
} from './extensions/security-extension.js';
export type { Headers } from './hooks/headers.js';
export { type Audit, type AuditOptions, createAudit } from './gateway/audit/create-audit.js';
export type { CallFailure, FailureCode, FailureDetails } from './gateway/call/call-failure.js';
export type { CallRecord, CallRecorder } from './gateway/call/call-record.js';
export type { GatewayRequest } from './gateway/call/gateway-request.js';
export { createGateway } from './gateway/create-gateway.js';
export type { Envelope } from './gateway/faces/on-demand/execute-tool.js';
export type { Gateway, GatewayReload } from './gateway/gateway.js';
export type { FaceName, GatewayOptions } from './gateway/gateway-options.js';
export type { GatewayHttpOptions } from './gateway/http/http-options.js';
export type { GatewayOAuthOptions } from './gateway/http/oauth-options.js';
export type { ProvenAgents } from './gateway/identity/proven-agent.js';
export type { PrefixMode } from './gateway/offer/prefixes.js';
export type { ReloadCounts } from './gateway/reload/reload-record.js';
export type { RulesSource } from './gateway/reload/rules-in-force.js';
export {
  type GatewayServer,
  type GatewayTransport,
  serveGateway,
  type ServeGatewayOptions,
} from './gateway/serve-gateway.js';
export type { GatewayStatus } from './gateway/status/gateway-status.js';
export { type ReadRules, readRules, type ReadRulesOptions } from './gateway/rules/read-rules.js';
export type { AgentRulesInput, RuleListsInput, RulesInput } from './gateway/rules/rules-input.js';
export type { RuleDecision, Rules } from './gateway/rules/rules.js';
export { guardClient, type GuardableClient, type GuardClientOptions } from './guard/guard-client.js';
export {
  type ExecutableTool,
  type GuardedFunction,
  type GuardedTool,
  guardTool,
  type GuardToolOptions,
  type ToolCall,
  type ToolFunction,
} from './guard/guard-tool.js';
export type { GuardingManager, OutcomeListener, PostHook, PreHook } from './guard/guarded-call.js';
export type { ContextOfRequest, ExtensionsOfRequest, GuardedMethod, GuardedRequest } from './guard/guarded-request.js';
export type { RequestParams } from './guard/request-params.js';
export { type ErrorCode, errorCodes, type ErrorOptions, GatechartError, isGatechartError } from './errors.js';
export {
  type AgentPostInvokePayload,
  type AgentPreInvokePayload,
  builtInHooks,
  type BuiltInHooks,
  type HttpAuthCheckPermissionPayload,
  type HttpAuthCheckPermissionResult,
  type HttpAuthResolveUserPayload,
  type HttpPostRequestPayload,
  type HttpPreRequestPayload,
  type PromptPostFetchPayload,
  type PromptPreFetchPayload,
  type ResourcePostFetchPayload,
  type ResourcePreFetchPayload,
  type ToolListPostPayload,
  type ToolPostInvokePayload,
  type ToolPreInvokePayload,
} from './hooks/built-in-hooks.js';
export type {
  ContentOf,
  ContentPart,
  ContentType,
  MediaSource,
  Message,
  MessageChannel,
  MessagePayload,
  MessagePlace,
  MessageRole,
  ResourceType,
} from './hooks/cmf/message.js';
export { type MessageAction, type MessageView, messageViews } from './hooks/cmf/message-views.js';
export {
  type ConditionSubject,
  defineHook,
  type Exactly,
  type HookDefinition,
  type HookMap,
  type HookTypes,
  type Subject,
} from './hooks/hook.js';
export type { DenialExecution, DenialOutcome, ExecutionReport } from './hooks/denial-outcome.js';
export type { ExecutionRecord, ExecutionStatus } from './hooks/execution-record.js';
export type {
  IdentityResolvePayload,
  IdentityResolveResult,
  TokenAttenuation,
  TokenDelegatePayload,
  TokenDelegateResult,
} from './hooks/identity/identity.js';
export type {
  BackgroundReport,
  BlockedOutcome,
  HookOutcome,
  OutcomeFields,
  PassedOutcome,
} from './hooks/hook-outcome.js';
export { type DenialMetadata, type PluginResult, pluginResultSchema, type Violation } from './hooks/hook-result.js';
export { gatewayPolicies, type PayloadPolicies, type PayloadPolicy } from './hooks/payload-policy.js';
export type { GrpcServerOptions } from './serving/grpc/grpc-server.js';
export type { PluginHost } from './hosting/plugin-host.js';
export type { HttpServerLimits, HttpServerOptions } from './serving/http/http-server.js';
export type { ReplayLimits } from './serving/http/session-replay.js';
export type { SessionLimits } from './serving/http/session-table.js';
export type { LoadLimits } from './serving/server-load.js';
export type { McpCall, McpCaller, McpClient, McpIdentity, McpService, McpWork } from './serving/mcp/mcp-service.js';
export type { StdioStreams } from './serving/stdio/stdio-session.js';
export {
  createPluginServer,
  type PluginServer,
  type PluginServerLimits,
  type PluginServerOptions,
  type PluginServerTransport,
} from './hosting/plugin-server.js';
export type { UnixServerOptions } from './serving/unix/unix-server.js';
export type { CloseOptions } from './manager/close-options.js';
export { createManager } from './manager/create-manager.js';
export { createManagerPool } from './manager/pool/create-manager-pool.js';
export type { ManagerPool } from './manager/pool/manager-pool.js';
export type { ManagerPoolOptions } from './manager/pool/manager-pool-options.js';
export type { PluginOverride } from './manager/pool/manager-pool-overrides.js';
export type { PooledManagerStatus } from './manager/pool/manager-pool-status.js';
export type { PooledManager } from './manager/pool/pooled-manager.js';
export type { ManagerOptions } from './manager/manager-options.js';
export type { InvokeOptions, InvokePluginOptions } from './manager/invoke-options.js';
export type { PluginManager } from './manager/plugin-manager.js';
export type { PluginStatus } from './manager/lives/plugin-status.js';
export type { ReloadReport } from './manager/reload/reload-report.js';
export { createLogger, type Logger, silentLogger } from './observability/logger.js';
export type { GatewayFigures, ManagerFigures } from './observability/figures.js';
export type { HookMeasure, HookMeter, PluginMeasure } from './observability/hook-meter.js';
export type { McpMeter, McpOperation, McpOutcome, McpSpan, McpTelemetry } from './observability/mcp-telemetry.js';
export type {
  ObservabilityProvider,
  Span,
  SpanAttributes,
  SpanError,
  SpanResource,
  TraceParent,
} from './observability/spans.js';
export { definePlugin, type DefinedPluginContext, type PluginOptions } from './plugins/define-plugin.js';
export type { PluginActors } from './plugins/plugin-actors.js';
export type {
  HandlerResult,
  HookHandler,
  HookHandlers,
  PluginDefinition,
  PluginInstance,
  PluginSetup,
} from './plugins/plugin.js';
export { Plugin, type PluginClass } from './plugins/plugin-class.js';
export type { PluginContext } from './plugins/plugin-context.js';
export { PluginError, type PluginFailure, PluginViolationError } from './plugins/plugin-error.js';
export type { PluginKind } from './plugins/plugin-loader.js';
export type { CancelListener, CancelSignal } from './time/cancellation.js';
export type { Clock, Random, TimerHandle } from './time/clock.js';
export type { McpPeer, McpRequest, McpResponse } from './transports/mcp/mcp-messages.js';
export type { ChildAddress, UrlAddress } from './transports/mcp/open-server-transport.js';
export {
  type CallListener,
  type Link,
  type LinkClosed,
  LinkError,
  type RequestOutcome,
  type RequestOptions,
  RpcRefusal,
  type ServerNotification,
  type ServerQuestion,
  type StreamStatus,
  type Transport,
} from './transports/transport.js';
