import type { ServerSet } from '../../downstream/server-set-api.js';
import { messageOf } from '../../errors.js';
import type { GatewayFigures } from '../../observability/figures.js';
import type { Logger } from '../../observability/logger.js';
import type { McpMeter } from '../../observability/mcp-telemetry.js';
import { createPrometheus, type Prometheus } from '../../prometheus/create-prometheus.js';
import type { Clock } from '../../time/clock.js';
import type { CallRecorder } from '../call/call-record.js';
import type { GatewayOptions } from '../gateway-options.js';
import { HeldRecords } from './held-records.js';
import { Operations } from './operations.js';
import { tellAll } from './recorders.js';
import { ruleKind } from './rule-kind.js';

/** Who is told what a gateway does. */
export interface GatewayTelemetry {
  readonly records: HeldRecords;
  /** Undefined where nobody wants to know of operations, which cost nothing then. */
  readonly operations: Operations | undefined;
  readonly metrics: Prometheus | undefined;
  close(): void;
}

/** What only the gateway knows, once it is there. */
export type GatewayCounts = Pick<GatewayFigures, 'clients' | 'calls'>;

/** Sets up what the options ask for. */
export async function openTelemetry(
  options: Pick<GatewayOptions, 'servers' | 'plugins' | 'record' | 'audit' | 'metrics' | 'telemetry'>,
  counts: GatewayCounts,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<GatewayTelemetry> {
  const { servers, plugins, audit, telemetry } = options;
  const metrics = options.metrics === true ? await createPrometheus() : options.metrics || undefined;
  const meters: readonly McpMeter[] = [metrics, telemetry].filter((meter) => meter !== undefined);
  const records = new HeldRecords(
    tellAll([audit && ((decided) => audit.record(decided)), ...meters.map(denialsFor), options.record], logger),
  );
  if (meters.length === 0) return { records, operations: undefined, metrics, close: () => {} };
  const operations = new Operations({
    meters,
    tracing: telemetry,
    transportOf: (server) => transportOf(servers, server),
    now: () => clock.now(),
    logger,
  });
  const unsubscribe = servers.onChange(({ sessionMs }) => {
    if (sessionMs !== undefined) operations.sessionEnded('client', sessionMs);
  });
  const figures = { ...counts, servers: () => servers.status(), auditDropped: () => audit?.dropped };
  const ends = meters.map((meter) => attempt(() => meter.watchGateway?.(figures), logger));
  const measuring = metrics && plugins?.measure(metrics);
  const close = (): void => {
    unsubscribe();
    measuring?.unsubscribe();
    for (const end of ends) attempt(() => end?.(), logger);
  };
  return { records, operations, metrics, close };
}

function denialsFor(meter: McpMeter): CallRecorder {
  return (record) => {
    if (record.decision === 'DENY') meter.denied?.(ruleKind(record), record.error ?? 'none');
  };
}

function attempt<Value>(tell: () => Value, logger: Logger): Value | undefined {
  try {
    return tell();
  } catch (error) {
    logger.debug({ err: error }, `telemetry failed: ${messageOf(error)}`);
    return undefined;
  }
}

function transportOf(servers: ServerSet, server: string): 'pipe' | 'tcp' | undefined {
  const reach = servers.entry(server)?.reach;
  if (reach === undefined) return undefined;
  return reach.kind === 'stdio' ? 'pipe' : 'tcp';
}
