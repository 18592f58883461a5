export {
  type AnswerResumptionContext,
  type AnswerResumptionEvent,
  type AnswerResumptionInput,
  answerResumptionMachine,
  type AnswerResumptionSettings,
} from './answer-resumption.machine.js';
export { type BranchContext, type BranchEvent, type BranchInput, branchMachine } from './branch.machine.js';
export {
  type CallContext,
  type CallEvent,
  callMachine,
} from './call.machine.js';
export {
  type CircuitBreakerContext,
  type CircuitBreakerEvent,
  type CircuitBreakerInput,
  circuitBreakerMachine,
} from './circuit-breaker.machine.js';
export {
  type ConfigWatchContext,
  type ConfigWatchEvent,
  type ConfigWatchInput,
  configWatchMachine,
} from './config-watch.machine.js';
export type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  ConnectionSettings,
  RefusalReason,
} from './connection-context.js';
export { connectionMachine } from './connection.machine.js';
export {
  type DownstreamSessionContext,
  type DownstreamSessionEvent,
  type DownstreamSessionInput,
  downstreamSessionMachine,
} from './downstream-session.machine.js';
export type {
  EventStreamContext,
  EventStreamEvent,
  EventStreamInput,
  EventStreamSettings,
} from './event-stream-context.js';
export { eventStreamMachine } from './event-stream.machine.js';
export {
  type GatewayCallContext,
  type GatewayCallEvent,
  type GatewayCallInput,
  gatewayCallMachine,
} from './gateway-call.machine.js';
export type { InvocationContext, InvocationEvent, InvocationInput, InvocationStep } from './invocation-context.js';
export { invocationMachine } from './invocation.machine.js';
export type {
  LoginContext,
  LoginEvent,
  LoginInput,
  LoginMachineSettings,
  PreparedLogin,
  RefusedRequest,
  StoredFacts,
  TokenFacts,
} from './login-context.js';
export { loginMachine } from './login.machine.js';
export { type ListWatchEvent, type ListWatchInput, listWatchMachine } from './list-watch.machine.js';
export type { PluginContext, PluginEvent, PluginInput } from './plugin-context.js';
export { pluginMachine } from './plugin.machine.js';
export {
  type PooledManagerContext,
  type PooledManagerEvent,
  type PooledManagerInput,
  pooledManagerMachine,
} from './pooled-manager.machine.js';
export {
  type PoolEntryContext,
  type PoolEntryEvent,
  type PoolEntryInput,
  poolEntryMachine,
} from './pool-entry.machine.js';
export { type ReloadContext, type ReloadEvent, reloadMachine } from './reload.machine.js';
export { type ServerContext, type ServerEvent, type ServerInput, serverMachine } from './server.machine.js';
export {
  type DeliveryAttempt,
  type WebhookDeliveryContext,
  type WebhookDeliveryEvent,
  type WebhookDeliveryInput,
  webhookDeliveryMachine,
} from './webhook-delivery.machine.js';
