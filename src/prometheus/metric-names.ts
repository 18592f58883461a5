import { type MeasureName, measures } from '../observability/measures.js';

const suffixes = { duration: '_seconds', count: '_total', total: '_total', gauge: '' } as const;

/** The name of a figure as Prometheus writes names of OpenTelemetry: `mcp_server_operation_duration_seconds`. */
export function metricName(name: MeasureName): string {
  return `${labelName(name)}${suffixes[measures[name].kind]}`;
}

/** The same of an attribute. */
export function labelName(attribute: string): string {
  return attribute.replaceAll('.', '_');
}

export function labelsOf(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [labelName(name), value]));
}
