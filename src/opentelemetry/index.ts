export { createOpenTelemetry, type OpenTelemetry, type OpenTelemetryOptions } from './create-open-telemetry.js';
