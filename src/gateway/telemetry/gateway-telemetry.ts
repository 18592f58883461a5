import type { ServerSet } from '../../downstream/server-set-api.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import type { CallRecorder } from '../call/call-record.js';
import type { GatewayOptions } from '../gateway-options.js';
import { createGatewayMetrics, type GatewayMetrics } from '../metrics/gateway-metrics.js';
import { Operations } from './operations.js';
import { tellAll } from './recorders.js';

/** Who is told what a gateway does. */
export interface GatewayTelemetry {
  readonly record: CallRecorder;
  /** Undefined where nobody wants to know of operations, which cost nothing then. */
  readonly operations: Operations | undefined;
  readonly metrics: GatewayMetrics | undefined;
  close(): void;
}

/** What only the gateway knows, once it is there. */
export interface GatewayCounts {
  clients(): number;
  calls(): number;
}

/** Sets up what the options ask for. */
export async function openTelemetry(
  options: Pick<GatewayOptions, 'servers' | 'record' | 'audit' | 'metrics' | 'telemetry'>,
  counts: GatewayCounts,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<GatewayTelemetry> {
  const { servers, audit, telemetry } = options;
  const metrics =
    options.metrics === true
      ? await createGatewayMetrics({
          servers: () => servers.status(),
          clients: () => counts.clients(),
          calls: () => counts.calls(),
          auditDropped: () => audit?.dropped,
        })
      : undefined;
  const record = tellAll(
    [audit && ((decided) => audit.record(decided)), metrics && ((decided) => metrics.decided(decided)), options.record],
    logger,
  );
  if (metrics === undefined && telemetry === undefined) {
    return { record, operations: undefined, metrics, close: () => {} };
  }
  const operations = new Operations({
    meters: [metrics, telemetry].filter((meter) => meter !== undefined),
    tracing: telemetry,
    transportOf: (server) => transportOf(servers, server),
    now: () => clock.now(),
    logger,
  });
  const close = servers.onChange(({ sessionMs }) => {
    if (sessionMs !== undefined) operations.sessionEnded('client', sessionMs);
  });
  return { record, operations, metrics, close };
}

function transportOf(servers: ServerSet, server: string): 'pipe' | 'tcp' | undefined {
  const reach = servers.entry(server)?.reach;
  if (reach === undefined) return undefined;
  return reach.kind === 'stdio' ? 'pipe' : 'tcp';
}
