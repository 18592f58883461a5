import { type MeasureName, measures } from '../observability/measures.js';

const suffixes = { duration: '_seconds', count: '_total', total: '_total', gauge: '' } as const;

/** The name of a figure as Prometheus writes names of OpenTelemetry: `mcp_server_operation_duration_seconds`. */
export function metricName(name: MeasureName): string {
  return `${labelName(name)}${suffixes[measures[name].kind]}`;
}

/** Of the attributes that there are, which are few. */
const labelNames = new Map<string, string>();

/** The same of an attribute. */
export function labelName(attribute: string): string {
  const known = labelNames.get(attribute);
  if (known !== undefined) return known;
  const name = attribute.replaceAll('.', '_');
  labelNames.set(attribute, name);
  return name;
}

export function labelsOf(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) labels[labelName(name)] = value;
  return labels;
}
