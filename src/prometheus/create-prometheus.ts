import type { Registry, RegistryContentType } from 'prom-client';
import { GatechartError } from '../errors.js';
import type { HookMeter } from '../observability/hook-meter.js';
import type { McpMeter } from '../observability/mcp-telemetry.js';
import { measureNames } from '../observability/measures.js';
import { Meters } from '../observability/meters.js';
import { metricName } from './metric-names.js';
import { prometheusInstruments } from './prometheus-instruments.js';

/** Where figures are written down. */
export interface PrometheusOptions {
  /** A registry of `prom-client`, of which no other `createPrometheus` knows. Default: one of its own. */
  readonly registry?: Registry<RegistryContentType>;
}

/** The figures of managers and gateways in Prometheus' text format. */
export interface MetricsPage {
  /** The media type. */
  readonly type: string;
  readonly text: string;
}

/** Measures hooks, and what goes through gateways, in a registry of `prom-client`. */
export interface Prometheus extends Required<HookMeter>, Required<McpMeter> {
  readonly registry: Registry<RegistryContentType>;
  /** All of the registry, to be answered to who scrapes. */
  page(): Promise<MetricsPage>;
}

/**
 * Counts for Prometheus. For `metrics` of managers, pools and gateways; one for all of a process will do.
 *
 * @throws GatechartError CONFIG_INVALID for a registry that has metrics of these names already
 */
export async function createPrometheus({ registry: given }: PrometheusOptions = {}): Promise<Prometheus> {
  const library = await import('prom-client');
  const registry = given ?? new library.Registry();
  const taken = measureNames.map(metricName).find((name) => registry.getSingleMetric(name) !== undefined);
  if (taken !== undefined) {
    throw new GatechartError(
      'CONFIG_INVALID',
      `options.registry of createPrometheus has a metric ${taken} already: make one, and give it to all managers and gateways`,
    );
  }
  const meters = new Meters(prometheusInstruments(library, registry));
  return {
    registry,
    hookEnded: (measure) => meters.hookEnded(measure),
    pluginEnded: (measure) => meters.pluginEnded(measure),
    watchManager: (figures) => meters.watchManager(figures),
    operationEnded: (operation, outcome, seconds) => meters.operationEnded(operation, outcome, seconds),
    sessionEnded: (side, seconds) => meters.sessionEnded(side, seconds),
    denied: (ruleKind, errorType) => meters.denied(ruleKind, errorType),
    watchGateway: (figures) => meters.watchGateway(figures),
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
