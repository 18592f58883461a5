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
export type {
  PluginAnswer,
  PluginScript,
  ServerAnswer,
  ServerListing,
  ServerStart,
  SimulationAct,
} from './simulation/acts.js';
export type { SimulationViolation } from './simulation/invariants.js';
export type { SimulationEvent } from './simulation/journal.js';
export {
  simulate,
  type SimulateOptions,
  type SimulationFailure,
  type SimulationReport,
} from './simulation/simulate.js';
export type { RecorderOf, SimulationCheck, SimulationView } from './simulation/simulation-run.js';
