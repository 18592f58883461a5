export type {
  PluginAnswer,
  PluginScript,
  ServerAnswer,
  ServerListing,
  ServerStart,
  SimulationAct,
} from './acts.js';
export type { SimulationViolation } from './invariants.js';
export type { SimulationEvent } from './journal.js';
export { failureText, summaryLine } from './report-text.js';
export { actsOfText } from './shrink.js';
export { simulate, type SimulateOptions, type SimulationFailure, type SimulationReport } from './simulate.js';
export type { RecorderOf, SimulationCheck, SimulationView } from './simulation-run.js';
