import type { Histogram } from 'prom-client';
import {
  durationBuckets,
  type McpMeter,
  type McpOperation,
  type McpOutcome,
} from '../../observability/mcp-telemetry.js';
import type { CallRecord } from '../call/call-record.js';
import { LabelValues } from './label-values.js';
import { type MetricName, metricTable, mostValues } from './metric-table.js';
import { ServerGauges, type ServersNow } from './server-gauges.js';

/** What is asked when somebody reads the metrics. */
export interface GatewayNow extends ServersNow {
  clients(): number;
  calls(): number;
  /** Undefined where there is no audit. */
  auditDropped(): number | undefined;
}

/** The metrics of a gateway in Prometheus' text format. */
export interface MetricsPage {
  /** The media type. */
  readonly type: string;
  readonly text: string;
}

/** What a gateway counts of itself, in a registry of its own. */
export interface GatewayMetrics extends McpMeter {
  decided(record: CallRecord): void;
  page(): Promise<MetricsPage>;
}

/** Loads the library only where somebody wants metrics. */
export async function createGatewayMetrics(now: GatewayNow): Promise<GatewayMetrics> {
  const { Counter, Gauge, Histogram: Durations, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  const settings = (name: MetricName) => {
    const { help, labelNames } = metricTable[name];
    return { name, help, labelNames: [...labelNames], registers };
  };
  const durations = (name: MetricName): Histogram =>
    new Durations({ ...settings(name), buckets: [...durationBuckets] });
  const operations = {
    server: durations('mcp_server_operation_duration_seconds'),
    client: durations('mcp_client_operation_duration_seconds'),
  };
  const sessions = {
    server: durations('mcp_server_session_duration_seconds'),
    client: durations('mcp_client_session_duration_seconds'),
  };
  const denied = new Counter(settings('gatechart_denied_total'));
  const labels = new OperationLabels();
  const gauges = new ServerGauges(now, {
    state: new Gauge(settings('gatechart_server_state')),
    restarts: new Counter(settings('gatechart_server_restarts_total')),
    waiting: new Gauge(settings('gatechart_server_calls_waiting')),
    inFlight: new Gauge(settings('gatechart_server_calls_running')),
  });
  const calls = new Gauge(settings('gatechart_calls'));
  const clients = new Gauge(settings('gatechart_clients'));
  const dropped = new Counter(settings('gatechart_audit_dropped_total'));
  return {
    operationEnded: (operation, outcome, seconds) =>
      operations[operation.side].observe(labels.of(operation, outcome), seconds),
    sessionEnded: (side, seconds) => sessions[side].observe(seconds),
    decided: (record) => {
      if (record.decision === 'DENY') denied.inc({ rule_kind: ruleKind(record), error_type: record.error ?? 'none' });
    },
    page: async () => {
      gauges.update();
      calls.set(now.calls());
      clients.set(now.clients());
      dropped.reset();
      dropped.inc(now.auditDropped() ?? 0);
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

class OperationLabels {
  readonly #methods = new LabelValues(mostValues.methods);
  readonly #tools = new LabelValues(mostValues.tools);
  readonly #servers = new LabelValues(mostValues.servers);
  readonly #errors = new LabelValues(mostValues.errors);

  of({ side, method, server, subject, transport }: McpOperation, { errorType }: McpOutcome): Record<string, string> {
    const isTool = method === 'tools/call' && subject !== undefined;
    return {
      mcp_method_name: this.#methods.of(method),
      // Whoever calls tools that are not there must not crowd out the names of those that are.
      ...(isTool && { gen_ai_tool_name: this.#tools.of(subject, errorType === undefined) }),
      ...(errorType !== undefined && { error_type: this.#errors.of(errorType) }),
      ...(side === 'client' && server !== undefined && { mcp_server_name: this.#servers.of(server) }),
      ...(side === 'client' && transport !== undefined && { network_transport: transport }),
    };
  }
}

/** Who refused: the rules file, the entry of the server, a plugin, the proof that HTTP asks for, or nobody but the gateway. */
function ruleKind({ error, operation, rule }: CallRecord): string {
  if (operation === 'http') return 'http';
  if (error === 'BLOCKED_BY_PLUGIN') return 'plugin';
  if (rule === undefined) return 'none';
  return rule.startsWith('agents.') ? 'rules' : 'entry';
}
