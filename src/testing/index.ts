export {
  type ChainHarness,
  type ChainHarnessOptions,
  createChainHarness,
  type HarnessPlugin,
} from './chain-harness.js';
export {
  type ConnectionHarness,
  type ConnectionHarnessOptions,
  createConnectionHarness,
} from './connection-harness.js';
export { applyFault, type Fault, faultArbitrary, type FaultOptions } from './faults.js';
export { type Incident, type IncidentOptions, replayIncident } from './incident.js';
export { ManualClock } from './manual-clock.js';
export { type LogEntry, type LogLevel, RecordingLogger } from './recording-logger.js';
export { RecordedSpan, RecordingObservability } from './recording-observability.js';
export {
  type CloseBehaviour,
  type OpenBehaviour,
  type PingBehaviour,
  type RequestBehaviour,
  Script,
} from './scripted-behaviour.js';
export { ScriptedLink } from './scripted-link.js';
export { ScriptedRequest } from './scripted-request.js';
export {
  type ScriptedOpening,
  ScriptedTransport,
  type ScriptedTransportOptions,
} from './scripted-transport.js';
export { seededRandom } from './seeded-random.js';
export {
  type PluginAnswer,
  type PluginScript,
  type RecorderOf,
  type ServerAnswer,
  type ServerListing,
  type ServerStart,
  simulate,
  type SimulateOptions,
  type SimulationAct,
  type SimulationCheck,
  type SimulationEvent,
  type SimulationFailure,
  type SimulationReport,
  type SimulationView,
  type SimulationViolation,
} from './simulation/index.js';
